"""The library's settings for its peer: the strongest that its documentation offers one process."""

from psycopg.conninfo import conninfo_to_dict

BEST_POOL_SIZE = 10  # 1 to 40 differ by noise only: the table lock lets one writer in


def environment(database_url: str, pool_size: int = BEST_POOL_SIZE) -> dict[str, str]:
    """A cache without fast-forward saves a select per read; right because one process writes.
    `POSTGRES_ENABLE_DB_FUNCTIONS` stays off: that path takes no lock and loses events for readers.
    """
    target = conninfo_to_dict(database_url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_HOST": str(target["host"]),
        "POSTGRES_PORT": str(target.get("port", 5432)),
        "POSTGRES_USER": str(target["user"]),
        "POSTGRES_PASSWORD": str(target.get("password", "")),
        "POSTGRES_DBNAME": str(target["dbname"]),
        "POSTGRES_POOL_SIZE": str(pool_size),
        "POSTGRES_MAX_OVERFLOW": "0",
        "AGGREGATE_CACHE_MAXSIZE": "1000",
        "AGGREGATE_CACHE_FASTFORWARD": "n",
    }
