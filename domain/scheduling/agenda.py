"""Agenda: the bookings of one person in one month.

It is saved in the same append as the shift that books it, so two commands that book the same person
for the same time can't both succeed, whatever process they run in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.ids import PersonId, ShiftId, TenantId, derived_id
from domain.shared.period import Month, Period


@dataclass(frozen=True)
class Booking:
    shift_id: ShiftId
    period: Period


class Agenda(Aggregate):
    TOPIC = "scheduling.Agenda"

    class Opened(Created):
        TOPIC = "scheduling.AgendaOpened"
        person_id: PersonId
        month: str

    class Booked(Event):
        TOPIC = "scheduling.AgendaBooked"
        shift_id: ShiftId
        period: Period

    class Released(Event):
        TOPIC = "scheduling.AgendaReleased"
        shift_id: ShiftId

    @event(Opened)
    def __init__(self, id: UUID, person_id: PersonId, month: str) -> None:  # noqa: ARG002
        self.person_id = person_id
        self.month = month
        """Year and month in UTC, such as ``2026-11``."""
        self.bookings: dict[ShiftId, Period] = {}

    @staticmethod
    def id_of(tenant_id: TenantId, person_id: PersonId, month: Month) -> UUID:
        return derived_id(tenant_id, "agenda", person_id, month)

    def all_bookings(self) -> Iterator[Booking]:
        return (Booking(shift_id, period) for shift_id, period in self.bookings.items())

    def book(self, shift_id: ShiftId, period: Period) -> None:
        self._booked(shift_id=shift_id, period=period)

    def release(self, shift_id: ShiftId) -> None:
        if shift_id in self.bookings:
            self._released(shift_id=shift_id)

    @event(Booked)
    def _booked(self, shift_id: ShiftId, period: Period) -> None:
        self.bookings[shift_id] = period

    @event(Released)
    def _released(self, shift_id: ShiftId) -> None:
        self.bookings.pop(shift_id, None)


def release(agendas: Iterable[Agenda], shift_id: ShiftId) -> None:
    """Free them of the shift, where they are booked for it."""
    for agenda in agendas:
        agenda.release(shift_id)
