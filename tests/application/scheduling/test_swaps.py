"""Offering a place, taking the offer, approving it, and what makes it lapse."""

from uuid import UUID

import pytest

from application.attempt import Request
from application.scheduling.assignments import DeclineAssignment, ReassignAssignment
from application.scheduling.people import ChangePerson
from application.scheduling.shifts import CancelShift, CompleteShift
from application.scheduling.swaps import (
    AcceptSwap,
    ApproveSwap,
    OfferSwap,
    RejectSwap,
    WithdrawSwap,
)
from domain.scheduling.agenda import Agenda
from domain.scheduling.person import ProfileChange
from domain.scheduling.policy import Policy, Terms
from domain.scheduling.refusals import (
    AlreadyAnswered,
    AlreadyOffered,
    NotOnOffer,
    NotOpen,
    SwapIsNotTaken,
)
from domain.scheduling.shift import Shift
from domain.scheduling.swap import Swap, SwapStatus
from domain.scheduling.swap_sides import Place
from domain.shared.errors import Forbidden, NotFound, RuleBroken
from domain.shared.ids import ShiftId, SwapId
from domain.shared.moment import happening_at
from domain.shared.period import Month
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_refused,
    told_of,
    when_asked,
)
from tests.support.scheduling import (
    ADMIN,
    ANA,
    ANA_HERSELF,
    ANAS_ACCOUNT,
    AUDITOR,
    BEN,
    BEN_HIMSELF,
    BENS_ACCOUNT,
    CLEO,
    COORDINATOR,
    EVENING,
    FOREIGN,
    LAST_WEEK,
    MORNING,
    NOBODY,
    OTHER,
    OVER,
    SHIFT,
    SWAP,
    TENANT,
    agenda,
    hours,
    person,
    published,
    role,
)

OFFER = OfferSwap(SHIFT, ANA)
ACCEPT = AcceptSwap(SWAP, OTHER, BEN)
EXCHANGED = ["Swap.Taken", "Swap.Exchanged"]
BENS_SWAP = SwapId(UUID(int=8))
THIRD = ShiftId(UUID(int=3))


def given_two_shifts(*others, first=MORNING, second=EVENING, ana=None, ben=None, offers=()):
    """Ana is on the first, and Ben on the second; who offers a place has done so last week."""
    one = published(first, pending=[ANA])
    other = published(second, id=OTHER, accepted=[BEN])
    swaps = []
    with happening_at(LAST_WEEK):
        if ANA in offers:
            swaps.append(Swap.offer(SWAP, one, ANA))
        if BEN in offers:
            swaps.append(Swap.offer(BENS_SWAP, other, BEN))
    given(
        one,
        other,
        ana or person(ANA, account=ANAS_ACCOUNT),
        ben or person(BEN, account=BENS_ACCOUNT),
        *swaps,
        *others,
    )


def given_an_offer(*others, offers=(ANA,), **told):
    booked = agenda(ANA, {SHIFT: MORNING}), agenda(BEN, {OTHER: EVENING})
    given_two_shifts(*booked, *others, offers=offers, **told)


def request():
    return Request(COORDINATOR, "request-2")


def approval():
    with happening_at(LAST_WEEK):
        return Policy(
            id=Policy.id_of(TENANT), terms=Terms(minimum_rest_hours=0, swaps_need_approval=True)
        )


def no_rest():
    with happening_at(LAST_WEEK):
        return Policy(id=Policy.id_of(TENANT), terms=Terms(minimum_rest_hours=0))


async def given_a_taken_swap(*others, **told):
    given_an_offer(approval(), *others, **told)
    await when_asked(ACCEPT, by=BEN_HIMSELF)
    assert told_of(Swap) == ["Swap.Taken"]


COMMANDS = [OFFER, ACCEPT, ApproveSwap(SWAP), RejectSwap(SWAP, "So."), WithdrawSwap(SWAP)]
each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda each: type(each).__name__)


@each_command
async def test_who_works_no_shifts_swaps_none(command):
    given_an_offer()
    await when_asked(command, by=AUDITOR)
    then_failed(Forbidden, needs=str(type(command).needs))


@pytest.mark.parametrize(
    ("command", "by"), [(OFFER, BEN_HIMSELF), (ACCEPT, ANA_HERSELF), (COMMANDS[4], BEN_HIMSELF)]
)
async def test_nobody_swaps_for_somebody_else(command, by):
    given_an_offer()
    await when_asked(command, by=by)
    failure = then_failed(Forbidden)
    assert failure.message == "This is for the person concerned, or for a coordinator."


@pytest.mark.parametrize("command", COMMANDS[2:4], ids=lambda each: type(each).__name__)
async def test_nobody_approves_or_rejects_but_a_coordinator(command):
    await given_a_taken_swap()
    await when_asked(command, by=ANA_HERSELF)
    then_failed(Forbidden, needs="swaps:approve:all")


@each_command
async def test_another_tenants_swaps_and_shifts_are_not_there(command):
    shift = published(pending=[ANA])
    with happening_at(LAST_WEEK):
        swap = Swap.offer(SWAP, shift, ANA)
    given(shift, swap, tenant=FOREIGN)
    given(person(ANA), person(BEN))
    await when_asked(command)
    then_failed(NotFound, what="shift" if command is OFFER else "swap")


@pytest.mark.parametrize("by", [ANA_HERSELF, COORDINATOR], ids=["herself", "coordinator"])
async def test_a_place_is_offered(by):
    given_two_shifts()
    done = await when_asked(OfferSwap(SHIFT, ANA, BEN, "A wedding."), by=by)
    swap, shift = done.result
    then(
        happened(Shift.PlaceOffered, person_id=ANA, swap_id=swap.id),
        happened(Swap.Offered, shift_id=SHIFT, person_id=ANA, to_person_id=BEN, note="A wedding."),
    )
    assert (swap.status, shift.offers) == (SwapStatus.OFFERED, {ANA: swap.id})


async def test_nothing_is_offered_to_who_is_not_there():
    given_two_shifts()
    await when_asked(OfferSwap(SHIFT, ANA, NOBODY), by=ANA_HERSELF)
    then_failed(NotFound, what="person", id=str(NOBODY))


async def test_a_place_is_offered_once():
    given_an_offer()
    await when_asked(OFFER, by=ANA_HERSELF)
    then_refused(AlreadyOffered, person_id=ANA, swap_id=SWAP)


async def test_of_two_offers_at_the_same_moment_one_is_made(story):
    given_two_shifts()

    async def meanwhile():
        other = story.another_process(story.log.beside())
        return await other.run(OFFER, request(), lambda result: result)

    story.log.meanwhile(meanwhile)
    await when_asked(OFFER, by=ANA_HERSELF)
    assert [type(refusal) for refusal in story.failure.refusals] == [AlreadyOffered]
    offers = [entry for entry in story.log.truth.entries if isinstance(entry.event, Swap.Offered)]
    assert len(offers) == 1


async def test_a_place_is_offered_again_when_the_first_offer_is_withdrawn():
    given_an_offer()
    await when_asked(WithdrawSwap(SWAP), by=ANA_HERSELF)
    await when_asked(OFFER, by=ANA_HERSELF)
    assert told_of(Swap) == ["Swap.Offered"]


async def test_both_sides_are_exchanged_in_one_append(story):
    given_an_offer(no_rest())
    done = await when_asked(ACCEPT, by=BEN_HIMSELF)
    swapped = {"swap_id": SWAP}
    then(
        happened(Swap.Taken, shift_id=OTHER, person_id=BEN, needs_approval=False),
        happened(Swap.Exchanged),
        happened(Shift.PlaceSwapped, person_id=ANA, to_person_id=BEN, **swapped),
        happened(Shift.PlaceSwapped, person_id=BEN, to_person_id=ANA, **swapped),
        happened(Agenda.Released, shift_id=SHIFT),
        happened(Agenda.Booked, shift_id=OTHER, period=EVENING),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
        happened(Agenda.Released, shift_id=OTHER),
    )
    assert len(story.log.appends) == 1
    swap, one, other = done.result
    assert (swap.in_return, one.holders, other.holders) == (Place(OTHER, BEN), [BEN], [ANA])


async def test_places_of_two_months_are_exchanged():
    december = hours(8, 16, day=1, month=12)
    given_two_shifts(
        no_rest(),
        agenda(ANA, {SHIFT: MORNING}),
        agenda(BEN, {OTHER: december}, Month(2026, 12)),
        second=december,
        offers=[ANA],
    )
    await when_asked(ACCEPT, by=BEN_HIMSELF)
    assert told_of(Swap) == EXCHANGED
    assert sorted(told_of(Agenda)) == [
        "Agenda.Booked",
        "Agenda.Booked",
        "Agenda.Opened",
        "Agenda.Opened",
        "Agenda.Released",
        "Agenda.Released",
    ]


async def test_the_rest_around_what_is_given_up_is_not_asked_for():
    given_an_offer()
    await when_asked(ACCEPT, by=BEN_HIMSELF)
    assert told_of(Swap) == EXCHANGED


async def test_what_keeps_either_from_the_others_place_is_named():
    given_an_offer(
        agenda(ANA, {THIRD: EVENING}, Month(2027, 1)),
        ana=person(ANA, account=ANAS_ACCOUNT, roles=()),
        ben=person(BEN, account=BENS_ACCOUNT, roles=["cook"]),
    )
    await when_asked(ACCEPT, by=BEN_HIMSELF)
    failure = then_failed(RuleBroken)
    assert [(one["rule"], one["person_id"], one["shift_id"]) for one in failure.data["broken"]] == [
        ("RoleMissing", BEN, SHIFT),
        ("RoleMissing", ANA, OTHER),
    ]


async def test_a_booking_elsewhere_is_in_the_way():
    given_two_shifts(
        agenda(ANA, {SHIFT: MORNING, THIRD: EVENING}),
        agenda(BEN, {OTHER: EVENING}),
        offers=[ANA],
    )
    await when_asked(ACCEPT, by=BEN_HIMSELF)
    (broken,) = then_failed(RuleBroken).data["broken"]
    assert (broken["rule"], broken["person_id"], broken["other"]) == ("Overlap", ANA, THIRD)


async def test_what_was_taken_waits_for_a_coordinator_where_the_policy_wants_it():
    given_an_offer(approval())
    await when_asked(ACCEPT, by=BEN_HIMSELF)
    then(happened(Swap.Taken, shift_id=OTHER, person_id=BEN, needs_approval=True))
    done = await when_asked(ApproveSwap(SWAP))
    assert told_of(Swap) == ["Swap.Approved", "Swap.Exchanged"]
    swap, one, other = done.result
    assert (swap.status, one.holders, other.holders) == (SwapStatus.EXCHANGED, [BEN], [ANA])


async def test_a_rejected_swap_changes_nothing():
    await given_a_taken_swap()
    done = await when_asked(RejectSwap(SWAP, "The ward needs her."))
    then(
        happened(
            Swap.Rejected,
            shift_id=SHIFT,
            person_id=ANA,
            to_person_id=BEN,
            reason="The ward needs her.",
        )
    )
    _, one, other = done.result
    assert (one.holders, other.holders) == ([ANA], [BEN])


@pytest.mark.parametrize("command", COMMANDS[2:4], ids=lambda each: type(each).__name__)
async def test_what_nobody_has_taken_waits_for_no_approval(command):
    given_an_offer(approval())
    await when_asked(command)
    then_refused(SwapIsNotTaken, status="offered")


async def test_what_does_not_hold_any_more_when_it_is_approved_is_named():
    await given_a_taken_swap()
    await when_asked(DeclineAssignment(OTHER, BEN), by=BEN_HIMSELF)
    await when_asked(ApproveSwap(SWAP))
    (broken,) = then_failed(RuleBroken).data["broken"]
    assert broken == {
        "rule": "AlreadyAnswered",
        "message": "The assignment is declined already.",
        "person_id": BEN,
        "shift_id": OTHER,
        "status": "declined",
    }


@pytest.mark.parametrize(
    "command",
    [DeclineAssignment(SHIFT, ANA), ReassignAssignment(SHIFT, ANA, CLEO), CancelShift(SHIFT, "So")],
    ids=lambda each: type(each).__name__,
)
async def test_who_leaves_the_place_lets_the_offer_lapse(command):
    given_an_offer(person(CLEO))
    await when_asked(command)
    assert told_of(Swap) == ["Swap.Lapsed"]
    await when_asked(ACCEPT, by=BEN_HIMSELF)
    failure = then_failed(RuleBroken)
    assert type(failure.refusals[0]) is NotOnOffer


async def test_an_offer_lapses_when_the_shift_is_completed():
    one = published(OVER, pending=[ANA])
    with happening_at(LAST_WEEK):
        swap = Swap.offer(SWAP, one, ANA)
    given(one, swap)
    await when_asked(CompleteShift(SHIFT))
    then(happened(Shift.Completed), happened(Swap.Lapsed))


async def test_a_swap_that_was_taken_lapses_too():
    await given_a_taken_swap()
    await when_asked(DeclineAssignment(SHIFT, ANA), by=ANA_HERSELF)
    assert told_of(Swap) == ["Swap.Lapsed"]


async def test_who_is_asked_again_has_offered_nothing():
    given_an_offer()
    await when_asked(DeclineAssignment(SHIFT, ANA), by=ANA_HERSELF)
    await when_asked(OFFER, by=ANA_HERSELF)
    then_refused(AlreadyAnswered, status="declined")


async def test_what_is_given_in_return_is_not_on_offer_any_more():
    given_an_offer(no_rest(), offers=[ANA, BEN])
    await when_asked(ACCEPT, by=BEN_HIMSELF)
    assert told_of(Swap) == ["Swap.Taken", "Swap.Exchanged", "Swap.Lapsed"]
    await when_asked(AcceptSwap(BENS_SWAP, SHIFT, ANA), by=ANA_HERSELF)
    assert type(then_failed(RuleBroken).refusals[0]) is NotOnOffer


async def test_what_waits_for_approval_in_return_is_still_on_offer():
    await given_a_taken_swap(offers=[ANA, BEN])
    await when_asked(AcceptSwap(BENS_SWAP, SHIFT, ANA), by=ANA_HERSELF)
    assert told_of(Swap) == ["Swap.Taken"]
    await when_asked(ApproveSwap(BENS_SWAP))
    assert sorted(told_of(Swap)) == ["Swap.Approved", "Swap.Exchanged", "Swap.Lapsed"]
    await when_asked(ApproveSwap(SWAP))
    then_refused(SwapIsNotTaken, status="lapsed")


async def test_a_shift_that_was_cancelled_meanwhile_is_named():
    given_an_offer()
    await when_asked(CancelShift(OTHER, "Flooded."))
    await when_asked(ACCEPT, by=BEN_HIMSELF)
    (broken,) = then_failed(RuleBroken).data["broken"]
    assert (broken["rule"], broken["shift_id"]) == (NotOpen.__name__, OTHER)


async def test_of_two_who_take_an_offer_at_the_same_moment_one_gets_it(story):
    cleos = published(hours(23, 27), id=THIRD, accepted=[CLEO])
    given_an_offer(no_rest(), cleos, person(CLEO))

    async def meanwhile():
        other = story.another_process(story.log.beside())
        return await other.run(AcceptSwap(SWAP, THIRD, CLEO), request(), lambda result: result)

    story.log.meanwhile(meanwhile)
    await when_asked(ACCEPT, by=BEN_HIMSELF)
    assert type(story.failure.refusals[0]) is NotOnOffer
    assert story.log.replayed(SHIFT).holders == [CLEO]
    assert story.log.replayed(OTHER).holders == [BEN]


async def test_a_role_that_was_lost_meanwhile_is_named():
    await given_a_taken_swap(role("cook"))
    await when_asked(ChangePerson(ANA, ProfileChange(roles=("cook",))), by=ADMIN)
    await when_asked(ApproveSwap(SWAP))
    (broken,) = then_failed(RuleBroken).data["broken"]
    told = broken["rule"], broken["person_id"], broken["shift_id"], broken["role"]
    assert told == ("RoleMissing", ANA, OTHER, "nurse")
