"""What is found after a round: plain data, so that the checker can be tried on inventions."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from domain.shared.aggregate import Event
from domain.shared.ids import AccountId
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import LogEntry, newest_position, read_all
from infrastructure.messages.outbox import Outbox
from infrastructure.postgres.audit_check import verify_audit
from infrastructure.postgres.projector import beside
from infrastructure.registry import read_models
from infrastructure.settings import Settings
from interfaces.cli.auditing import verify
from interfaces.cli.checkpoints import evidence_of
from tests.faults.bed import Bed
from tests.faults.operations import Operation

ATTEMPTS = Settings.model_fields["delivery_attempts"].default

_KEYS = "SELECT key, position FROM idempotency_keys"
_PARKED = "SELECT position FROM parked_events UNION SELECT position FROM parked_messages"
_AUDITED = "SELECT position FROM audit_trail ORDER BY position"
_SHIFTS = "SELECT shift_id, starts_at, ends_at, headcount FROM scheduling_shifts_v2.shifts"
_HELD = """
SELECT shift_id, person_id, a.status
FROM scheduling_shifts_v2.assignments a JOIN scheduling_shifts_v2.shifts s USING (shift_id)
WHERE a.status IN ('pending', 'accepted') AND s.status <> 'cancelled'
"""
_TASKS = "SELECT task_id, state, assignee_id, blocked_by FROM work_tasks_v1.tasks"
_INSTANCES = "SELECT instance_id, total, done, skipped FROM workflow_instances_v1.instances"
_NOTIFICATIONS = "SELECT id FROM notifications"
_DELIVERIES = "SELECT position, recipient, channel, status, attempts FROM deliveries"


@dataclass(frozen=True)
class Logged:
    """An event of the log; `event` is None where nobody can read it."""

    position: int
    aggregate_id: UUID
    version: int
    command_id: str
    request_id: str
    actor: AccountId
    event: Event | None

    @property
    def key(self) -> str:
        """The idempotency key with which a client of ours asked; else something else."""
        return self.request_id.rpartition(".")[0]


@dataclass(frozen=True)
class Booking:
    """A place that somebody holds, as the read model shows it."""

    shift_id: UUID
    person_id: UUID
    status: str


@dataclass(frozen=True)
class ShownShift:
    starts_at: datetime
    ends_at: datetime
    headcount: int


@dataclass(frozen=True)
class Delivery:
    position: int
    recipient: UUID
    channel: str
    status: str
    attempts: int


@dataclass
class Evidence:
    operations: Sequence[Operation] = ()
    log: Sequence[Logged] = ()
    seen: Sequence[tuple[int, str]] = ()
    """Position and command of each event, as the tailing reader came across them."""
    keys: dict[str, int] = field(default_factory=dict)
    """The last position of what was stored under each idempotency key."""
    differing: str = ""
    """What `opstream verify` complains of."""
    parked: Sequence[int] = ()
    """Positions that a read model or a consumer has set aside."""
    audited: Sequence[int] = ()
    broken_seal: int | None = None
    shifts: dict[UUID, ShownShift] = field(default_factory=dict)
    bookings: Sequence[Booking] = ()
    tasks: dict[UUID, tuple[str, UUID | None, str | None]] = field(default_factory=dict)
    """The state of each, who has it, and what blocks it, as the read model shows them."""
    instances: dict[UUID, tuple[int, int, int]] = field(default_factory=dict)
    """Of the nodes of each: how many there are, are done and are skipped."""
    notifications: Sequence[UUID] = ()
    deliveries: Sequence[Delivery] = ()
    sent: frozenset[str] = frozenset()
    """Position and recipient of every message in the outbox, as ``7-<uuid>``."""
    leftovers: Sequence[str] = ()
    excused: frozenset[int] = frozenset()
    """Positions of poison that a scenario put into the log itself."""


async def found_in(bed: Bed, operations: Sequence[Operation], seen: Sequence[Any]) -> Evidence:
    """Everything, read past the proxies when all is quiet."""
    async with await psycopg.AsyncConnection.connect(
        bed.database_url, autocommit=True
    ) as connection:
        broken = await verify_audit(connection)
        log = [
            entry
            async for batch in read_all(connection, 0, await newest_position(connection))
            for entry in batch
        ]
    parked = [position for (position,) in await bed.query(_PARKED)]
    return Evidence(
        operations=operations,
        log=[_logged(entry) for entry in log],
        seen=list(seen),
        keys=dict(await bed.query(_KEYS)),
        differing=await _differences(bed, parked),
        parked=parked,
        audited=[position for (position,) in await bed.query(_AUDITED)],
        broken_seal=broken,
        shifts={row[0]: ShownShift(*row[1:]) for row in await bed.query(_SHIFTS)},
        bookings=[Booking(*row) for row in await bed.query(_HELD)],
        tasks={row[0]: row[1:] for row in await bed.query(_TASKS)},
        instances={row[0]: row[1:] for row in await bed.query(_INSTANCES)},
        notifications=[one for (one,) in await bed.query(_NOTIFICATIONS)],
        deliveries=[Delivery(*row) for row in await bed.query(_DELIVERIES)],
        sent=_sent(bed.data_dir / "outbox"),
        leftovers=bed.leftovers(),
    )


_mapper = EventMapper()


def _logged(entry: LogEntry) -> Logged:
    metadata = entry.metadata
    try:
        event = entry.event(_mapper)
    except Exception:  # noqa: BLE001 - poison, in whatever way
        event = None
    return Logged(
        position=entry.position,
        aggregate_id=entry.originator_id,
        version=entry.version,
        command_id=str(entry.command_id),
        request_id=str(metadata.get("request_id", "")),
        actor=AccountId(UUID(str(metadata["actor"]))),
        event=event,
    )


async def _differences(bed: Bed, parked: Sequence[int]) -> str:
    """`opstream verify` in this process; what it says when it is not content. It never is while
    something is parked; then the read models are compared one by one.
    """
    told = io.StringIO()
    signed = evidence_of(Settings(data_dir=bed.data_dir), (), ())
    with contextlib.redirect_stdout(told):
        content = await verify(bed.database_url, signed)
    if content or not parked:
        return "" if content else told.getvalue()
    differing = []
    for model in read_models():
        compared = await beside.verify(bed.database_url, _mapper, model, lambda _done, _total: None)
        differing += [f"{model.name}: {one}" for one in compared.differences]
    return "; ".join(differing)


def _sent(outbox: Path) -> frozenset[str]:
    """File names end with the message's key."""
    assert Outbox(outbox).name == "email"
    return frozenset(path.stem.partition("Z-")[2] for path in outbox.glob("*.txt"))
