"""Whether JetStream works: a server with a full disk goes on answering pings."""

import asyncio

from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import NoStreamResponseError, NotFoundError

from infrastructure.nats.connection import Told, connected

_STREAM = "HEALTH"
_SUBJECT = "opstream.health"
_PAYLOAD = b"x" * 8192


class Health:
    """`replicas` are those of the stream of events: what one node's loss would not stop there must
    not stop here.
    """

    def __init__(self, nats_url: str, replicas: int = 1) -> None:
        self._nats_url = nats_url
        self._wanted = _config(replicas)
        self._told = Told("health")
        self._is_declared = False

    async def round_trip(self, timeout: float = 2.0) -> None:  # noqa: ASYNC109 - a bound on all of it
        """A message stored and acknowledged. Raises TimeoutError or nats.errors.Error when not."""
        async with (
            asyncio.timeout(timeout),
            connected(self._nats_url, "health", self._told) as client,
        ):
            js = client.jetstream(timeout=timeout)
            if not self._is_declared:
                await self._declare(js)
            try:
                await js.publish(_SUBJECT, _PAYLOAD)
            except NoStreamResponseError:
                await self._declare(js)
                await js.publish(_SUBJECT, _PAYLOAD)
        self._told.well()

    async def _declare(self, js: JetStreamContext) -> None:
        try:
            found = (await js.stream_info(_STREAM)).config
        except NotFoundError:
            await js.add_stream(self._wanted)
        else:
            if found.num_replicas != self._wanted.num_replicas:
                await js.update_stream(self._wanted)
        self._is_declared = True


def _config(replicas: int) -> StreamConfig:
    """The same stream as the embedded server's own probe."""
    return StreamConfig(
        name=_STREAM,
        subjects=[_SUBJECT],
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_msgs=1,
        num_replicas=replicas,
    )
