"""How shifts end: cancelled, completed, or given up as drafts; and being reminded of them."""

import pytest

from domain.scheduling.agenda import Agenda
from domain.scheduling.candidate import Candidate
from domain.scheduling.refusals import NotADraft, NotOpen, ShiftIsNotOver, ShiftIsOver
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import AssignmentStatus, PlanChange, ShiftStatus
from domain.shared.errors import Invalid, RuleBroken
from domain.shared.moment import happening_at
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    when,
)
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    LAST_WEEK,
    MORNING,
    NOON,
    OTHER,
    OVER,
    SHIFT,
    agenda,
    draft,
    hours,
    person,
    published,
)

UNDER_WAY = hours(5, 7)


def called_off():
    shift = published(accepted=[ANA])
    with happening_at(LAST_WEEK):
        shift.cancel("Flooded.", ())
    return shift


def completed():
    shift = published(OVER, accepted=[ANA])
    with happening_at(OVER.end):
        shift.complete()
    return shift


def given_up():
    shift = draft()
    with happening_at(LAST_WEEK):
        shift.discard()
    return shift


ENDED = {"cancelled": called_off, "completed": completed, "discarded": given_up}
each_end = pytest.mark.parametrize("status", ENDED)


class TestCancelling:
    def test_whoever_is_on_it_is_free_again(self):
        shift = published(headcount=2, pending=[ANA], accepted=[BEN])
        hers, his = agenda(ANA, {SHIFT: MORNING, OTHER: NOON}), agenda(BEN, {SHIFT: MORNING})
        given(shift, hers, his)
        when(lambda shift, *agendas: shift.cancel("  Flooded. ", agendas))
        then(
            happened(Shift.Cancelled, reason="Flooded."),
            happened(Agenda.Released, originator_id=hers.id, shift_id=SHIFT),
            happened(Agenda.Released, originator_id=his.id, shift_id=SHIFT),
        )
        assert (hers.bookings, his.bookings) == ({OTHER: NOON}, {})

    def test_it_stays_known_who_was_on_it(self):
        shift = called_off()
        assert (shift.status, shift.assignments) == (
            ShiftStatus.CANCELLED,
            {ANA: AssignmentStatus.ACCEPTED},
        )

    def test_a_shift_that_is_under_way_can_be_cancelled(self):
        given(published(UNDER_WAY))
        when(lambda shift: shift.cancel("Flooded.", ()))
        then(happened(Shift.Cancelled, reason="Flooded."))

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, "nul\x00"], ids=repr)
    def test_it_needs_a_reason(self, reason):
        given(published())
        when(lambda shift: shift.cancel(reason, ()))
        assert set(then_failed(Invalid).data["fields"]) == {"reason"}

    def test_a_draft_is_discarded_instead(self):
        given(draft())
        when(lambda shift: shift.cancel("Flooded.", ()))
        then_refused(NotOpen, status="draft")

    def test_what_is_over_can_not_be_cancelled(self):
        given(published(OVER))
        when(lambda shift: shift.cancel("Flooded.", ()))
        then_refused(ShiftIsOver)


class TestCompleting:
    def test_a_shift_is_completed_once_it_has_ended(self):
        shift = published(OVER, accepted=[ANA])
        given(shift)
        when(lambda shift: shift.complete())
        then(happened(Shift.Completed))
        assert shift.assignments == {ANA: AssignmentStatus.ACCEPTED}

    @pytest.mark.parametrize("period", [UNDER_WAY, MORNING], ids=["under way", "to come"])
    def test_it_is_not_completed_before(self, period):
        given(published(period))
        when(lambda shift: shift.complete())
        then_refused(ShiftIsNotOver)

    def test_a_draft_is_not_completed(self):
        given(draft())
        when(lambda shift: shift.complete())
        then_refused(NotOpen, ShiftIsNotOver, status="draft")


class TestDiscarding:
    def test_a_draft_is_given_up(self):
        given(draft())
        when(lambda shift: shift.discard())
        then(happened(Shift.Discarded))

    def test_a_published_shift_is_not(self):
        given(published())
        when(lambda shift: shift.discard())
        then_refused(NotADraft, status="published")


class TestReminding:
    def test_whoever_accepted_is_reminded(self):
        given(published(headcount=3, accepted=[ANA, CLEO], pending=[BEN]))
        when(lambda shift: shift.remind())
        then(happened(Shift.Reminded, person_ids=(ANA, CLEO)))

    def test_where_nobody_has_accepted_nobody_is_reminded(self):
        given(published(headcount=2, pending=[ANA], declined=[BEN]))
        when(lambda shift: shift.remind())
        then_nothing()

    def test_of_what_is_over_nobody_is_reminded(self):
        given(published(OVER, accepted=[ANA]))
        when(lambda shift: shift.remind())
        then_refused(ShiftIsOver)


@each_end
class TestAfterwards:
    def test_it_is_what_it_is(self, status):
        assert ENDED[status]().status == status

    @pytest.mark.parametrize(
        "act",
        [
            lambda shift: shift.change(PlanChange(headcount=2)),
            lambda shift: shift.discard(),
        ],
        ids=["changed", "discarded"],
    )
    def test_it_is_no_draft(self, status, act):
        given(ENDED[status]())
        when(act)
        then_refused(NotADraft, status=status)

    @pytest.mark.parametrize(
        "act",
        [
            lambda shift: shift.cancel("Flooded.", ()),
            lambda shift: shift.remind(),
            lambda shift: shift.assign_all([Candidate(person(BEN))]),
            lambda shift: shift.claim(Candidate(person(BEN))),
            lambda shift: shift.accept(BEN),
            lambda shift: shift.decline(ANA, ()),
        ],
        ids=["cancelled", "reminded of", "assigned", "claimed", "accepted", "declined"],
    )
    def test_it_is_not_open(self, status, act):
        given(ENDED[status]())
        when(act)
        assert NotOpen(status) in refusals()

    def test_it_is_not_completed_again(self, status):
        given(ENDED[status]())
        when(lambda shift: shift.complete())
        assert NotOpen(status) in refusals()


def refusals():
    return then_failed(RuleBroken).refusals
