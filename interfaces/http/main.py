"""The API process."""

import asyncio
import signal
import socket
import sys

import uvicorn
import uvloop

from infrastructure.logging import configure_logging
from infrastructure.settings import Settings
from interfaces.http.app import build_app
from interfaces.http.one_write import OneWrite
from interfaces.starting import check_database, check_identity

GRACE = 20
"""Seconds that running requests have when the process is told to stop."""
LINGER = 0.3
"""Seconds in which a process that was told to stop still hears what its connections bring."""


def run_api(settings: Settings, listener: socket.socket | None = None) -> None:
    """Serve until told to stop; on a listening socket when one is given.

    Raises WrongSettingsError, StartupFailed or psycopg.OperationalError.
    """
    check_identity(settings)
    check_database(settings)
    configure_logging(settings)
    config = uvicorn.Config(
        build_app(settings),
        host=settings.host,
        port=settings.port,
        http=OneWrite,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        timeout_graceful_shutdown=GRACE,
        lifespan="on",
    )
    server = Server(config)
    sockets = None if listener is None else [listener]
    # uvicorn raises the signal again once it has stopped; by then there is nothing left to end.
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda _signum, _frame: sys.exit(0))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve(sockets))


class Server(uvicorn.Server):
    """Leaves politely. uvicorn closes at once every connection on which no request is being
    answered; a request that had been sent by then, and not been read, would be lost.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        # Whoever gets an answer now asks the next time on another connection.
        self.server_state.default_headers = [(b"connection", b"close")]
        await asyncio.sleep(LINGER)
        await super().shutdown(sockets)
