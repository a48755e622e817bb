"""Publishing many messages at once and knowing which of them JetStream has stored."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Self
from uuid import uuid4

import nats.errors
import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from infrastructure.nats.connection import stores_batches

ACK_TIMEOUT = 2.0
"""Seconds after which a window that is not acknowledged in full is given up."""

ATOMIC_FROM = 16
"""Messages from which on one atomic batch (NATS ADR-50) costs less than as many acknowledgements:
measured, half more for 8, a third less for 32, and a fifth of it for 128, for it is flushed to the
disk once.
"""

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
        if (
            len(messages) >= ATOMIC_FROM
            and stores_batches(self._client)
            and await self._stored_as_one(messages)
        ):
            return len(messages)
        return await self._store_each(messages)

    async def _stored_as_one(self, messages: Sequence[Outgoing]) -> bool:
        """Whether an atomic batch of them was stored. If not, it is not known why: the server may
        remember one of them from before, or be out of reach.
        """
        batch_id = uuid4().hex
        for sequence, message in enumerate(messages[:-1], start=1):
            headers = _in_batch(batch_id, sequence, message)
            await self._client.publish(message.subject, message.payload, headers=headers)
        last = messages[-1]
        headers = _in_batch(batch_id, len(messages), last) | {"Nats-Batch-Commit": "1"}
        try:
            answer = await self._client.request(
                last.subject, last.payload, timeout=ACK_TIMEOUT, headers=headers
            )
        except (nats.errors.Error, TimeoutError):
            return False
        return _count_in(answer) == len(messages)

    async def _store_each(self, messages: Sequence[Outgoing]) -> int:
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


def _in_batch(batch_id: str, sequence: int, message: Outgoing) -> dict[str, str]:
    return {
        "Nats-Msg-Id": message.message_id,
        "Nats-Batch-Id": batch_id,
        "Nats-Batch-Sequence": str(sequence),
    }


def _count_in(answer: Msg) -> int:
    """The messages that an acknowledged batch has stored."""
    try:
        return int(orjson.loads(answer.data).get("count", 0))
    except (ValueError, AttributeError):
        return 0


def _error_in(answer: Msg) -> str | None:
    if answer.headers and answer.headers.get("Status") == "503":
        return "no stream"
    try:
        body = orjson.loads(answer.data)
        return str(body["error"].get("description")) if "error" in body else None
    except (ValueError, AttributeError):
        return "not an acknowledgement"
