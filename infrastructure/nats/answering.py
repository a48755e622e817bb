"""Whether there is a NATS to work with: asked once, before a process relies on it for good."""

import asyncio
import contextlib
import ssl
from time import monotonic
from typing import Any

from nats.aio.client import Client
from nats.errors import Error
from nats.js.errors import APIError, ServiceUnavailableError

from infrastructure.nats.connection import credentials
from infrastructure.settings import WrongSettingsError

OLDEST = (2, 10)
"""The oldest version that we were tried with."""
PAUSE = 0.2
"""Seconds between two attempts."""
# Without reconnecting, a refusal is raised; a port where nobody listens is tried again.
_OPTIONS: dict[str, Any] = {
    "name": "start",
    "allow_reconnect": False,
    "max_reconnect_attempts": -1,
    "reconnect_time_wait": PAUSE,
    "connect_timeout": 2,
}
_DECIDED = ("authorization", "authentication", "user jwt")
"""What a server's refusal speaks of; to ask again would change nothing."""


async def wait_for_jetstream(nats_url: str, patience: float) -> None:
    """Return as soon as JetStream answers.

    Raises WrongSettingsError with what is wrong: at once when the login or the certificate is
    refused, otherwise when it still is so after `patience` seconds.
    """
    deadline = monotonic() + patience
    while (wrong := await _attempt(nats_url, deadline)) is not None:
        if _is_decided(wrong) or monotonic() + PAUSE > deadline:
            raise WrongSettingsError(f"OPSTREAM_NATS_URL: {_told(wrong, _places(nats_url))}")
        await asyncio.sleep(PAUSE)


async def _attempt(nats_url: str, deadline: float) -> Exception | None:
    """What was wrong this time."""
    client, seen = Client(), list[Exception]()

    async def note(error: Exception) -> None:
        seen.append(error)

    try:
        async with asyncio.timeout(max(PAUSE, deadline - monotonic())):
            await client.connect(nats_url, error_cb=note, **_OPTIONS, **credentials(nats_url))
            await client.jetstream(timeout=2).account_info()
            _check_version(client)
    except TimeoutError as error:
        return seen[-1] if seen else error
    except (Error, OSError, ValueError) as error:
        return error
    finally:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await client.close()
    return None


def _check_version(client: Client) -> None:
    """Raises WrongSettingsError."""
    version = client.connected_server_version
    found = (version.major, version.minor)
    if found < OLDEST:
        this, needed = (f"{major}.{minor}" for major, minor in (found, OLDEST))
        raise WrongSettingsError(
            f"OPSTREAM_NATS_URL: this is NATS {this}; {needed} or newer is needed"
        )


def _is_decided(wrong: Exception) -> bool:
    return isinstance(wrong, ssl.SSLError) or any(word in str(wrong).lower() for word in _DECIDED)


def _told(wrong: Exception, places: str) -> str:
    match wrong:
        case ssl.SSLError():
            return f"TLS with {places} fails: {wrong.reason or wrong}"
        case ServiceUnavailableError(description=None):
            return f"JetStream is switched off at {places}"
        case APIError():
            said = f"has no JetStream that works: {wrong.description}"
        case TimeoutError():
            said = "does not answer"
        case OSError():
            said = f"can't be reached: {wrong.strerror or wrong}"
        case _ if _is_decided(wrong):
            said = "refuses the login"
        case _:
            said = f"is no NATS that we understand: {wrong}"
    return f"{places} {said}"


def _places(nats_url: str) -> str:
    """Without users and passwords."""
    return ", ".join(url.rpartition("://")[2].rpartition("@")[2] for url in nats_url.split(","))
