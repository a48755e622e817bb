"""What is acknowledged is on disk, whatever the database or the role has for a default."""

from typing import Any

import psycopg

# One statement per connection, for a connection's options could not leave alone what waits for
# other servers too.
_DURABLY = """
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') = 'off'
"""


async def commit_durably(connection: psycopg.AsyncConnection[Any]) -> None:
    """Wait for the disk at each commit; the connection must be in autocommit."""
    await connection.execute(_DURABLY)


async def durable(conninfo: str) -> psycopg.AsyncConnection[Any]:
    """A connection whose commits have reached the disk when they are answered."""
    connection = await psycopg.AsyncConnection.connect(
        conninfo, autocommit=True, prepare_threshold=0
    )
    try:
        await commit_durably(connection)
    except BaseException:
        await connection.close()
        raise
    return connection
