"""Two people exchange their places."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.scheduling.agenda import Agenda
from domain.scheduling.candidate import Candidate
from domain.scheduling.refusals import (
    AlreadyAnswered,
    AlreadyAssigned,
    AlreadyOffered,
    NotAssigned,
    NotOnOffer,
    NotOpen,
    OfferedToAnother,
    Overlap,
    PersonInactive,
    RoleMissing,
    ShiftIsOver,
    SwapIsNotTaken,
    SwapIsOver,
    TooLittleRest,
)
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import AssignmentStatus
from domain.scheduling.swap import Swap, SwapStatus
from domain.scheduling.swap_sides import OnOneSide, Place, Side
from domain.scheduling.warnings import WeeklyHoursAboveCap
from domain.shared.errors import Invalid, RuleBroken
from domain.shared.ids import ShiftId
from domain.shared.moment import happening_at
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    told_of,
    when,
)
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    EVENING,
    LAST_WEEK,
    MORNING,
    NOON,
    OTHER,
    OVER,
    SHIFT,
    SWAP,
    agenda,
    draft,
    hours,
    person,
    published,
)

THIRD = ShiftId(UUID(int=3))
AFTERNOON = hours(16, 20)


def offered(shift, person_id=ANA, to=None, note="", taken=None):
    """A swap of Ana's place on the shift that was offered last week."""
    with happening_at(LAST_WEEK):
        swap = Swap.offer(SWAP, shift, person_id, to=to, note=note)
        if taken is not None:
            swap.take(*taken, needs_approval=True)
    return swap


def sides(one, other, ana=None, ben=None, hers=None, his=None, rest=0.0):
    """Ana leaves the one for the other, and Ben the other for the one."""
    hers, his = hers or agenda(ANA), his or agenda(BEN)
    rest = timedelta(hours=rest)
    to_ben = Candidate(ben or person(BEN), [his], None, rest, frozenset({OTHER}))
    to_ana = Candidate(ana or person(ANA), [hers], None, rest, frozenset({SHIFT}))
    return Side(one, ANA, [hers], to_ben), Side(other, BEN, [his], to_ana)


def given_two_places(first=MORNING, second=EVENING, **people):
    """The morning is Ana's, the evening Ben's; both are booked."""
    one, other = published(first, pending=[ANA]), published(second, id=OTHER, accepted=[BEN])
    hers, his = agenda(ANA, {SHIFT: first}), agenda(BEN, {OTHER: second})
    swap = offered(one, **people)
    given(one, other, hers, his, swap)
    return one, other, hers, his, swap


def taken(one, other, hers, his, swap):
    swap.take(*sides(one, other, hers=hers, his=his), needs_approval=False)


class TestOffering:
    @pytest.mark.parametrize("answer", ["pending", "accepted"])
    def test_who_holds_a_place_offers_it(self, answer):
        given(published(**{answer: [ANA]}))
        when(lambda shift: shift.offer(ANA, SWAP))
        then(happened(Shift.PlaceOffered, person_id=ANA, swap_id=SWAP))

    def test_an_offer_says_to_whom_and_why(self):
        swap = offered(published(pending=[ANA]), to=BEN, note="  A wedding. ")
        assert (swap.shift_id, swap.person_id, swap.to_person_id) == (SHIFT, ANA, BEN)
        assert (swap.note, swap.status, swap.in_return) == ("A wedding.", SwapStatus.OFFERED, None)

    def test_the_shift_knows_its_offer(self):
        shift = published(pending=[ANA])
        offered(shift)
        assert shift.offers == {ANA: SWAP}

    def test_who_holds_no_place_has_none_to_offer(self):
        given(published(headcount=2, declined=[ANA], pending=[BEN]))
        when(lambda shift: Swap.offer(SWAP, shift, ANA))
        then_refused(AlreadyAnswered, status="declined")
        when(lambda shift: Swap.offer(SWAP, shift, CLEO))
        then_refused(NotAssigned, person_id=CLEO)

    def test_nothing_is_offered_on_a_draft_or_when_the_shift_is_over(self):
        given(draft(OVER))
        when(lambda shift: Swap.offer(SWAP, shift, ANA))
        then_refused(NotOpen, ShiftIsOver, NotAssigned, status="draft")

    def test_nobody_offers_a_place_to_himself(self):
        given(published(pending=[ANA]))
        when(lambda shift: Swap.offer(SWAP, shift, ANA, to=ANA))
        then_failed(Invalid, fields={"to_person_id": "is who offers it"})

    @pytest.mark.parametrize("note", ["x" * 1001, "nul\x00"])
    def test_a_note_that_can_not_be_kept_is_named(self, note):
        given(published(pending=[ANA]))
        when(lambda shift: Swap.offer(SWAP, shift, ANA, note=note))
        assert set(then_failed(Invalid).data["fields"]) == {"note"}

    def test_one_open_swap_is_about_a_place(self):
        shift = published(pending=[ANA])
        given(shift, offered(shift))
        when(lambda shift, swap: Swap.offer(UUID(int=9), shift, ANA, earlier=swap))
        then_refused(AlreadyOffered, person_id=ANA, swap_id=SWAP)

    def test_once_that_is_over_the_place_can_be_offered_again(self):
        shift = published(pending=[ANA])
        given(shift, offered(shift))
        when(lambda _, swap: swap.withdraw())
        when(lambda shift, swap: Swap.offer(UUID(int=9), shift, ANA, earlier=swap))
        then(happened(Shift.PlaceOffered, person_id=ANA, swap_id=UUID(int=9)))

    def test_who_leaves_the_place_takes_the_offer_along(self):
        shift = published(headcount=2, pending=[ANA, BEN])
        with happening_at(LAST_WEEK):
            shift.offer(ANA, SWAP)
            shift.offer(BEN, SWAP)
            shift.decline(ANA, ())
            shift.reassign(BEN, (), to=Candidate(person(CLEO)))
        assert shift.offers == {}


class TestTaking:
    def test_both_places_change_hands_in_one_decision(self):
        one, other, hers, his, _ = given_two_places()
        when(taken)
        then(
            happened(Shift.PlaceSwapped, person_id=ANA, to_person_id=BEN, swap_id=SWAP),
            happened(Shift.PlaceSwapped, person_id=BEN, to_person_id=ANA, swap_id=SWAP),
            happened(Agenda.Released, shift_id=SHIFT),
            happened(Agenda.Booked, shift_id=OTHER, period=EVENING),
            happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
            happened(Agenda.Released, shift_id=OTHER),
            happened(Swap.Taken, shift_id=OTHER, person_id=BEN, needs_approval=False),
            happened(Swap.Exchanged),
        )
        swapped, accepted = AssignmentStatus.SWAPPED, AssignmentStatus.ACCEPTED
        assert one.assignments == {ANA: swapped, BEN: accepted}
        assert other.assignments == {BEN: swapped, ANA: accepted}
        assert (one.taken, other.taken) == (1, 1)
        assert (hers.bookings, his.bookings) == ({OTHER: EVENING}, {SHIFT: MORNING})

    def test_what_each_gives_up_is_not_in_the_way(self):
        given_two_places(MORNING, NOON)
        when(taken)
        assert told_of(Swap) == ["Swap.Taken", "Swap.Exchanged"]

    def test_a_swap_that_needs_approval_waits_for_it(self):
        *_, swap = given_two_places()
        when(
            lambda one, other, hers, his, swap: swap.take(
                *sides(one, other, hers=hers, his=his), needs_approval=True
            )
        )
        then(happened(Swap.Taken, shift_id=OTHER, person_id=BEN, needs_approval=True))
        assert (swap.status, swap.taken_for()) == (SwapStatus.TAKEN, Place(OTHER, BEN))

    def test_who_was_meant_takes_it(self):
        given_two_places(to=BEN)
        when(taken)
        assert told_of(Swap) == ["Swap.Taken", "Swap.Exchanged"]

    def test_nobody_else_takes_what_was_offered_to_one(self):
        given_two_places(to=CLEO)
        when(taken)
        then_refused(OfferedToAnother, person_id=BEN)

    @pytest.mark.parametrize(
        ("end", "status"),
        [(Swap.withdraw, "withdrawn"), (Swap.lapse, "lapsed"), (str, "taken")],
        ids=["withdrawn", "lapsed", "taken"],
    )
    def test_only_what_is_on_offer_is_taken(self, end, status):
        one, other = published(pending=[ANA]), published(EVENING, id=OTHER, accepted=[BEN])
        swap = offered(one, taken=sides(one, other))
        with happening_at(LAST_WEEK):
            end(swap)
        given(one, other, agenda(ANA), agenda(BEN), swap)
        when(taken)
        then_refused(NotOnOffer, status=status)

    def test_who_gives_nothing_in_return_takes_nothing(self):
        one, other = published(pending=[ANA]), published(EVENING, id=OTHER, declined=[BEN])
        given(one, other, agenda(ANA), agenda(BEN), offered(one))
        when(taken)
        then_refused_on_a_side((AlreadyAnswered, OTHER, BEN))

    def test_two_on_the_same_shift_have_nothing_to_exchange(self):
        shift = published(headcount=2, pending=[ANA, BEN])
        given(shift, agenda(ANA), agenda(BEN), offered(shift))
        when(lambda shift, hers, his, swap: taken(shift, shift, hers, his, swap))
        then_refused_on_a_side((AlreadyAssigned, SHIFT, BEN), (AlreadyAssigned, SHIFT, ANA))

    def test_nobody_swaps_with_himself(self):
        one = published(pending=[ANA])
        other = published(EVENING, id=OTHER, accepted=[ANA])
        given(one, other, agenda(ANA, {SHIFT: MORNING, OTHER: EVENING}), offered(one))

        def act(one, other, hers, swap):
            ana = Candidate(person(ANA), [hers], giving_up=frozenset({SHIFT, OTHER}))
            mine = Side(one, ANA, [hers], ana), Side(other, ANA, [hers], ana)
            swap.take(*mine, needs_approval=False)

        when(act)
        then_refused_on_a_side((AlreadyAssigned, SHIFT, ANA), (AlreadyAssigned, OTHER, ANA))

    def test_every_reason_against_either_side_is_named_with_its_shift_and_person(self):
        one, other = published(OVER), published(EVENING, id=OTHER, accepted=[BEN])
        swap = offered(published(pending=[ANA]))
        with happening_at(LAST_WEEK):
            other.cancel("Flooded.", ())
        given(one, other, agenda(ANA, {THIRD: NOON}), agenda(BEN, {THIRD: OVER}), swap)
        ana, ben = person(ANA, active=False), person(BEN, roles=["cook"])
        when(
            lambda one, other, hers, his, swap: swap.take(
                *sides(one, other, ana, ben, hers, his), needs_approval=False
            )
        )
        then_refused_on_a_side(
            (NotAssigned, SHIFT, ANA),
            (ShiftIsOver, SHIFT, ANA),
            (RoleMissing, SHIFT, BEN),
            (Overlap, SHIFT, BEN),
            (NotOpen, OTHER, BEN),
            (PersonInactive, OTHER, ANA),
            (Overlap, OTHER, ANA),
        )

    def test_rest_is_asked_as_it_will_be_after_the_exchange(self):
        one, other = published(pending=[ANA]), published(EVENING, id=OTHER, accepted=[BEN])
        hers = agenda(ANA, {SHIFT: MORNING, THIRD: hours(23, 30)})
        his = agenda(BEN, {OTHER: EVENING})
        given(one, other, hers, his, offered(one))
        when(
            lambda one, other, hers, his, swap: swap.take(
                *sides(one, other, hers=hers, his=his, rest=2), needs_approval=False
            )
        )
        then_refused_on_a_side((TooLittleRest, OTHER, ANA))

    def test_weekly_hours_are_counted_as_they_will_be_after_the_exchange(self):
        one, other = published(pending=[ANA]), published(EVENING, id=OTHER, accepted=[BEN])
        given(one, other, agenda(ANA, {SHIFT: MORNING}), agenda(BEN), offered(one))
        when(
            lambda one, other, hers, his, swap: swap.take(
                *sides(one, other, person(ANA, cap=7), person(BEN, cap=6), hers, his),
                needs_approval=False,
            )
        )
        # Eight hours instead of her six; and Ben's six instead of his eight are no more than six.
        warning = WeeklyHoursAboveCap(ANA, "2026-W45", hours=8.0, cap=7.0)
        assert one.warnings == {}
        assert other.warnings == {ANA: (warning,)}


class TestApproving:
    def given_a_taken_swap(self):
        one, other = published(pending=[ANA]), published(EVENING, id=OTHER, accepted=[BEN])
        hers, his = agenda(ANA, {SHIFT: MORNING}), agenda(BEN, {OTHER: EVENING})
        swap = offered(one, taken=sides(one, other, hers=hers, his=his))
        given(one, other, hers, his, swap)
        return one, other, swap

    def test_an_approved_swap_is_exchanged(self):
        one, other, swap = self.given_a_taken_swap()
        when(
            lambda one, other, hers, his, swap: swap.approve(*sides(one, other, hers=hers, his=his))
        )
        assert told_of(Swap) == ["Swap.Approved", "Swap.Exchanged"]
        assert (one.holders, other.holders) == ([BEN], [ANA])
        assert swap.status is SwapStatus.EXCHANGED

    def test_what_does_not_hold_any_more_is_refused(self):
        one, other, _ = self.given_a_taken_swap()
        when(lambda *_: other.decline(BEN, ()))
        when(lambda *_: one.cancel("Flooded.", ()))
        when(
            lambda one, other, hers, his, swap: swap.approve(
                *sides(one, other, person(ANA, roles=()), hers=hers, his=his)
            )
        )
        then_refused_on_a_side(
            (NotOpen, SHIFT, ANA), (AlreadyAnswered, OTHER, BEN), (RoleMissing, OTHER, ANA)
        )

    def test_somebody_else_on_the_place_is_a_reason_against(self):
        one, *_ = self.given_a_taken_swap()
        when(lambda *_: one.reassign(ANA, (), to=Candidate(person(CLEO))))
        when(
            lambda one, other, hers, his, swap: swap.approve(*sides(one, other, hers=hers, his=his))
        )
        then_refused_on_a_side((AlreadyAnswered, SHIFT, ANA))

    def test_a_rejected_swap_keeps_everything_as_it_is(self):
        one, other, swap = self.given_a_taken_swap()
        when(lambda *_: swap.reject("  The ward needs her. "))
        then(
            happened(
                Swap.Rejected,
                shift_id=SHIFT,
                person_id=ANA,
                to_person_id=BEN,
                reason="The ward needs her.",
            )
        )
        assert (swap.status, swap.reason) == (SwapStatus.REJECTED, "The ward needs her.")
        assert (one.holders, other.holders) == ([ANA], [BEN])

    def test_a_rejection_has_a_reason(self):
        self.given_a_taken_swap()
        when(lambda *things: things[-1].reject(" "))
        assert set(then_failed(Invalid).data["fields"]) == {"reason"}

    def test_only_what_was_taken_is_approved_or_rejected(self):
        one, other, *_, swap = given_two_places()
        when(lambda *_: swap.approve(*sides(one, other)))
        then_refused(SwapIsNotTaken, status="offered")
        when(lambda *things: things[-1].reject("So."))
        then_refused(SwapIsNotTaken, status="offered")
        with pytest.raises(RuleBroken, match="waits for approval"):
            swap.taken_for()

    def test_a_swap_that_was_exchanged_waits_for_no_approval(self):
        *_, swap = given_two_places()
        when(taken)
        with pytest.raises(RuleBroken, match="this one is exchanged"):
            swap.taken_for()


class TestEnding:
    def test_an_offer_is_withdrawn_before_and_after_it_is_taken(self):
        one, other = published(pending=[ANA]), published(EVENING, id=OTHER, accepted=[BEN])
        given(offered(one))
        when(Swap.withdraw)
        then(happened(Swap.Withdrawn))
        waiting = offered(one, taken=sides(one, other))
        with happening_at(LAST_WEEK):
            waiting.withdraw()
        assert waiting.status is SwapStatus.WITHDRAWN

    def test_what_is_over_is_not_withdrawn(self):
        given(offered(published(pending=[ANA])))
        when(Swap.lapse)
        then(happened(Swap.Lapsed))
        when(Swap.withdraw)
        then_refused(SwapIsOver, status="lapsed")

    def test_what_is_over_does_not_lapse(self):
        given(offered(published(pending=[ANA])))
        when(Swap.withdraw)
        when(Swap.lapse)
        then_nothing()


def then_refused_on_a_side(*expected):
    """Exactly these rules were broken, each on this shift and by this person."""
    failure = then_failed(RuleBroken)
    told = [refusal.as_data() for refusal in failure.refusals]
    assert [(one["rule"], one["shift_id"], one["person_id"]) for one in told] == [
        (rule.__name__, shift_id, person_id) for rule, shift_id, person_id in expected
    ]
    assert {type(refusal) for refusal in failure.refusals} == {OnOneSide}
    assert failure.message == " ".join(one["message"] for one in told)
