"""Database URLs, as psycopg and as SQLAlchemy want them."""

from psycopg.conninfo import make_conninfo

_TIMEOUTS = (
    "-c lock_timeout=2000 -c statement_timeout={statement} "
    "-c idle_in_transaction_session_timeout=2000"
)


def sqlalchemy_url(database_url: str) -> str:
    _, separator, rest = database_url.partition("://")
    return f"postgresql+psycopg{separator}{rest}"


def bounded_conninfo(
    database_url: str, *, statement_timeout_ms: int = 4000, application: str = "opstream"
) -> str:
    """A connection string on which no statement, lock or idle transaction can hang.

    `statement_timeout_ms` 0 lifts the bound for the statement, as rebuilding needs it.
    """
    return make_conninfo(
        database_url,
        connect_timeout=3,
        keepalives=1,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=8000,
        application_name=application,
        options=_TIMEOUTS.format(statement=statement_timeout_ms),
    )
