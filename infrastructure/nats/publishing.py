"""Publishing many messages at once and knowing which of them JetStream has stored."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Self

import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

ACK_TIMEOUT = 2.0
"""Seconds after which a window that is not acknowledged in full is given up."""

INFINITY = float("inf")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outgoing:
    subject: str
    payload: bytes
    message_id: str


class Window:
    """One inbox for the acknowledgements of many messages in flight. One window at a time."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._inbox = client.new_inbox()
        self._number = 0
        self._waiting: set[int] = set()
        self._failed: dict[int, str] = {}
        self._news = asyncio.Event()

    async def open(self) -> Self:
        await self._client.subscribe(f"{self._inbox}.*", cb=self._answered)
        return self

    async def publish(self, messages: Sequence[Outgoing]) -> int:
        """How many of the messages are stored, counted up to the first that is not known to be."""
        self._number += 1
        reconnects = self._client.stats["reconnects"]
        self._waiting, self._failed = set(range(len(messages))), {}
        for place, message in enumerate(messages):
            await self._client.publish(
                message.subject,
                message.payload,
                reply=f"{self._inbox}.{self._number}-{place}",
                headers={"Nats-Msg-Id": message.message_id},
            )
        await self._settled(reconnects)
        first = min([*self._waiting, *self._failed], default=len(messages))
        if first < len(messages):
            log.warning("nats.not_stored", error=self._failed.get(first, "no answer"))
        return first

    @property
    def _is_settled(self) -> bool:
        """Nothing that is still to be answered can change how many are stored in a row."""
        return not self._waiting or min(self._waiting) > min(self._failed, default=INFINITY)

    async def _settled(self, reconnects: int) -> None:
        """Until the answer is known, or what was in flight is lost."""
        deadline = monotonic() + ACK_TIMEOUT
        while not self._is_settled and monotonic() < deadline:
            if self._client.stats["reconnects"] != reconnects:
                return
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self._news.wait()

    async def _answered(self, answer: Msg) -> None:
        number, _, text = answer.subject.rpartition(".")[2].partition("-")
        place = int(text)
        if int(number) != self._number or place not in self._waiting:
            return
        self._waiting.discard(place)
        if (error := _error_in(answer)) is not None:
            self._failed[place] = error
        if not self._waiting or self._failed:
            self._news.set()


def _error_in(answer: Msg) -> str | None:
    if answer.headers and answer.headers.get("Status") == "503":
        return "no stream"
    try:
        body = orjson.loads(answer.data)
        return str(body["error"].get("description")) if "error" in body else None
    except (ValueError, AttributeError):
        return "not an acknowledgement"
