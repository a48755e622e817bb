"""Bodies of the document's events, and of users."""

from datetime import datetime
from typing import Self
from uuid import UUID

from domain.shared.period import Period
from domain.work.occasion import Occasion, OccasionChange
from interfaces.http.eventflow.common import AN_ID, In, Out
from interfaces.http.eventflow.task_schemas import Description
from interfaces.http.fields import Moment, Text, example, left_out
from interfaces.http.listing import Row

_WEDDING = {
    "name": "Wedding of Ana and Ben",
    "startsAt": "2027-06-05T12:00:00+02:00",
    "endsAt": "2027-06-06T02:00:00+02:00",
}


class EventIn(In):
    model_config = example(**_WEDDING)

    name: Text
    description: Description = ""
    starts_at: Moment
    ends_at: Moment

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)


class EventChangeIn(In):
    """What is left out stays as it is."""

    model_config = example(**_WEDDING)

    name: Text = left_out()
    description: Description = left_out()
    starts_at: Moment = left_out()
    ends_at: Moment = left_out()

    def change(self) -> OccasionChange:
        return OccasionChange(self.name, self.description, self.starts_at, self.ends_at)


class EventMemberIn(In):
    model_config = example(userId=AN_ID)

    user_id: UUID


class EventOut(Out):
    id: UUID
    name: str
    description: str
    starts_at: datetime
    ends_at: datetime
    members: int
    """How many there are."""

    @classmethod
    def of(cls, occasion: Occasion) -> Self:
        return cls(
            id=occasion.id,
            name=occasion.name,
            description=occasion.description,
            starts_at=occasion.period.start,
            ends_at=occasion.period.end,
            members=len(occasion.members),
        )

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(
            id=row.occasion_id,
            name=row.name,
            description=row.description,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            members=row.members,
        )


class EventMemberOut(Out):
    user_id: UUID
    name: str
    email: str
    joined_at: datetime

    @classmethod
    def of_rows(cls, member: Row, account: Row) -> Self:
        return cls(
            user_id=member.account_id,
            name=account.name,
            email=account.email,
            joined_at=member.joined_at,
        )
