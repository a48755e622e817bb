"""Candidate: somebody who might take a place on a shift, and what is known around that time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.scheduling.agenda import Agenda, Booking
from domain.scheduling.availability import Calendar
from domain.scheduling.person import Person
from domain.shared.ids import PersonId, ShiftId
from domain.shared.period import Period


@dataclass(frozen=True)
class Candidate:
    person: Person
    agendas: Sequence[Agenda] = ()
    """Of every month that matters: of the shift, of the rest around it, and of its weeks."""
    calendar: Calendar | None = None
    """What the person says of when he or she can work; None while nothing was said."""
    minimum_rest: timedelta = timedelta(0)
    giving_up: frozenset[ShiftId] = frozenset()
    """Shifts that count no more, since they are handed on in the same decision."""

    @property
    def id(self) -> PersonId:
        return PersonId(self.person.id)

    def bookings(self, besides: ShiftId) -> Iterator[Booking]:
        """Each once, although a booking stands in the agenda of every month that it touches."""
        not_counted = {besides, *self.giving_up}
        for agenda in self.agendas:
            for booking in agenda.all_bookings():
                if booking.shift_id not in not_counted:
                    not_counted.add(booking.shift_id)
                    yield booking

    def book(self, shift_id: ShiftId, period: Period) -> None:
        for agenda in self.agendas_of(period):
            agenda.book(shift_id, period)

    def agendas_of(self, period: Period) -> list[Agenda]:
        """Those in which a shift of that period is booked."""
        months = {str(month) for month in period.months()}
        return [agenda for agenda in self.agendas if agenda.month in months]
