"""Pulling a durable consumer's messages: one long request at a time, taken in small batches.

nats-py's own `fetch` answers with nothing, late, when the consumer is gone; this says so.
"""

import asyncio
from collections import deque
from time import monotonic

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg

from infrastructure.nats.streams import STREAM

ASK = 1000
"""Messages in one request to the server; taken in batches, they come while others are handled."""
_GRACE = 0.5
"""Seconds past its end after which a request counts as lost."""
_OVER = {"404", "408"}


class ConsumerGoneError(Exception):
    """The server knows no such consumer (any more)."""


class Pull:
    def __init__(self, client: Client, consumer: str) -> None:
        self._client = client
        self._inbox = client.new_inbox()
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{consumer}"
        self._messages: deque[Msg] = deque()
        self._news = asyncio.Event()
        self._asked = 0
        """How many messages of the open request are still to come."""
        self._ends_at = 0.0
        self._reconnects = 0
        self._gone = False

    async def open(self) -> None:
        await self._client.subscribe(self._inbox, cb=self._heard)

    async def batch(self, limit: int, wait: float, linger: float) -> list[Msg]:
        """At most `limit` messages: those that come within `linger` of the first, for which it
        waits at most `wait` seconds. Raises ConsumerGoneError.
        """
        if not self._messages:
            await self._ask(wait)
            await self._wait(wait)
        if self._messages and len(self._messages) < limit:
            await asyncio.sleep(linger)
        if self._gone:
            self._gone = False
            raise ConsumerGoneError
        count = min(limit, len(self._messages))
        return [self._messages.popleft() for _ in range(count)]

    async def _ask(self, wait: float) -> None:
        still_open = self._asked > 0 and monotonic() < self._ends_at
        if still_open and self._reconnects == self._client.stats["reconnects"]:
            return
        self._reconnects = self._client.stats["reconnects"]
        self._asked = ASK
        self._ends_at = monotonic() + wait + _GRACE
        request = {"batch": ASK, "expires": int(wait * 1_000_000_000)}
        await self._client.publish(self._subject, orjson.dumps(request), reply=self._inbox)

    async def _wait(self, wait: float) -> None:
        self._news.clear()
        if self._messages or self._gone:
            return
        try:
            async with asyncio.timeout(wait):
                await self._news.wait()
        except TimeoutError:
            return

    async def _heard(self, message: Msg) -> None:
        status = (message.headers or {}).get("Status")
        if status is None:
            self._messages.append(message)
            self._asked -= 1
        elif status in _OVER:
            self._asked = 0
        else:
            # 503: nobody answers there; 409: deleted, or the server is leaving.
            self._asked = 0
            self._gone = True
        self._news.set()
