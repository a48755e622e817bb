"""Who is told what when something happens on a shift."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from application.processes.notifications import (
    ShiftBrief,
    ToAccount,
    ToPerson,
    brief_after,
    notices,
)
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange, assignment_id
from domain.shared.moment import happening_at
from domain.shared.period import Period

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
START, END = datetime(2026, 12, 1, 21, tzinfo=UTC), datetime(2026, 12, 2, 5, tzinfo=UTC)
CORA = UUID("cccccccc-0000-4000-8000-000000000001")
DORA = UUID("cccccccc-0000-4000-8000-000000000002")
ANA = UUID("aaaaaaaa-0000-4000-8000-000000000001")
BEN = UUID("aaaaaaaa-0000-4000-8000-000000000002")


@pytest.fixture
def shift():
    with happening_at(NOW):
        drafted = Shift(
            id=uuid4(),
            unit_id=uuid4(),
            role="nurse",
            period=Period(START, END),
            zone="Europe/Berlin",
            headcount=1,
            notes={},
        )
        yield drafted


def told(shift, *acts, drafted_by=CORA):
    """What is told of each event of the shift, given who acted."""
    brief, everything = None, []
    for event, actor in zip(shift.collect_events(), (drafted_by, *acts), strict=True):
        brief = brief_after(event, actor, brief)
        everything.append(notices(event, actor, brief))
    return everything


def test_a_draft_and_its_publication_tell_nobody(shift):
    shift.publish()
    assert told(shift, CORA) == [[], []]


def test_whoever_is_assigned_is_asked(shift):
    shift._person_assigned(person_id=ANA)
    (notice,) = told(shift, CORA)[1]
    assert (notice.to, notice.kind) == (ToPerson(ANA), "shift.assigned")
    assert notice.data == {
        "shift_id": str(shift.id),
        "person_id": str(ANA),
        "assignment_id": str(assignment_id(shift.id, ANA)),
    }


@pytest.mark.parametrize("answer", ["accepted", "declined"])
def test_an_answer_is_told_to_the_coordinator_who_assigned(shift, answer):
    shift._person_assigned(person_id=ANA)
    getattr(shift, f"_assignment_{answer}")(person_id=ANA)
    (notice,) = told(shift, DORA, ANA, drafted_by=CORA)[2]
    assert (notice.to, notice.kind) == (ToAccount(DORA), f"assignment.{answer}")
    assert notice.data["person_id"] == str(ANA)


def test_a_coordinator_who_answers_for_somebody_is_not_told(shift):
    shift._person_assigned(person_id=ANA)
    shift._assignment_accepted(person_id=ANA)
    assert told(shift, CORA, CORA)[2] == []


def test_a_reassignment_is_told_to_both(shift):
    shift._person_assigned(person_id=ANA)
    shift._assignment_reassigned(person_id=ANA, to_person_id=BEN)
    new, old = told(shift, CORA, ANA)[2]
    assert (new.to, new.kind, new.data["person_id"]) == (ToPerson(BEN), "shift.assigned", str(BEN))
    assert (old.to, old.kind) == (ToPerson(ANA), "shift.reassigned")


def test_a_reassignment_by_the_assignee_does_not_make_them_the_coordinator(shift):
    shift._person_assigned(person_id=ANA)
    shift._assignment_reassigned(person_id=ANA, to_person_id=BEN)
    shift._assignment_accepted(person_id=BEN)
    assert told(shift, CORA, ANA, BEN)[3][0].to == ToAccount(CORA)


def test_the_message_says_what_and_when_in_the_wall_time_of_the_unit(shift):
    shift._person_assigned(person_id=ANA)
    (notice,) = told(shift, CORA)[1]
    when = "2026-12-01 22:00 – 2026-12-02 06:00 (Europe/Berlin)"  # noqa: RUF001
    assert notice.subject == f"Please answer: nurse, {when}"
    assert notice.text == f"You are asked to work as nurse, {when}. Please accept or decline."


def test_a_changed_draft_changes_the_message(shift):
    shift.change(PlanChange(role="cook", start=START, end=START.replace(hour=22)))
    shift._person_assigned(person_id=ANA)
    (notice,) = told(shift, CORA, CORA)[2]
    assert notice.subject == "Please answer: cook, 2026-12-01 22:00 – 23:00 (Europe/Berlin)"  # noqa: RUF001


def test_nothing_is_known_of_a_shift_whose_draft_was_not_seen(shift):
    shift._person_assigned(person_id=ANA)
    assigned = shift.collect_events()[1]
    assert brief_after(assigned, CORA, None) is None


def test_only_the_shift_itself_decides_who_answers_for_it(shift):
    drafted = shift.collect_events()[0]
    assert brief_after(drafted, CORA, None) == ShiftBrief(
        shift.id, CORA, "nurse", START, END, "Europe/Berlin"
    )
