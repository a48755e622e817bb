"""Checks on notifications: whoever had to be told was told, and nobody else."""

from collections import Counter
from collections.abc import Iterable, Iterator
from uuid import UUID

from application.processes.briefs import ShiftBrief, brief_after, shift_of
from application.processes.notices import Notice, ToCoordinator, ToPerson
from application.processes.notifications import notices
from domain.shared.ids import derived_id
from tests.faults.evidence import ATTEMPTS, Evidence


def everybody_is_told_once(found: Evidence) -> Iterable[str]:
    """One notification for each event and recipient, exactly as the log asks for it."""
    wanted = {derived_id("notification", *pair): pair for pair in _wanted(found)}
    allowed = {derived_id("notification", *pair) for pair in _allowed(found)}
    told = Counter(found.notifications)
    for id_, (position, recipient) in wanted.items():
        if told[id_] != 1:
            yield f"{recipient} was told {told[id_]} times of {position}"
    if made_up := told.keys() - wanted.keys() - allowed:
        yield f"{len(made_up)} notifications tell of nothing that happened"


def every_message_came_to_an_end(found: Evidence) -> Iterable[str]:
    """Between one and N sends for each event, recipient and channel, and a final state."""
    for one in found.deliveries:
        name = f"{one.position}-{one.recipient} by {one.channel}"
        if one.status not in {"sent", "dead"}:
            yield f"{name} is {one.status}"
        if not 1 <= one.attempts <= ATTEMPTS:
            yield f"{name} was tried {one.attempts} times"
        if one.status == "sent" and f"{one.position}-{one.recipient}" not in found.sent:
            yield f"{name} is said to be sent and was not"
    keys = Counter((one.position, one.recipient) for one in found.deliveries)
    if unsent := set(_wanted(found)) - keys.keys():
        yield f"never to be sent: {sorted(unsent, key=str)[:5]}"


def _wanted(found: Evidence) -> Iterator[tuple[int, UUID]]:
    """Everybody in the bed has an address and is a member, so each notice goes out by mail."""
    for position, notice in _notices(found):
        if notice.unless is None and isinstance(notice.to, ToPerson | ToCoordinator):
            yield position, notice.to.id


def _allowed(found: Evidence) -> Iterator[tuple[int, UUID]]:
    """Whoever acted for himself or herself is not told; of a group, those are who are in it."""
    everybody = {one.recipient for one in found.deliveries}
    for position, notice in _notices(found):
        if not isinstance(notice.to, ToPerson | ToCoordinator):
            yield from ((position, recipient) for recipient in everybody)
        elif notice.unless is not None:
            yield position, notice.to.id


def _notices(found: Evidence) -> Iterator[tuple[int, Notice]]:
    briefs: dict[UUID, ShiftBrief] = {}
    for entry in found.log:
        if entry.event is None or entry.position in found.excused:
            continue
        about = shift_of(entry.event)
        brief = brief_after(entry.event, entry.actor, briefs.get(about))
        if brief is not None:
            briefs[about] = brief
        for notice in notices(entry.event, entry.actor, brief):
            yield entry.position, notice
