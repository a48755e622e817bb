"""What must hold after every round. Each check names what it found broken; nothing is fine."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from tests.faults import bookings, telling, workflows
from tests.faults.evidence import Evidence, Logged
from tests.faults.operations import Outcome

LONGEST_REQUEST = 10.0
"""Seconds."""


def every_ok_command_is_in_the_log_exactly_once(found: Evidence) -> Iterable[str]:
    stored = _commands_by_key(found.log)
    for one in found.operations:
        # What changed nothing is remembered under its key, at no position.
        told = one.may_change_nothing and found.keys.get(one.key) == 0
        if one.outcome is Outcome.OK and len(stored[one.key]) != (0 if told else 1):
            yield f"{one.kind} {one.key} was ok and is there {len(stored[one.key])} times"


def every_failed_command_is_absent(found: Evidence) -> Iterable[str]:
    stored = _commands_by_key(found.log)
    for one in found.operations:
        if one.outcome is Outcome.FAIL and stored[one.key]:
            yield f"{one.kind} {one.key} was refused and is there: {one.attempts[-1].text}"


def every_unknown_command_is_there_at_most_once(found: Evidence) -> Iterable[str]:
    for key, commands in _commands_by_key(found.log).items():
        if len(commands) > 1:
            yield f"{key} is there {len(commands)} times"


def repeating_a_command_gives_the_first_answer(found: Evidence) -> Iterable[str]:
    for one in found.operations:
        if one.outcome is Outcome.UNKNOWN:
            yield f"{one.kind} {one.key} was never settled"
        elif one.again is not None and one.again != one.answer:
            yield f"{one.kind} {one.key}: {one.again} instead of {one.answer}"


def a_key_belongs_to_the_command_that_it_names(found: Evidence) -> Iterable[str]:
    last = {entry.key: entry.position for entry in found.log}
    for one in found.operations:
        nothing = 0 if one.may_change_nothing else None
        named, stored = found.keys.get(one.key), last.get(one.key, nothing)
        if one.outcome is Outcome.OK and named != stored:
            yield f"{one.key} points at {named}, not at {stored}"


def versions_are_dense(found: Evidence) -> Iterable[str]:
    versions = defaultdict(list)
    for entry in found.log:
        versions[entry.aggregate_id].append(entry.version)
    for aggregate_id, numbers in versions.items():
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{aggregate_id} has the versions {numbers}"


def positions_are_the_order_of_commits(found: Evidence) -> Iterable[str]:
    """A reader that ran all along saw every event, at its place."""
    logged = [(entry.position, entry.command_id) for entry in found.log]
    if [position for position, _ in logged] != list(range(1, len(logged) + 1)):
        yield "positions have holes"
    if missed := sorted(set(logged) - set(found.seen)):
        yield f"the reader skipped {missed[:5]}"
    if made_up := sorted(set(found.seen) - set(logged)):
        yield f"the reader saw what is not there: {made_up[:5]}"
    if [position for position, _ in found.seen] != sorted({p for p, _ in found.seen}):
        yield "the reader saw positions out of order, or twice"


def every_read_model_equals_the_fold(found: Evidence) -> Iterable[str]:
    if found.differing:
        yield found.differing


def only_poison_is_parked(found: Evidence) -> Iterable[str]:
    for position in sorted(set(found.parked) - found.excused):
        yield f"the event at {position} is parked"


def the_audit_trail_is_the_log(found: Evidence) -> Iterable[str]:
    positions = [entry.position for entry in found.log]
    if list(found.audited) != positions:
        odd = sorted(set(positions) ^ set(found.audited))
        yield f"the audit trail has {len(found.audited)} of {len(positions)} rows: {odd[:5]}"
    if found.broken_seal is not None:
        yield f"the audit trail is broken at {found.broken_seal}"


def no_request_took_too_long(found: Evidence) -> Iterable[str]:
    for one in found.operations:
        for attempt in one.attempts:
            if attempt.seconds > LONGEST_REQUEST:
                yield f"{one.kind} {one.key} took {attempt.seconds:.1f} s"


def every_error_says_when_to_come_back(found: Evidence) -> Iterable[str]:
    for one in found.operations:
        for attempt in one.attempts:
            status = attempt.status or 0
            if status >= 500 and not (status == 503 and attempt.may_be_repeated):
                yield f"{one.kind} {one.key} was answered {status}: {attempt.text}"


def no_process_is_left_over(found: Evidence) -> Iterable[str]:
    yield from found.leftovers


CHECKS: tuple[Callable[[Evidence], Iterable[str]], ...] = (
    every_ok_command_is_in_the_log_exactly_once,
    every_failed_command_is_absent,
    every_unknown_command_is_there_at_most_once,
    repeating_a_command_gives_the_first_answer,
    a_key_belongs_to_the_command_that_it_names,
    versions_are_dense,
    positions_are_the_order_of_commits,
    every_read_model_equals_the_fold,
    only_poison_is_parked,
    the_audit_trail_is_the_log,
    bookings.nobody_is_in_two_places_at_once,
    bookings.no_shift_is_above_its_headcount,
    bookings.the_log_never_overbooked_anybody,
    workflows.a_child_is_todo_or_later_iff_its_join_is_satisfied,
    workflows.no_task_is_unlocked_twice,
    workflows.at_most_one_has_a_task,
    workflows.who_was_told_to_have_a_task_had_it,
    workflows.what_is_over_stays_so,
    workflows.rows_of_tasks_equal_the_log,
    workflows.rows_of_instances_equal_the_log,
    telling.everybody_is_told_once,
    telling.every_message_came_to_an_end,
    no_request_took_too_long,
    every_error_says_when_to_come_back,
    no_process_is_left_over,
)

_TOLD = 5
"""Violations of one kind that are told one by one."""


def violations(found: Evidence) -> list[str]:
    """Every broken promise, by the name of its check."""
    told = []
    for check in CHECKS:
        broken = list(check(found))
        told += [f"{check.__name__}: {one}" for one in broken[:_TOLD]]
        if len(broken) > _TOLD:
            told.append(f"{check.__name__}: and {len(broken) - _TOLD} more")
    return told


def _commands_by_key(log: Iterable[Logged]) -> dict[str, Counter[str]]:
    commands: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in log:
        if entry.key:
            commands[entry.key][entry.command_id] += 1
    return commands
