"""Before and after: only what differs, as plain JSON."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from domain.scheduling.person import Person, PersonKind
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange
from domain.shared.moment import happening_at
from domain.shared.period import Period
from projections.audit.states import Change, applied, change, state_of, storable
from tests.support.scheduling import LAST_WEEK
from tests.support.work import MANAGER
from tests.support.workflows import instance, node, task_of

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
START, END = datetime(2026, 12, 1, 8, tzinfo=UTC), datetime(2026, 12, 1, 16, tzinfo=UTC)
ANA = UUID("aaaaaaaa-0000-4000-8000-000000000001")
BEN = UUID("bbbbbbbb-0000-4000-8000-000000000002")


def shift():
    with happening_at(NOW):
        return Shift(
            id=uuid4(),
            unit_id=ANA,
            role="nurse",
            period=Period(START, END),
            zone="Europe/Berlin",
            headcount=2,
            notes={"door": {"code": 7}},
        )


def changes_of(aggregate):
    """What each of its events changed."""
    changes, replayed, before = [], None, None
    for event in aggregate.collect_events():
        replayed = applied(event, replayed)
        after = state_of(replayed)
        changes.append(change(before, after))
        before = after
    return changes


def test_the_first_event_has_no_before_and_the_whole_state_after():
    (created,) = changes_of(shift())
    assert created == Change(
        before=None,
        after={
            "unit_id": str(ANA),
            "role": "nurse",
            "period": {"start": "2026-12-01T08:00:00Z", "end": "2026-12-01T16:00:00Z"},
            "zone": "Europe/Berlin",
            "headcount": 2,
            "notes": {"door": {"code": 7}},
            "people": [],
            "status": "draft",
            "assignments": {},
            "warnings": {},
            "overridden": {},
            "is_reminded": False,
            "offers": {},
        },
    )


def test_a_later_event_shows_only_what_differs():
    given = shift()
    with happening_at(NOW):
        given.change(PlanChange(headcount=3))
        given.publish()
    assert changes_of(given)[1:] == [
        Change({"headcount": 2}, {"headcount": 3}),
        Change({"status": "draft"}, {"status": "published"}),
    ]


def test_of_an_object_only_the_differing_keys_are_shown():
    given = shift()
    with happening_at(NOW):
        given._person_assigned(person_id=ANA)
        given._assignment_accepted(person_id=ANA)
        given._assignment_reassigned(person_id=ANA, to_person_id=BEN)
    assert changes_of(given)[1:] == [
        Change({"assignments": {}}, {"assignments": {str(ANA): "pending"}}),
        Change(
            {"assignments": {str(ANA): "pending"}},
            {"assignments": {str(ANA): "accepted"}},
        ),
        Change(
            {"assignments": {str(ANA): "accepted"}},
            {"assignments": {str(ANA): "reassigned", str(BEN): "pending"}},
        ),
    ]


def test_a_part_of_an_object_is_shown_whole():
    change_of_notes = change({"notes": {"a": {"b": 1}, "c": 2}}, {"notes": {"a": {"b": 2}, "c": 2}})
    assert change_of_notes == Change({"notes": {"a": {"b": 1}}}, {"notes": {"a": {"b": 2}}})


def test_an_attribute_that_appears_is_not_in_what_was_before():
    assert change({"a": 1}, {"a": 1, "b": None}) == Change({}, {"b": None})


def test_what_does_not_change_is_not_shown():
    with happening_at(NOW):
        ana = Person(
            id=uuid4(),
            name="Ana",
            email="ana@example.test",
            kind=PersonKind.STAFF,
            roles=("nurse",),
            account_id=None,
        )
    assert state_of(ana)["roles"] == ["nurse"]
    assert change(state_of(ana), state_of(ana)) == Change({}, {})


def test_what_jsonb_can_not_keep_is_replaced():
    kept = storable({"a\x00": ["b\x00", 2**70, float("inf"), True, 1.5]})
    assert kept == {"a\ufffd": ["b\ufffd", str(2**70), None, True, 1.5]}


def test_what_is_frozen_is_converted_once_as_long_as_it_is_the_same():
    runs, frozen = instance(), {}
    first = state_of(runs, frozen)
    with happening_at(LAST_WEEK):
        runs.finish("a")
        second = state_of(runs, frozen)
        runs.add(node("e"), ["a"], ["d"], task_of("e"), "They want a cake.", MANAGER)
    third = state_of(runs, frozen)
    assert second["graph"] is first["graph"]
    assert third["graph"] is not first["graph"]
    assert third["graph"] == state_of(runs)["graph"]
