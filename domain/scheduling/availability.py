"""Availability: when a person can work, as he or she says.

Source: the Scheduler document, "API Surface", ``/availability/me``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid
from domain.shared.ids import PersonId, TenantId, derived_id
from domain.shared.period import Period, joined
from domain.shared.texts import text_of
from domain.shared.wall_clock import wall_day, wall_period
from domain.shared.zones import zone_name

MOST_WINDOWS, MOST_BLACKOUTS = 100, 500
_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Window:
    """A stretch of each week in wall time. `weekday` counts from Monday, 1, to Sunday, 7; an `end`
    that is not after `start` is that time of the next day.
    """

    weekday: int
    start: time
    end: time

    def on(self, day: date, zone: str) -> Period | None:
        """The stretch that begins on that day, if one does."""
        return wall_period(day, self.start, self.end, zone) if self._begins_on(day) else None

    def _begins_on(self, day: date) -> bool:
        return day.isoweekday() == self.weekday


@dataclass(frozen=True)
class Blackout:
    """A stretch of time in which the person can't work, whatever the weekly pattern says."""

    period: Period
    reason: str = ""


@dataclass(frozen=True)
class Calendar:
    """The whole document. `weekly` is None where no pattern is stated: then any time will do; an
    empty pattern means never.
    """

    zone: str
    weekly: tuple[Window, ...] | None = None
    blackouts: tuple[Blackout, ...] = ()

    def checked(self) -> "Calendar":
        """In the form in which it is kept. Raises Invalid when a part can't be one."""
        zone_name(self.zone)
        if self.weekly is not None and len(self.weekly) > MOST_WINDOWS:
            raise Invalid("These are too many windows.", {"weekly": f"at most {MOST_WINDOWS}"})
        if len(self.blackouts) > MOST_BLACKOUTS:
            raise Invalid(
                "These are too many blackouts.", {"blackouts": f"at most {MOST_BLACKOUTS}"}
            )
        weekly = None if self.weekly is None else tuple(sorted({*map(_window, self.weekly)}))
        return Calendar(self.zone, weekly, tuple(map(_blackout, self.blackouts)))

    def offers(self, period: Period) -> bool:
        """Whether the weekly pattern covers all of the period, by one window or adjoining ones."""
        return self.weekly is None or any(
            window.start <= period.start and period.end <= window.end
            for window in joined(self._windows_around(period))
        )

    def blackout_in(self, period: Period) -> Blackout | None:
        """The first blackout that overlaps the period."""
        return next((each for each in self.blackouts if each.period.overlaps(period)), None)

    def _windows_around(self, period: Period) -> Iterator[Period]:
        # One that began the day before may reach into the first day.
        day = wall_day(period.start, self.zone) - _DAY
        while day <= wall_day(period.end, self.zone):
            for window in self.weekly or ():
                if (found := window.on(day, self.zone)) is not None:
                    yield found
            day += _DAY


def _window(window: Window) -> Window:
    if not 1 <= window.weekday <= 7:  # noqa: PLR2004 - ISO 8601 counts so
        raise Invalid(
            "There is no such day of the week.",
            {"weekly": "weekday must be between 1, Monday, and 7, Sunday"},
        )
    return window


def _blackout(blackout: Blackout) -> Blackout:
    if blackout.period.hours <= 0:
        raise Invalid("A blackout ends before it starts.", {"blackouts": "end must be after start"})
    reason = text_of("reason", blackout.reason, "blackouts") if blackout.reason.strip() else ""
    return Blackout(blackout.period, reason)


class Availability(Aggregate):
    TOPIC = "scheduling.Availability"

    class Stated(Created):
        TOPIC = "scheduling.AvailabilityStated"
        person_id: PersonId
        calendar: Calendar

    class Replaced(Event):
        TOPIC = "scheduling.AvailabilityReplaced"
        person_id: PersonId
        calendar: Calendar

    @event(Stated)
    def __init__(self, id: UUID, person_id: PersonId, calendar: Calendar) -> None:  # noqa: ARG002
        self.person_id = person_id
        self.calendar = calendar

    @staticmethod
    def id_of(tenant_id: TenantId, person_id: PersonId) -> UUID:
        return derived_id(tenant_id, "availability", person_id)

    @classmethod
    def state(cls, id: UUID, person_id: PersonId, calendar: Calendar) -> "Availability":
        """Raises Invalid when a part of the calendar can't be one."""
        return cls(id=id, person_id=person_id, calendar=calendar.checked())

    def replace(self, calendar: Calendar) -> None:
        """Raises Invalid. Stating what is so already changes nothing."""
        if (checked := calendar.checked()) != self.calendar:
            self._replaced(person_id=self.person_id, calendar=checked)

    @event(Replaced)
    def _replaced(self, person_id: PersonId, calendar: Calendar) -> None:  # noqa: ARG002
        self.calendar = calendar
