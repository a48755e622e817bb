"""The connection to NATS, which never gives up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from nats.aio.client import Client
from nats.errors import Error

CONNECT_TIMEOUT = 3.0
"""Seconds after which a first connection is given up; a lost one is renewed without end."""

BATCHES_SINCE = (2, 12)
"""The first version of NATS that does."""

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def connected(nats_url: str, name: str, told: "Told | None" = None) -> AsyncIterator[Client]:
    """A connection under this name, renewed by itself for as long as the block runs. Who connects
    again and again hands in the same `told`, so that an outage is logged once.

    Raises TimeoutError or nats.errors.Error when there is none within `CONNECT_TIMEOUT`.
    """
    client = Client()
    told = told or Told(name)
    told.is_closing = False
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            await client.connect(nats_url, name=name, **credentials(nats_url), **_options(told))
        yield client
    finally:
        told.is_closing = True
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await client.close()


@contextlib.asynccontextmanager
async def outlasting(client: Client) -> AsyncIterator[None]:
    """Swallow what NATS fails with while it is away; the client reconnects meanwhile.

    Raises it when the client has given up for good, as when it is refused.
    """
    try:
        yield
    except (Error, TimeoutError) as error:
        if client.is_closed:
            raise
        log.warning("nats.failed", error=type(error).__name__)
        await asyncio.sleep(0.2)


def stores_batches(client: Client) -> bool:
    """Whether the server that it is connected to stores a batch of messages as one (ADR-50)."""
    version = client.connected_server_version
    return (version.major, version.minor) >= BATCHES_SINCE


def credentials(nats_url: str) -> dict[str, Any]:
    """Told apart from the URL, or the client has none for the servers that it discovers."""
    url = urlsplit(nats_url.partition(",")[0])
    if url.username is None:
        return {}
    if url.password is None:
        return {"token": unquote(url.username)}
    return {"user": unquote(url.username), "password": unquote(url.password)}


def _options(told: "Told") -> dict[str, Any]:
    """A dead link is noticed after 10 s of silence; by default it would be minutes."""
    return {
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": 0.2,
        "connect_timeout": 2,
        "ping_interval": 5,
        "max_outstanding_pings": 2,
        "error_cb": told.error,
        "disconnected_cb": told.disconnected,
        "reconnected_cb": told.reconnected,
    }


class Told:
    """What the client reports, logged once per outage instead of at each attempt."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._known: set[str] = set()
        self.is_closing = False

    def well(self) -> None:
        """The outage, if there was one, is over."""
        self._known.clear()

    async def error(self, error: Exception) -> None:
        kind = type(error).__name__
        if kind not in self._known:
            log.warning("nats.error", connection=self._name, error=kind)
        self._known.add(kind)

    async def disconnected(self) -> None:
        if not self.is_closing:
            log.warning("nats.disconnected", connection=self._name)

    async def reconnected(self) -> None:
        self.well()
        log.info("nats.reconnected", connection=self._name)
