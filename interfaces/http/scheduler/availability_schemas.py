"""Bodies of availability."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from domain.scheduling.availability import (
    MOST_BLACKOUTS,
    MOST_WINDOWS,
    Availability,
    Blackout,
    Calendar,
    Window,
)
from domain.shared.ids import PersonId
from domain.shared.period import Period
from domain.shared.texts import LONGEST_TEXT
from interfaces.http.fields import Body, Moment, Storable, Whole, Zone, example
from interfaces.http.scheduler.common import Out


def _clock_text(value: object) -> object:
    """A number would be read as seconds since midnight, and be almost right."""
    if not isinstance(value, str):
        raise ValueError("must be a time of day, such as 06:30")  # noqa: TRY004 - pydantic's way
    return value


def _without_zone(clock: time) -> time:
    if clock.tzinfo is not None or clock.microsecond:
        raise ValueError("must be a time of day, such as 06:30, without an offset or fractions")
    return clock


Clock = Annotated[time, BeforeValidator(_clock_text), AfterValidator(_without_zone)]


class WindowIn(Body):
    model_config = example(weekday=5, start="20:00", end="06:00")

    weekday: Annotated[Whole, Field(ge=1, le=7, description="From Monday, 1, to Sunday, 7.")]
    start: Clock
    end: Annotated[Clock, Field(description="Not after the start: that time of the next day.")]

    def window(self) -> Window:
        return Window(self.weekday, self.start, self.end)


class BlackoutIn(Body):
    model_config = example(
        start="2027-12-24T00:00:00+01:00", end="2027-12-27T00:00:00+01:00", reason="Christmas"
    )

    start: Moment
    end: Moment
    reason: Annotated[str, Field(max_length=LONGEST_TEXT), Storable] = ""


class AvailabilityIn(Body):
    model_config = example(
        zone="Europe/Berlin",
        weekly=[{"weekday": 1, "start": "06:00", "end": "14:30"}],
        blackouts=[{"start": "2027-12-24T00:00:00+01:00", "end": "2027-12-27T00:00:00+01:00"}],
    )

    zone: Zone
    """The IANA zone of the weekly pattern."""
    weekly: Annotated[Sequence[WindowIn] | None, Field(max_length=MOST_WINDOWS)] = None
    """When work is possible, each week. Null: any time will do; empty: never."""
    blackouts: Annotated[Sequence[BlackoutIn], Field(max_length=MOST_BLACKOUTS)] = ()

    def calendar(self) -> Calendar:
        weekly = None if self.weekly is None else tuple(each.window() for each in self.weekly)
        blackouts = tuple(
            Blackout(Period(each.start, each.end), each.reason) for each in self.blackouts
        )
        return Calendar(self.zone, weekly, blackouts)


class WindowOut(Out):
    weekday: int
    start: time
    end: time


class BlackoutOut(Out):
    start: datetime
    end: datetime
    reason: str


class AvailabilityOut(Out):
    person_id: UUID
    stated: bool
    """Whether anything was ever said; what was not said is no restriction."""
    zone: str | None
    weekly: list[WindowOut] | None
    blackouts: list[BlackoutOut]

    @classmethod
    def of(cls, person_id: PersonId, availability: Availability | None) -> Self:
        if availability is None:
            return cls(person_id=person_id, stated=False, zone=None, weekly=None, blackouts=[])
        calendar = availability.calendar
        weekly = calendar.weekly
        zone = ZoneInfo(calendar.zone)
        return cls(
            person_id=person_id,
            stated=True,
            zone=calendar.zone,
            weekly=None if weekly is None else [WindowOut(**vars(window)) for window in weekly],
            blackouts=[
                BlackoutOut(
                    start=each.period.start.astimezone(zone),
                    end=each.period.end.astimezone(zone),
                    reason=each.reason,
                )
                for each in calendar.blackouts
            ],
        )
