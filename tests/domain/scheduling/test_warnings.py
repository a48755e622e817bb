"""What is told of an assignment, and does not keep it from being made."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.scheduling.agenda import Agenda
from domain.scheduling.candidate import Candidate
from domain.scheduling.refusals import NoWarnings
from domain.scheduling.shift import Shift
from domain.scheduling.warnings import Override, WeeklyHoursAboveCap, warnings_about
from domain.shared.ids import ShiftId
from domain.shared.moment import happening_at
from domain.shared.period import Month, Period
from tests.support.given import given, happened, then, then_refused, told_of, when
from tests.support.scheduling import (
    ANA,
    BEN,
    EVENING,
    LAST_WEEK,
    MORNING,
    OTHER,
    SHIFT,
    SWAP,
    agenda,
    draft,
    hours,
    person,
    published,
)

THIRTY_HOURS = {
    ShiftId(UUID(int=number)): hours(0, 10, day=day) for number, day in enumerate((4, 5, 6))
}
ABOVE = WeeklyHoursAboveCap(ANA, "2026-W45", hours=36.0, cap=35.5)


def capped(cap, *agendas, giving_up=()):
    return Candidate(person(ANA, cap=cap), agendas, giving_up=frozenset(giving_up))


def warned(period=MORNING, headcount=2):
    shift = published(period, headcount=headcount)
    with happening_at(LAST_WEEK):
        shift.assign_all([capped(35.5, agenda(ANA, THIRTY_HOURS))])
    return shift


def told(shift, candidate):
    return [(one.week, one.hours) for one in warnings_about(shift, candidate)]


class TestWeeklyHours:
    def test_hours_above_the_cap_are_told(self):
        given(published(), agenda(ANA, THIRTY_HOURS))
        when(lambda shift, agenda: shift.assign_all([capped(35.5, agenda)]))
        then(
            happened(Shift.PersonAssigned, person_id=ANA),
            happened(Shift.WarningsRaised, person_id=ANA, warnings=(ABOVE,)),
            happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
        )
        assert ABOVE.message == "The person has 36 h in week 2026-W45; the cap is 35.5 h."

    @pytest.mark.parametrize("cap", [None, 36, 36.5, 168])
    def test_hours_up_to_the_cap_are_not(self, cap):
        assert told(published(), capped(cap, agenda(ANA, THIRTY_HOURS))) == []

    def test_hours_that_make_just_the_cap_are_not_more_because_of_how_they_add_up(self):
        """Six times 4 h 40 min are 28 h, but not when fractions of hours are added up."""
        start, length = hours(0, 1, day=3).start, timedelta(hours=4, minutes=40)
        booked = {
            ShiftId(UUID(int=day)): Period(
                start + timedelta(days=day), start + timedelta(days=day) + length
            )
            for day in range(5)
        }
        sixth = published(Period(MORNING.start, MORNING.start + length))
        assert told(sixth, capped(28, agenda(ANA, booked))) == []
        assert told(sixth, capped(27.99, agenda(ANA, booked))) == [("2026-W45", 28.0)]

    def test_a_shift_alone_can_be_too_much(self):
        assert told(published(), capped(5)) == [("2026-W45", 6.0)]

    def test_only_the_hours_within_the_week_count(self):
        """The night from Sunday to Monday is four hours in the old week and five in the new, of
        which one is UTC's Sunday.
        """
        night = hours(19, 28, day=1)
        assert told(published(night), capped(3)) == [("2026-W44", 4.0), ("2026-W45", 5.0)]
        assert told(published(night), capped(4)) == [("2026-W45", 5.0)]

    def test_weeks_are_those_of_the_units_wall(self):
        """In Berlin it is Monday already when it is Sunday, 23:00, in UTC."""
        monday = hours(23, 31, day=1)
        assert told(draft(monday), capped(1)) == [("2026-W45", 8.0)]

    def test_hours_of_other_weeks_do_not_count(self):
        next_week = {OTHER: hours(0, 20, day=9)}
        assert told(published(), capped(6, agenda(ANA, next_week))) == []

    def test_a_week_over_two_months_is_counted_in_both_agendas(self):
        """The week from 30 November on."""
        november = agenda(ANA, {OTHER: hours(0, 20, day=30)})
        december = agenda(ANA, {THIRD: hours(0, 20, day=2, month=12)}, Month(2026, 12))
        shift = published(hours(0, 10, day=4, month=12))
        assert told(shift, capped(49, november, december)) == [("2026-W49", 50.0)]

    def test_a_shift_over_the_months_is_counted_once(self):
        night = {OTHER: hours(20, 30, day=30)}
        both = agenda(ANA, night), agenda(ANA, night, Month(2026, 12))
        shift = published(hours(0, 10, day=4, month=12))
        assert told(shift, capped(19, *both)) == [("2026-W49", 20.0)]

    def test_a_week_over_new_year_has_one_name(self):
        silvester = hours(0, 10, day=31, month=12)
        january = agenda(ANA, {OTHER: hours(24, 34, day=31, month=12)}, Month(2027, 1))
        assert told(published(silvester), capped(19, january)) == [("2026-W53", 20.0)]

    def test_what_is_given_up_does_not_count(self):
        booked = agenda(ANA, {OTHER: EVENING})
        assert told(published(), capped(6, booked)) == [("2026-W45", 14.0)]
        assert told(published(), capped(6, booked, giving_up=[OTHER])) == []


THIRD = ShiftId(UUID(int=33))


class TestOverriding:
    def test_an_override_is_told_instead_of_the_warnings(self):
        shift = published()
        given(shift, agenda(ANA, THIRTY_HOURS))
        override = Override("Agreed with her.")
        when(lambda shift, agenda: shift.assign_all([capped(35.5, agenda)], override))
        then(
            happened(Shift.PersonAssigned, person_id=ANA),
            happened(
                Shift.WarningsOverridden,
                person_id=ANA,
                warnings=(ABOVE,),
                reason="Agreed with her.",
            ),
            happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
        )
        assert shift.told_of(ANA) == []

    def test_where_there_is_no_warning_nothing_is_overridden(self):
        given(published(), agenda(ANA))
        when(lambda shift, agenda: shift.assign_all([capped(40, agenda)], Override("So.")))
        assert told_of(Shift) == ["Shift.PersonAssigned"]

    def test_a_warning_can_be_overridden_afterwards(self):
        shift = warned()
        given(shift)
        when(lambda shift: shift.override_warnings(ANA, Override("Agreed.")))
        then(happened(Shift.WarningsOverridden, person_id=ANA, warnings=(ABOVE,), reason="Agreed."))
        assert shift.warnings == {}

    def test_a_warning_is_overridden_once(self):
        given(warned())
        when(lambda shift: shift.override_warnings(ANA, Override("Agreed.")))
        when(lambda shift: shift.override_warnings(ANA, Override("Agreed.")))
        then_refused(NoWarnings, person_id=ANA)

    def test_who_is_not_on_the_shift_has_no_warnings(self):
        given(warned())
        when(lambda shift: shift.override_warnings(BEN, Override("Agreed.")))
        then_refused(NoWarnings, person_id=BEN)


class TestLeaving:
    def test_a_warning_is_told_as_long_as_the_place_is_held(self):
        assert warned().told_of(ANA) == [ABOVE.as_data()]

    @pytest.mark.parametrize(
        "leave",
        [
            lambda shift: shift.decline(ANA, ()),
            lambda shift: shift.reassign(ANA, (), to=Candidate(person(BEN))),
            lambda shift: shift.reassign(ANA, (), to=Candidate(person(BEN)), swap_id=SWAP),
        ],
        ids=["declined", "handed on", "swapped"],
    )
    def test_it_is_gone_when_the_place_is_left(self, leave):
        shift = warned()
        given(shift)
        when(leave)
        assert shift.warnings == {}

    def test_it_stays_when_the_place_is_accepted(self):
        shift = warned()
        given(shift)
        when(lambda shift: shift.accept(ANA))
        assert shift.warnings == {ANA: (ABOVE,)}

    def test_who_takes_the_place_over_is_warned_in_turn(self):
        shift = warned()
        ben = Candidate(person(BEN, cap=1))
        given(shift)
        when(lambda shift: shift.reassign(ANA, (), to=ben))
        above = WeeklyHoursAboveCap(BEN, "2026-W45", hours=6.0, cap=1.0)
        assert shift.warnings == {BEN: (above,)}
