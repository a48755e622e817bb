"""The checker must be able to fail: each violation is planted once in findings that are fine."""

from dataclasses import replace
from datetime import timedelta
from time import monotonic
from uuid import UUID, uuid4

import pytest

from domain.scheduling.shift import Shift
from domain.shared.ids import derived_id
from tests.faults import test_workflow_checks
from tests.faults.checker import CHECKS, violations
from tests.faults.evidence import ATTEMPTS, Booking, Delivery, Evidence, Logged, ShownShift
from tests.faults.operations import Attempt, Operation, Outcome
from tests.faults.telling import _wanted
from tests.support.scheduling import (
    ANA,
    BEN,
    COORDINATORS_ACCOUNT,
    EVENING,
    MORNING,
    NOON,
    OTHER,
    SHIFT,
    published,
)
from tests.support.scheduling import draft as drafted


def test_findings_that_are_fine_have_no_violations():
    assert violations(fine()) == []


def test_every_check_was_seen_to_fail():
    planted = [*PLANTED, *test_workflow_checks.PLANTED]
    assert {check.__name__ for check in CHECKS} == {name for name, _ in planted}


def lost(found):
    found.log = [entry for entry in found.log if entry.key != found.operations[1].key]


def doubled(found):
    found.log[-1] = replace(found.log[-1], request_id=found.log[0].request_id)


def refused_and_stored(found):
    found.operations[0].outcome = Outcome.FAIL


def unknown_and_doubled(found):
    key = found.operations[2].key
    found.log[-1] = replace(found.log[-1], request_id=f"{key}.0")
    found.log[-2] = replace(found.log[-2], request_id=f"{key}.1", command_id="another")


def another_answer(found):
    found.operations[0].again = {"id": "another"}


def never_settled(found):
    found.operations[2].outcome = Outcome.UNKNOWN


def another_key(found):
    found.keys[found.operations[0].key] += 1


def hole_in_the_versions(found):
    found.log[-1] = replace(found.log[-1], version=9)


def hole_in_the_positions(found):
    found.log[-1] = replace(found.log[-1], position=99)


def skipped(found):
    del found.seen[1]


def seen_too_late(found):
    found.seen[1], found.seen[2] = found.seen[2], found.seen[1]


def seen_and_gone(found):
    found.seen.append((77, "gone"))


def row_differs(found):
    found.differing = "1 row differs"


def parked(found):
    found.parked = [2]


def unaudited(found):
    del found.audited[1]


def audited_twice(found):
    found.audited.append(1)


def broken_seal(found):
    found.broken_seal = 3


def two_places(found):
    found.bookings.append(Booking(OTHER, ANA, "accepted"))


def too_many(found):
    found.bookings.append(Booking(SHIFT, BEN, "accepted"))


def overbooked_for_a_moment(found):
    """Ana is put on an overlapping shift."""
    event = found.log[ASSIGNED].event
    found.log.append(logged(len(found.log) + 1, Shift.PersonAssigned, event, OTHER))


def one_place_too_many(found):
    event = found.log[ASSIGNED].event
    found.log.append(logged(len(found.log) + 1, Shift.PersonAssigned, event, SHIFT, BEN))


def untold(found):
    del found.notifications[0]


def told_twice(found):
    found.notifications.append(found.notifications[0])


def told_of_nothing(found):
    found.notifications.append(uuid4())


def pending(found):
    found.deliveries[0] = replace(found.deliveries[0], status="pending")


def sent_too_often(found):
    found.deliveries[0] = replace(found.deliveries[0], attempts=ATTEMPTS + 1)


def never_tried(found):
    found.deliveries[0] = replace(found.deliveries[0], attempts=0)


def not_in_the_outbox(found):
    found.sent = frozenset()


def no_delivery(found):
    found.deliveries.clear()


def slow(found):
    found.operations[0].attempts.append(Attempt(0.0, 10.5, 200))


def internal_error(found):
    found.operations[0].attempts.append(answered(500))


def unavailable_without_a_time(found):
    found.operations[0].attempts.append(answered(503))


def left_over(found):
    found.leftovers = ["123 postgres"]


PLANTED = [
    ("every_ok_command_is_in_the_log_exactly_once", lost),
    ("every_ok_command_is_in_the_log_exactly_once", doubled),
    ("every_failed_command_is_absent", refused_and_stored),
    ("every_unknown_command_is_there_at_most_once", unknown_and_doubled),
    ("repeating_a_command_gives_the_first_answer", another_answer),
    ("repeating_a_command_gives_the_first_answer", never_settled),
    ("a_key_belongs_to_the_command_that_it_names", another_key),
    ("versions_are_dense", hole_in_the_versions),
    ("positions_are_the_order_of_commits", hole_in_the_positions),
    ("positions_are_the_order_of_commits", skipped),
    ("positions_are_the_order_of_commits", seen_too_late),
    ("positions_are_the_order_of_commits", seen_and_gone),
    ("every_read_model_equals_the_fold", row_differs),
    ("only_poison_is_parked", parked),
    ("the_audit_trail_is_the_log", unaudited),
    ("the_audit_trail_is_the_log", audited_twice),
    ("the_audit_trail_is_the_log", broken_seal),
    ("nobody_is_in_two_places_at_once", two_places),
    ("no_shift_is_above_its_headcount", too_many),
    ("the_log_never_overbooked_anybody", overbooked_for_a_moment),
    ("the_log_never_overbooked_anybody", one_place_too_many),
    ("everybody_is_told_once", untold),
    ("everybody_is_told_once", told_twice),
    ("everybody_is_told_once", told_of_nothing),
    ("every_message_came_to_an_end", pending),
    ("every_message_came_to_an_end", sent_too_often),
    ("every_message_came_to_an_end", never_tried),
    ("every_message_came_to_an_end", not_in_the_outbox),
    ("every_message_came_to_an_end", no_delivery),
    ("no_request_took_too_long", slow),
    ("every_error_says_when_to_come_back", internal_error),
    ("every_error_says_when_to_come_back", unavailable_without_a_time),
    ("no_process_is_left_over", left_over),
]


@pytest.mark.parametrize(("check", "plant"), PLANTED, ids=lambda one: getattr(one, "__name__", one))
def test_what_is_planted_is_found(check, plant):
    found = fine()
    plant(found)
    assert any(violation.startswith(f"{check}:") for violation in violations(found))


def test_an_unanswered_command_is_unknown_whatever_is_refused_later():
    one = Operation("draft", "key", "/shifts", None)
    one.attempts.append(Attempt(0.0, 1.0))
    one.told(monotonic(), Refusal())
    assert one.outcome is Outcome.UNKNOWN
    one.settled(Refusal())
    assert one.outcome is Outcome.FAIL


class Refusal:
    """An answer as httpx gives it."""

    status_code = 409
    is_success = False
    text = "Conflict"
    headers: dict[str, str] = {}  # noqa: RUF012 - read only


ASSIGNED = 2
"""Where in `fine` somebody is assigned."""


def fine():
    """Two shifts that overlap are drafted, and Ana is put on the first; of a third nobody knew."""
    shifts = [drafted(MORNING), drafted(NOON, id=OTHER), drafted(EVENING, id=uuid4())]
    events = [shift.pending_events[0] for shift in shifts[:2]]
    events.append(published(MORNING, pending=[ANA]).pending_events[-1])
    log = [
        _logged(position, event, version=2 if position == 3 else 1)
        for position, event in enumerate(events, 1)
    ]
    found = Evidence(
        operations=[_operation(log[0]), _operation(log[1]), _refused()],
        log=log,
        seen=[(entry.position, entry.command_id) for entry in log],
        keys={entry.key: entry.position for entry in log},
        audited=[entry.position for entry in log],
        shifts={SHIFT: _shown(MORNING), OTHER: _shown(NOON)},
        bookings=[Booking(SHIFT, ANA, "pending")],
    )
    ((position, recipient),) = set(_wanted(found))
    found.notifications = [derived_id("notification", position, recipient)]
    found.deliveries = [Delivery(position, recipient, "email", "sent", 1)]
    found.sent = frozenset({f"{position}-{recipient}"})
    return found


def logged(position, kind, like, shift_id, person_id=ANA):
    event = kind(
        originator_id=shift_id,
        originator_version=position,
        timestamp=like.timestamp + timedelta(hours=1),
        person_id=person_id,
    )
    return _logged(position, event, version=position)


def answered(status):
    return Attempt(0.0, 0.1, status)


def _logged(position, event, version):
    command_id = str(UUID(int=position))
    key = f"key-{position}"
    return Logged(
        position=position,
        aggregate_id=event.originator_id,
        version=version,
        command_id=command_id,
        request_id=f"{key}.0",
        actor=COORDINATORS_ACCOUNT,
        event=event,
    )


def _operation(entry):
    answer = {"id": str(entry.aggregate_id)}
    one = Operation("draft", entry.key, "/shifts", None, None, [answered(201)], Outcome.OK, answer)
    one.again = answer
    return one


def _refused():
    return Operation("draft", "key-refused", "/shifts", None, None, [answered(422)], Outcome.FAIL)


def _shown(period):
    return ShownShift(period.start, period.end, 1)
