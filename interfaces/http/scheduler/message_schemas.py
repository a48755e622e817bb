"""Bodies of notifications and dead letters."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from infrastructure.postgres.dead_letters import DeadLetterFilter
from interfaces.http.fields import Body, Moment, example
from interfaces.http.scheduler.common import AN_ID, Out, Row

MOST_AT_ONCE = 200


class ChannelName(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class NotificationOut(Out):
    id: UUID
    kind: str
    """What it tells, such as ``shift.assigned``."""
    subject: str
    text: str
    data: Mapping[str, str]
    """The ids of what it is about."""
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(
            id=row.id,
            kind=row.kind,
            subject=row.subject,
            text=row.body,
            data=row.data,
            created_at=row.created_at,
            read_at=row.read_at,
        )


class DeadLetterOut(Out):
    id: UUID
    kind: str
    channel: str
    recipient_id: UUID
    """The person or, of a coordinator, the account."""
    address: str
    subject: str
    status: str
    """``dead``; or ``pending`` or ``sent`` after it was sent again."""
    attempts: int
    last_error: str | None
    created_at: datetime
    resends: int
    resent_by: UUID | None
    """The account that had it sent again last."""
    resent_at: datetime | None

    @classmethod
    def of_row(cls, row: Row) -> Self:
        same = cls.model_fields.keys() - {"recipient_id"}
        return cls(recipient_id=row.recipient, **{name: getattr(row, name) for name in same})


class ResendIn(Body):
    """What is left out does not restrict; `{}` asks for all."""

    model_config = example(ids=[AN_ID])

    ids: Annotated[Sequence[UUID] | None, Field(min_length=1, max_length=MOST_AT_ONCE)] = None
    channel: ChannelName | None = None
    since: Moment | None = None
    until: Moment | None = None

    def wanted(self) -> DeadLetterFilter:
        return DeadLetterFilter(self.channel, self.since, self.until, self.ids)


class ResentOut(Out):
    resent: int
    """How many there were to send again."""
