"""Who is told what when something happens on a shift."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from application.processes.briefs import OPSTREAM, ShiftBrief, brief_after, shift_of
from application.processes.notices import (
    Notice,
    ToCoordinator,
    ToCoordinators,
    ToPerson,
    ToRole,
    tells,
    tells_alone,
    told_of,
)
from application.processes.notifications import ABOUT, notices
from domain.scheduling.candidate import Candidate
from domain.scheduling.digest import Digest, HoursAboveCap, OpenPlaces
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange, assignment_id
from domain.scheduling.swap import Swap
from domain.scheduling.warnings import Override
from domain.shared.moment import happening_at
from domain.shared.period import Period
from tests.support.events import event_classes
from tests.support.scheduling import ANA, BEN, CLEO, SWAP, WARD, person

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
START, END = datetime(2026, 12, 1, 21, tzinfo=UTC), datetime(2026, 12, 2, 5, tzinfo=UTC)
CORA = UUID("cccccccc-0000-4000-8000-000000000001")
DORA = UUID("cccccccc-0000-4000-8000-000000000002")
ANAS_ACCOUNT = UUID("aaaaaaaa-0000-4000-8000-000000000001")


def drafted(headcount=3, people=()):
    return Shift(
        id=uuid4(),
        unit_id=WARD,
        role="nurse",
        period=Period(START, END),
        zone="Europe/Berlin",
        headcount=headcount,
        notes={},
        people=people,
    )


@pytest.fixture
def shift():
    with happening_at(NOW):
        yield drafted()


def told(shift, *acts, drafted_by=CORA):
    """What is told of each event of the shift, given who acted: recipient and kind."""
    return [
        [(notice.to, notice.kind) for notice in each]
        for each in notices_of(shift, *acts, drafted_by=drafted_by)
    ]


def notices_of(shift, *acts, drafted_by=CORA):
    brief, everything = None, []
    for event, actor in zip(shift.collect_events(), (drafted_by, *acts), strict=True):
        brief = brief_after(event, actor, brief)
        everything.append(notices(event, actor, brief))
    return everything


def nurses(*people):
    return [Candidate(person(each)) for each in people]


def test_a_draft_and_its_publication_tell_nobody(shift):
    shift.publish()
    assert told(shift, CORA) == [[], []]


def test_a_change_of_a_draft_and_its_end_tell_nobody(shift):
    shift.change(PlanChange(role="cook", people=(ANA,)))
    shift.discard()
    assert told(shift, CORA, CORA) == [[], [], []]


def test_those_who_could_take_a_place_are_told_of_it_if_that_is_wished(shift):
    shift.publish(notify=True)
    assert told(shift, CORA)[1] == [(ToRole("nurse"), "shift.open")]


def test_whoever_is_planned_is_asked_by_the_publication_and_not_told_of_open_places():
    with happening_at(NOW):
        shift = drafted(people=(ANA, BEN))
        shift.publish(nurses(ANA, BEN), notify=True)
    _, published, *assigned = notices_of(shift, CORA, CORA, CORA)
    assert [(notice.to, notice.kind) for notice in published] == [
        (ToRole("nurse", but=(ANA, BEN)), "shift.open")
    ]
    assert published[0].shift.places_left == 1
    assert [notice.to for each in assigned for notice in each] == [ToPerson(ANA), ToPerson(BEN)]


def test_nobody_is_told_of_open_places_where_there_are_none():
    with happening_at(NOW):
        shift = drafted(headcount=2, people=(ANA, BEN))
        shift.publish(nurses(ANA, BEN), notify=True)
    assert told(shift, CORA, CORA, CORA)[1] == []


def test_whoever_is_assigned_is_asked(shift):
    shift._person_assigned(person_id=ANA)
    ((notice,),) = notices_of(shift, CORA)[1:]
    assert (notice.to, notice.kind) == (ToPerson(ANA), "shift.assigned")
    assert notice.data == {
        "shift_id": str(shift.id),
        "person_id": str(ANA),
        "assignment_id": str(assignment_id(shift.id, ANA)),
    }


def test_an_acceptance_is_told_to_the_coordinator_who_assigned(shift):
    shift._person_assigned(person_id=ANA)
    shift._assignment_accepted(person_id=ANA)
    assert told(shift, DORA, ANAS_ACCOUNT)[2] == [(ToCoordinator(DORA), "assignment.accepted")]


def test_a_coordinator_who_accepts_for_somebody_is_not_told(shift):
    shift._person_assigned(person_id=ANA)
    shift._assignment_accepted(person_id=ANA)
    assert told(shift, CORA, CORA)[2] == []


def test_a_refusal_is_told_to_the_coordinator_and_to_a_person_who_did_not_refuse(shift):
    shift._person_assigned(person_id=ANA)
    shift._assignment_declined(person_id=ANA)
    declined, withdrawn = notices_of(shift, CORA, ANAS_ACCOUNT)[2]
    assert (declined.to, declined.kind) == (ToCoordinator(CORA), "assignment.declined")
    assert (withdrawn.to, withdrawn.kind) == (ToPerson(ANA), "assignment.withdrawn")
    assert withdrawn.unless == ANAS_ACCOUNT


def test_whom_a_coordinator_takes_off_a_shift_is_told_and_the_coordinator_is_not(shift):
    shift._person_assigned(person_id=ANA)
    shift._assignment_declined(person_id=ANA)
    assert told(shift, CORA, CORA)[2] == [(ToPerson(ANA), "assignment.withdrawn")]


def test_a_reassignment_is_told_to_both(shift):
    shift._person_assigned(person_id=ANA)
    shift._assignment_reassigned(person_id=ANA, to_person_id=BEN)
    new, old = notices_of(shift, CORA, ANAS_ACCOUNT)[2]
    assert (new.to, new.kind, new.data["person_id"]) == (ToPerson(BEN), "shift.assigned", str(BEN))
    assert (old.to, old.kind, old.other_id) == (ToPerson(ANA), "shift.reassigned", BEN)


def test_a_swap_is_told_to_both(shift):
    shift._person_assigned(person_id=ANA)
    shift._place_swapped(person_id=ANA, to_person_id=BEN, swap_id=SWAP)
    assert told(shift, CORA, ANAS_ACCOUNT)[2] == [
        (ToPerson(BEN), "place.received"),
        (ToPerson(ANA), "place.given"),
    ]


def test_a_claim_is_told_to_the_coordinator(shift):
    shift._place_claimed(person_id=ANA)
    assert told(shift, ANAS_ACCOUNT)[1] == [(ToCoordinator(CORA), "place.claimed")]


def test_a_cancellation_is_told_with_its_reason_to_all_who_hold_a_place_and_nobody_else(shift):
    with happening_at(NOW):
        shift.publish()
        shift._person_assigned(person_id=ANA)
        shift._assignment_accepted(person_id=ANA)
        shift._person_assigned(person_id=BEN)
        shift._assignment_declined(person_id=BEN)
        shift._place_claimed(person_id=CLEO)
        shift._assignment_reassigned(person_id=CLEO, to_person_id=BEN)
        shift.cancel("The kitchen is flooded.", ())
    cancelled = notices_of(shift, *[CORA] * 8)[-1]
    assert [notice.to for notice in cancelled] == [ToPerson(ANA), ToPerson(BEN)]
    assert {notice.kind for notice in cancelled} == {"shift.cancelled"}
    assert {notice.reason for notice in cancelled} == {"The kitchen is flooded."}


def test_those_who_are_reminded_are_told(shift):
    shift._reminded(person_ids=(BEN, ANA))
    assert told(shift, OPSTREAM)[1] == [
        (ToPerson(BEN), "shift.reminder"),
        (ToPerson(ANA), "shift.reminder"),
    ]


def test_warnings_and_the_end_of_a_shift_tell_nobody(shift):
    with happening_at(NOW):
        shift.publish()
        shift.assign_all([Candidate(person(ANA, cap=1))], Override("Agreed with her."))
    with happening_at(END):
        shift.complete()
    assert told(shift, CORA, CORA, CORA, CORA) == [
        *([], [], [(ToPerson(ANA), "shift.assigned")], [], [])
    ]


def test_a_reassignment_by_the_assignee_does_not_make_them_the_coordinator(shift):
    shift._person_assigned(person_id=ANA)
    shift._assignment_reassigned(person_id=ANA, to_person_id=BEN)
    shift._assignment_accepted(person_id=BEN)
    assert told(shift, CORA, ANAS_ACCOUNT, uuid4())[3][0][0] == ToCoordinator(CORA)


def test_neither_does_opstream_itself_become_one(shift):
    shift._person_assigned(person_id=ANA)
    shift._assignment_accepted(person_id=ANA)
    assert told(shift, OPSTREAM, ANAS_ACCOUNT)[2][0][0] == ToCoordinator(CORA)


def test_a_shift_tells_its_time_by_the_wall_clock_of_the_unit(shift):
    shift._person_assigned(person_id=ANA)
    ((notice,),) = notices_of(shift, CORA)[1:]
    assert notice.shift.when == "2026-12-01 22:00 – 2026-12-02 06:00 (Europe/Berlin)"  # noqa: RUF001


def test_a_changed_draft_changes_what_is_told(shift):
    shift.change(PlanChange(role="cook", start=START, end=START.replace(hour=22), headcount=1))
    shift._person_assigned(person_id=ANA)
    (notice,) = notices_of(shift, CORA, CORA)[2]
    assert (notice.shift.role, notice.shift.headcount) == ("cook", 1)
    assert notice.shift.when == "2026-12-01 22:00 – 23:00 (Europe/Berlin)"  # noqa: RUF001


def test_nothing_is_known_of_a_shift_whose_draft_was_not_seen(shift):
    shift._person_assigned(person_id=ANA)
    assigned = shift.collect_events()[1]
    assert brief_after(assigned, CORA, None) is None
    assert notices(assigned, CORA, None) == []


def test_only_the_shift_itself_decides_who_answers_for_it(shift):
    (draft,) = shift.collect_events()
    assert brief_after(draft, CORA, None) == ShiftBrief(
        shift.id, CORA, "nurse", START, END, "Europe/Berlin", WARD, 3
    )


def offered(shift, to=None):
    """A swap of Ana's place, offered to somebody or to anybody."""
    return Swap(id=SWAP, shift_id=shift.id, person_id=ANA, to_person_id=to, note="")


def of_swaps(swap, shift):
    """Kind and reader of what is told of its events, in their order."""
    (drafted,) = shift.collect_events()
    brief = brief_after(drafted, CORA, None)
    events = swap.collect_events()
    assert {shift_of(event) for event in events} == {shift.id}
    told = [notice for event in events for notice in notices(event, CORA, brief)]
    return [(notice.kind, notice.to, notice.other_id) for notice in told]


def test_who_is_offered_a_place_is_told(shift):
    assert of_swaps(offered(shift, to=BEN), shift) == [("swap.offered", ToPerson(BEN), ANA)]


def test_nobody_is_told_of_what_anybody_may_take(shift):
    assert of_swaps(offered(shift), shift) == []


@pytest.mark.parametrize("needs_approval", [True, False])
def test_coordinators_are_told_of_what_waits_for_them(shift, needs_approval):
    swap = offered(shift)
    swap._taken(shift.id, BEN, needs_approval)
    waits = [("swap.waiting", ToCoordinators(), None)] if needs_approval else []
    assert of_swaps(swap, shift) == waits


def test_both_are_told_of_a_rejection(shift):
    swap = offered(shift)
    swap._rejected(shift.id, ANA, BEN, "Too late.")
    assert of_swaps(swap, shift) == [
        ("swap.rejected", ToPerson(ANA), BEN),
        ("swap.rejected", ToPerson(BEN), ANA),
    ]


def test_of_every_event_it_is_decided_whether_somebody_is_told():
    """Whoever adds an event decides here: in `notifications`, or in this list."""
    tell_nobody = {
        *("identity.AccountRegistered", "identity.EmailClaimed", "identity.TenantFounded"),
        *("identity.MemberJoined", "identity.MemberRejoined", "identity.MemberRemoved"),
        *("identity.MemberRolesChanged", "identity.ExternalIdentityLinked"),
        *("identity.ExternalIdentityRelinked", "identity.ExternalIdentityUnlinked"),
        *("scheduling.AgendaOpened", "scheduling.AgendaBooked", "scheduling.AgendaReleased"),
        *("scheduling.AvailabilityStated", "scheduling.AvailabilityReplaced"),
        "scheduling.NotificationPreferencesStated",
        "scheduling.NotificationPreferencesReplaced",
        *("scheduling.PersonAdded", "scheduling.PersonChanged"),
        *("scheduling.PersonDeactivated", "scheduling.PersonReactivated"),
        *("scheduling.PolicyAdopted", "scheduling.PolicyChanged"),
        *("scheduling.RoleAdded", "scheduling.RoleChanged"),
        *("scheduling.RoleClosed", "scheduling.RoleReopened"),
        *("scheduling.ShiftPatternDesigned", "scheduling.ShiftPatternChanged"),
        "scheduling.ShiftPatternEnded",
        *("scheduling.UnitOpened", "scheduling.UnitChanged"),
        *("scheduling.UnitClosed", "scheduling.UnitReopened"),
        "scheduling.ShiftsImported",
        *("scheduling.ShiftDrafted", "scheduling.ShiftChanged"),
        *("scheduling.ShiftCompleted", "scheduling.ShiftDiscarded"),
        *("scheduling.WarningsRaised", "scheduling.WarningsOverridden"),
        # What a swap comes to is told of its places.
        *("scheduling.PlaceOffered", "scheduling.SwapApproved", "scheduling.SwapExchanged"),
        *("scheduling.SwapWithdrawn", "scheduling.SwapLapsed"),
        *("work.UserTypeAdded", "work.UserTypeChanged"),
        *("work.EligibilityMapped", "work.EligibilityUnmapped"),
        *("work.TaskTypeAdded", "work.TaskTypeChanged"),
        *("work.TaskTypeRetired", "work.TaskTypeReopened"),
        *("work.ProfileMade", "work.ProfileTypeChanged"),
        *("work.OccasionPlanned", "work.OccasionChanged"),
        *("work.OccasionMemberAdded", "work.OccasionMemberRemoved"),
        *("work.TaskPlanned", "work.TaskPicked", "work.TaskAssigned", "work.TaskUnassigned"),
        *("work.TaskMoved", "work.TaskUnlocked", "work.TaskLocked"),
        *("work.TaskSkipped", "work.TaskDeleted"),
        *("workflow.TemplateDrawn", "workflow.TemplateRevised"),
        *("workflow.TemplateRetired", "workflow.TemplateReopened"),
        *("workflow.InstanceStarted", "workflow.InstanceMigrated", "workflow.NodeFinished"),
        *("workflow.NodeSkipped", "workflow.NodesSettled"),
        *("workflow.NodeAdded", "workflow.NodeReplaced"),
    }
    topics = {kind.TOPIC for kind in event_classes()}
    assert topics - {kind.TOPIC for kind in ABOUT} == tell_nobody
    assert len(topics) >= 39


class TestOfTheRegister:
    @pytest.fixture(autouse=True)
    def _as_it_was(self, monkeypatch):
        monkeypatch.setattr("application.processes.notices.TELLERS", {})
        monkeypatch.setattr("application.processes.notices.LONELY_TELLERS", {})

    def test_an_event_without_a_shift_may_tell_too(self, shift):
        notice = Notice(ToCoordinator(CORA), "planted", lines=("one",))
        tells_alone(Shift.Drafted)(lambda _event, _actor: [notice])
        (event,) = shift.collect_events()
        assert list(told_of(event, CORA, None)) == [notice]
        assert notice.data == {}

    def test_nobody_tells_twice(self):
        tells(Shift.Published)(lambda *_: [])
        with pytest.raises(TypeError, match="Published"):
            tells_alone(Shift.Published)(lambda *_: [])


def test_coordinators_are_told_the_digest_line_by_line():
    with happening_at(NOW):
        digest = Digest(
            id=uuid4(),
            day=NOW.date(),
            hours=(HoursAboveCap(ANA, "Ana", "2026-W47", 42.5, 38.0),),
            left_out=2,
            open_places=(OpenPlaces(WARD, "Ward 1", shifts=2, places=3),),
        )
    (event,) = digest.collect_events()
    assert notices(event, OPSTREAM, None) == [
        Notice(
            ToCoordinators(),
            "digest",
            lines=(
                "Ana: 42.5 h in week 2026-W47, cap 38 h",
                "Above the cap, too: 2 more people",
                "Ward 1: 3 open places on 2 shifts in the next 7 days",
            ),
        )
    ]
