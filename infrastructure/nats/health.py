"""Whether JetStream works: a server with a full disk goes on answering pings."""

import asyncio

from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import NoStreamResponseError

from infrastructure.nats.connection import connected

_SUBJECT = "opstream.health"
# The same stream as the embedded server's own probe.
_STREAM = StreamConfig(
    name="HEALTH",
    subjects=[_SUBJECT],
    storage=StorageType.FILE,
    discard=DiscardPolicy.OLD,
    max_msgs=1,
)
_PAYLOAD = b"x" * 8192


async def round_trip(nats_url: str, timeout: float = 2.0) -> None:  # noqa: ASYNC109 - a bound on all of it
    """A message stored and acknowledged. Raises TimeoutError or nats.errors.Error when not."""
    async with asyncio.timeout(timeout), connected(nats_url, "health") as client:
        js = client.jetstream(timeout=timeout)
        try:
            await js.publish(_SUBJECT, _PAYLOAD)
        except NoStreamResponseError:
            await js.add_stream(_STREAM)
            await js.publish(_SUBJECT, _PAYLOAD)
