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
        self._waiting: set[str] = set()
        self._failed: dict[str, str] = {}
        self._news = asyncio.Event()

    async def open(self) -> Self:
        await self._client.subscribe(f"{self._inbox}.*", cb=self._answered)
        return self

    async def publish(self, messages: Sequence[Outgoing]) -> int:
        """How many of the messages are stored, counted up to the first that is not known to be."""
        self._number += 1
        reconnects = self._client.stats["reconnects"]
        tokens = [f"{self._number}-{place}" for place in range(len(messages))]
        self._waiting, self._failed = set(tokens), {}
        for message, token in zip(messages, tokens, strict=True):
            await self._client.publish(
                message.subject,
                message.payload,
                reply=f"{self._inbox}.{token}",
                headers={"Nats-Msg-Id": message.message_id},
            )
        await self._settled(reconnects)
        for place, token in enumerate(tokens):
            if token in self._waiting or token in self._failed:
                log.warning("nats.not_stored", error=self._failed.get(token, "no answer"))
                return place
        return len(messages)

    async def _settled(self, reconnects: int) -> None:
        """Until all are answered, one has failed, or what was in flight is lost."""
        deadline = monotonic() + ACK_TIMEOUT
        while self._waiting and not self._failed and monotonic() < deadline:
            if self._client.stats["reconnects"] != reconnects:
                return
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self._news.wait()

    async def _answered(self, answer: Msg) -> None:
        token = answer.subject.rpartition(".")[2]
        if token not in self._waiting:
            return
        if (error := _error_in(answer)) is not None:
            self._failed[token] = error
        else:
            self._waiting.discard(token)
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
