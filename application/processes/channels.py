"""Channels: how a message leaves opstream."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class OutgoingMessage:
    """`key` is the same at every attempt, so that a channel can tell a repetition from a second
    message; `created_at` is aware of its time zone.
    """

    key: str
    address: str
    subject: str
    text: str
    created_at: datetime


class Channel(Protocol):
    name: str
    """How deliveries name this channel, such as ``email``."""

    async def send(self, message: OutgoingMessage) -> None:
        """Raises whatever keeps it from being sent; it is then tried again later.

        The same message may come twice, when it is not known whether it was sent.
        """
