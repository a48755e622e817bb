"""Shifts and who is on them."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.scheduling.candidate import Candidate
from domain.scheduling.staffing import AssignmentStatus, PlanChange, ShiftStatus, assignment_id
from domain.scheduling.warnings import Override, WeeklyHoursAboveCap
from projections.paging import PageRequest
from projections.scheduling.shift_queries import (
    ShiftFilter,
    WeekFilter,
    find_assignment,
    list_shifts,
    shifts_of_week,
    upcoming_of,
)
from projections.scheduling.shifts import model
from tests.support.given import given, then_rows, when
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    EVENING,
    FOREIGN,
    KITCHEN,
    LAST_WEEK,
    MORNING,
    NOBODY,
    NOON,
    NOW,
    OTHER,
    OVER,
    SHIFT,
    SWAP,
    TENANT,
    WARD,
    draft,
    hours,
    person,
    published,
)

EVERYTHING = ShiftFilter()


def shift_row(**changes):
    row = {
        "shift_id": SHIFT,
        "tenant_id": TENANT,
        "unit_id": WARD,
        "role": "nurse",
        "starts_at": MORNING.start,
        "ends_at": MORNING.end,
        "zone": "Europe/Berlin",
        "headcount": 1,
        "taken": 0,
        "status": ShiftStatus.DRAFT,
        "notes": {},
        "people": [],
        "cancelled_because": None,
    }
    return row | changes


def assignment_row(person_id, status, changed_at=NOW, shift_id=SHIFT):
    return {
        "shift_id": shift_id,
        "person_id": person_id,
        "assignment_id": assignment_id(shift_id, person_id),
        "tenant_id": TENANT,
        "status": status,
        "changed_at": changed_at,
        "warnings": [],
    }


def test_a_draft_is_listed():
    given(draft())
    then_rows(model, shifts=[shift_row()], assignments=[])


def test_a_changed_draft_is_listed_as_it_is_now():
    given(draft())
    changes = {"role": "cook", "headcount": 3, "notes": {"dog": True}}
    when(lambda shift: shift.change(PlanChange(start=EVENING.start, end=EVENING.end, **changes)))
    moved = shift_row(starts_at=EVENING.start, ends_at=EVENING.end, **changes)
    then_rows(model, shifts=[moved])


def test_a_published_shift_is_listed_as_such():
    given(draft())
    when(lambda shift: shift.publish())
    then_rows(model, shifts=[shift_row(status=ShiftStatus.PUBLISHED)])


OPEN = shift_row(status=ShiftStatus.PUBLISHED)


def test_an_assignment_takes_a_place():
    given(published(), person(ANA))
    when(lambda shift, ana: shift.assign_all([Candidate(ana)]))
    then_rows(
        model,
        shifts=[OPEN | {"taken": 1}],
        assignments=[assignment_row(ANA, AssignmentStatus.PENDING)],
    )


def test_an_accepted_assignment_keeps_its_place():
    given(published(pending=[ANA]))
    when(lambda shift: shift.accept(ANA))
    then_rows(
        model,
        shifts=[OPEN | {"taken": 1}],
        assignments=[assignment_row(ANA, AssignmentStatus.ACCEPTED)],
    )


def test_a_declined_assignment_gives_its_place_back():
    given(published(accepted=[ANA]))
    when(lambda shift: shift.decline(ANA, ()))
    then_rows(
        model,
        shifts=[OPEN | {"taken": 0}],
        assignments=[assignment_row(ANA, AssignmentStatus.DECLINED)],
    )


def test_a_place_that_was_handed_on_is_taken_by_the_other():
    given(published(pending=[ANA]))
    when(lambda shift: shift.reassign(ANA, (), to=Candidate(person(BEN))))
    then_rows(
        model,
        shifts=[OPEN | {"taken": 1}],
        assignments=[
            assignment_row(ANA, AssignmentStatus.REASSIGNED),
            assignment_row(BEN, AssignmentStatus.PENDING),
        ],
    )


def test_a_claimed_place_is_taken_and_accepted():
    given(published(), person(ANA))
    when(lambda shift, ana: shift.claim(Candidate(ana)))
    then_rows(
        model,
        shifts=[OPEN | {"taken": 1}],
        assignments=[assignment_row(ANA, AssignmentStatus.ACCEPTED)],
    )


def test_a_swapped_place_is_the_others_who_has_agreed_to_it():
    given(published(pending=[ANA]))
    when(lambda shift: shift.offer(ANA, SWAP))
    when(lambda shift: shift.reassign(ANA, (), to=Candidate(person(BEN)), swap_id=SWAP))
    then_rows(
        model,
        shifts=[OPEN | {"taken": 1}],
        assignments=[
            assignment_row(ANA, AssignmentStatus.SWAPPED),
            assignment_row(BEN, AssignmentStatus.ACCEPTED),
        ],
    )


def test_a_cancelled_shift_tells_why_and_who_was_on_it():
    given(published(accepted=[ANA]))
    when(lambda shift: shift.cancel("Flooded.", ()))
    off = {"status": ShiftStatus.CANCELLED, "cancelled_because": "Flooded."}
    then_rows(
        model,
        shifts=[OPEN | {"taken": 1} | off],
        assignments=[assignment_row(ANA, AssignmentStatus.ACCEPTED, LAST_WEEK)],
    )


def test_a_completed_shift_is_listed_as_such():
    given(published(OVER))
    when(lambda shift: shift.complete())
    times = {"starts_at": OVER.start, "ends_at": OVER.end}
    then_rows(model, shifts=[OPEN | times | {"status": ShiftStatus.COMPLETED}])


def test_a_discarded_draft_is_listed_as_such():
    given(draft())
    when(lambda shift: shift.discard())
    then_rows(model, shifts=[shift_row(status=ShiftStatus.DISCARDED)])


def test_who_is_planned_is_told_and_holds_no_place():
    given(draft(), person(ANA))
    when(lambda shift, _: shift.change(PlanChange(people=[ANA])))
    then_rows(model, shifts=[shift_row(people=[ANA])], assignments=[])
    when(lambda shift, ana: shift.publish([Candidate(ana)]))
    then_rows(
        model,
        shifts=[OPEN | {"taken": 1, "people": [ANA]}],
        assignments=[assignment_row(ANA, AssignmentStatus.PENDING)],
    )


ABOVE = WeeklyHoursAboveCap(ANA, "2026-W45", hours=6.0, cap=5.0).as_data()


def test_warnings_are_told_until_they_are_overridden():
    given(published(), person(ANA, cap=5))
    when(lambda shift, ana: shift.assign_all([Candidate(ana)]))
    pending = assignment_row(ANA, AssignmentStatus.PENDING)
    then_rows(model, assignments=[pending | {"warnings": [ABOVE]}])
    when(lambda shift, _: shift.override_warnings(ANA, Override("Agreed.")))
    then_rows(model, assignments=[pending])


def test_warnings_are_gone_when_the_place_is_left():
    given(published(), person(ANA, cap=5))
    when(lambda shift, ana: shift.assign_all([Candidate(ana)]))
    when(lambda shift, _: shift.decline(ANA, ()))
    then_rows(model, assignments=[assignment_row(ANA, AssignmentStatus.DECLINED)])


def test_warnings_stay_when_the_place_is_accepted():
    given(published(), person(ANA, cap=5))
    when(lambda shift, ana: shift.assign_all([Candidate(ana)]))
    when(lambda shift, _: shift.accept(ANA))
    accepted = assignment_row(ANA, AssignmentStatus.ACCEPTED)
    then_rows(model, assignments=[accepted | {"warnings": [ABOVE]}])


def test_who_is_asked_again_has_one_assignment():
    given(published(declined=[ANA]), person(ANA))
    when(lambda shift, ana: shift.assign_all([Candidate(ana)]))
    then_rows(
        model,
        shifts=[OPEN | {"taken": 1}],
        assignments=[assignment_row(ANA, AssignmentStatus.PENDING)],
    )


def test_the_projection_counts_places_as_the_aggregate_does():
    shift = published(headcount=3, pending=[ANA], accepted=[BEN], declined=[CLEO])
    given(shift)
    then_rows(model, shifts=[OPEN | {"headcount": 3, "taken": shift.taken}])


def given_some_shifts():
    given(
        published(EVENING, id=SHIFT, headcount=2, pending=[ANA], declined=[BEN]),
        published(MORNING, id=OTHER, accepted=[ANA]),
        draft(NOON, id=DRAFT),
    )
    given(published(MORNING, id=THEIRS, accepted=[ANA]), tenant=FOREIGN)


DRAFT = type(SHIFT)(int=21)
THEIRS = type(SHIFT)(int=22)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EVERYTHING, [OTHER, DRAFT, SHIFT]),
        (ShiftFilter(unit_id=WARD), [OTHER, DRAFT, SHIFT]),
        (ShiftFilter(unit_id=KITCHEN), []),
        (ShiftFilter(status=ShiftStatus.DRAFT), [DRAFT]),
        (ShiftFilter(status=ShiftStatus.PUBLISHED), [OTHER, SHIFT]),
        (ShiftFilter(role="nurse"), [OTHER, DRAFT, SHIFT]),
        (ShiftFilter(role="cook"), []),
        (ShiftFilter(person_id=ANA), [OTHER, SHIFT]),
        (ShiftFilter(person_id=CLEO), []),
        (ShiftFilter(starts_before=NOON.start), [OTHER]),
        (ShiftFilter(ends_after=NOON.end), [SHIFT]),
        (ShiftFilter(starts_before=EVENING.start, ends_after=MORNING.end), [DRAFT]),
        (ShiftFilter(status=ShiftStatus.PUBLISHED, person_id=ANA, ends_after=NOON.end), [SHIFT]),
    ],
    ids=str,
)
async def test_shifts_are_found(asking, wanted, found):
    given_some_shifts()
    async with asking(model) as connection:
        page = await list_shifts(connection, TENANT, wanted, PageRequest())
    assert [item.shift.shift_id for item in page.items] == found
    assert page.total == len(found)


def people_of(found):
    return {each.person_id: each.answer for each in found.assignments}


async def test_a_shift_comes_with_its_assignments(asking):
    given_some_shifts()
    async with asking(model) as connection:
        page = await list_shifts(connection, TENANT, EVERYTHING, PageRequest())
    first, empty, full = page.items
    assert people_of(first) == {ANA: "accepted"}
    assert people_of(empty) == {}
    assert people_of(full) == {ANA: "pending", BEN: "declined"}
    wanted = shift_row(
        starts_at=EVENING.start, ends_at=EVENING.end, headcount=2, taken=1, status="published"
    )
    assert {name: full.shift._mapping[name] for name in wanted} == wanted


async def test_shifts_come_in_pages(asking):
    given_some_shifts()
    async with asking(model) as connection:
        page = await list_shifts(connection, TENANT, EVERYTHING, PageRequest(2, 2))
    assert [item.shift.shift_id for item in page.items] == [SHIFT]
    assert page.total == 3


@pytest.mark.parametrize("number", [2, 3, 9])
async def test_a_page_past_the_end_tells_how_many_there_are(asking, number):
    given_some_shifts()
    async with asking(model) as connection:
        page = await list_shifts(connection, TENANT, EVERYTHING, PageRequest(number, 3))
    assert (page.items, page.total) == ([], 3)


async def test_an_assignment_is_found_by_its_id_in_its_tenant(asking):
    given_some_shifts()
    wanted = assignment_id(SHIFT, ANA)
    async with asking(model) as connection:
        assert await find_assignment(connection, TENANT, wanted) == (SHIFT, ANA)
        assert await find_assignment(connection, FOREIGN, wanted) is None
        assert await find_assignment(connection, TENANT, assignment_id(SHIFT, CLEO)) is None


async def test_what_a_person_has_ahead_comes_in_order(asking):
    given_some_shifts()
    given(published(OVER, id=type(SHIFT)(int=23)))
    async with asking(model) as connection:
        ahead = await upcoming_of(connection, TENANT, ANA, after=NOW)
        assert [row.shift_id for row in ahead] == [OTHER, SHIFT]
        assert [row.status for row in ahead] == ["accepted", "pending"]
        later = await upcoming_of(connection, TENANT, ANA, after=MORNING.end)
        assert [row.shift_id for row in later] == [SHIFT]
        assert await upcoming_of(connection, TENANT, NOBODY, after=NOW) == []
        theirs = await upcoming_of(connection, FOREIGN, ANA, after=NOW)
        assert [row.shift_id for row in theirs] == [THEIRS]


MONDAY = date(2026, 11, 2)
COPIED = (ShiftStatus.DRAFT, ShiftStatus.PUBLISHED)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        # In Berlin the week begins, and ends, an hour before it does in UTC.
        (WeekFilter(MONDAY, COPIED), [2, 3, 4]),
        (WeekFilter(MONDAY - timedelta(days=7), COPIED), [1]),
        (WeekFilter(MONDAY + timedelta(days=7), COPIED), [5]),
        (WeekFilter(MONDAY, [ShiftStatus.PUBLISHED]), [3]),
        (WeekFilter(MONDAY, [ShiftStatus.CANCELLED]), []),
        (WeekFilter(MONDAY, COPIED, WARD), [2, 3, 4]),
        (WeekFilter(MONDAY, COPIED, KITCHEN), []),
    ],
    ids=str,
)
async def test_the_shifts_of_a_week_are_those_that_start_in_it_on_the_wall(asking, wanted, numbers):
    ids = {number: UUID(int=number) for number in range(1, 7)}
    given(
        draft(hours(-2, 6), id=ids[1]),
        draft(hours(-1, 7), id=ids[2]),
        published(hours(8, 14), id=ids[3]),
        draft(hours(22.5, 30, day=8), id=ids[4]),
        draft(hours(23, 30, day=8), id=ids[5]),
    )
    given(draft(id=ids[6]), tenant=FOREIGN)
    async with asking(model) as connection:
        found = await shifts_of_week(connection, TENANT, wanted)
    assert found == [ids[number] for number in numbers]
