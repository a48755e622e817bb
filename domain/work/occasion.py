"""Occasion: what the EventFlow document calls an event, such as a wedding; its members have its
tasks in scope.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid
from domain.shared.ids import AccountId
from domain.shared.keeping import KEPT, Kept, kept_or
from domain.shared.period import Period
from domain.shared.texts import description_of, name_of


@dataclass(frozen=True)
class OccasionChange:
    """What is given is changed, the rest kept."""

    name: str | Literal[Kept.KEPT] = KEPT
    description: str | Literal[Kept.KEPT] = KEPT
    start: datetime | Literal[Kept.KEPT] = KEPT
    end: datetime | Literal[Kept.KEPT] = KEPT


class Occasion(Aggregate):
    TOPIC = "work.Occasion"

    class Planned(Created):
        TOPIC = "work.OccasionPlanned"
        name: str
        description: str
        period: Period

    class Changed(Event):
        TOPIC = "work.OccasionChanged"
        name: str
        description: str
        period: Period

    class MemberAdded(Event):
        TOPIC = "work.OccasionMemberAdded"
        account_id: AccountId

    class MemberRemoved(Event):
        TOPIC = "work.OccasionMemberRemoved"
        account_id: AccountId

    @event(Planned)
    def __init__(self, id: UUID, name: str, description: str, period: Period) -> None:  # noqa: ARG002
        self.name = name
        self.description = description
        self.period = period
        self.members: tuple[AccountId, ...] = ()

    @classmethod
    def plan(cls, id: UUID, name: str, description: str, period: Period) -> "Occasion":
        """Raises Invalid when a part can't be one."""
        return cls(
            id=id,
            name=name_of("event", name),
            description=description_of("event", description),
            period=_forwards(period),
        )

    def change(self, change: OccasionChange) -> None:
        """Raises Invalid."""
        new = (
            kept_or(self.name, change.name, lambda name: name_of("event", name)),
            kept_or(
                self.description, change.description, lambda text: description_of("event", text)
            ),
            _forwards(
                Period(
                    kept_or(self.period.start, change.start), kept_or(self.period.end, change.end)
                )
            ),
        )
        if new != (self.name, self.description, self.period):
            self._changed(*new)

    def add_member(self, account_id: AccountId) -> None:
        if account_id not in self.members:
            self._member_added(account_id)

    def remove_member(self, account_id: AccountId) -> None:
        """What the member did, and has to do, stays."""
        if account_id in self.members:
            self._member_removed(account_id)

    @event(Changed)
    def _changed(self, name: str, description: str, period: Period) -> None:
        self.name = name
        self.description = description
        self.period = period

    @event(MemberAdded)
    def _member_added(self, account_id: AccountId) -> None:
        self.members = (*self.members, account_id)

    @event(MemberRemoved)
    def _member_removed(self, account_id: AccountId) -> None:
        self.members = tuple(each for each in self.members if each != account_id)


def _forwards(period: Period) -> Period:
    if period.end <= period.start:
        raise Invalid("An event ends after it starts.", {"endsAt": "must be after startsAt"})
    return period
