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
    html: str | None = None
    """The same for a reader who can see it, where the channel has such a form."""


class UndeliverableError(Exception):
    """It can't be sent to that address, however often it is tried."""


class Channel(Protocol):
    name: str
    """How deliveries name this channel, such as ``email``."""

    async def send(self, message: OutgoingMessage) -> None:
        """Raises UndeliverableError, or whatever else keeps it from being sent; it is then tried
        again later. What an error says is shown to admins, and so tells no secret.

        The same message may come twice, when it is not known whether it was sent.
        """
