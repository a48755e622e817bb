"""What waits for a clock: drafts that may grow stale, and published shifts to remind of and to
complete.

Only candidates are found here; whether it is time for one is decided on the log.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Boolean, Column, DateTime, Index, Table, Text, Uuid, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement

from domain.scheduling.shift import Shift
from domain.scheduling.staffing import ShiftStatus
from domain.shared.aggregate import Event
from domain.shared.ids import PersonId, ShiftId, TenantId
from projections.read_model import ReadModel
from projections.rows import Rows

BATCH = 200

model = ReadModel("scheduling.due", version=1, awaited=False)

due = model.keep(
    Table(
        "due",
        model.metadata,
        Column("shift_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("status", Text, nullable=False),
        Column("starts_at", DateTime(timezone=True), nullable=False),
        Column("ends_at", DateTime(timezone=True), nullable=False),
        Column("touched_at", DateTime(timezone=True), nullable=False),
        Column("accepted", ARRAY(Uuid), nullable=False),
        Column("reminded", Boolean, nullable=False),
        Index("due_tenant_idx", "tenant_id", "status", "ends_at", "shift_id"),
    ),
    by=["originator_id"],
)


@model.on(Shift.Drafted)
def shift_drafted(event: Shift.Drafted, rows: Rows) -> None:
    rows[due].insert(
        shift_id=event.originator_id,
        status=ShiftStatus.DRAFT,
        starts_at=event.period.start,
        ends_at=event.period.end,
        touched_at=event.timestamp,
        accepted=[],
        reminded=False,
    )


@model.on(Shift.Changed)
def shift_changed(event: Shift.Changed, rows: Rows) -> None:
    shift = rows[due][event.originator_id]
    shift.starts_at = event.period.start
    shift.ends_at = event.period.end
    shift.touched_at = event.timestamp


@model.on(Shift.Published)
def shift_published(event: Shift.Published, rows: Rows) -> None:
    rows[due][event.originator_id].status = ShiftStatus.PUBLISHED


@model.on(Shift.Completed, Shift.Cancelled)
def shift_is_over(event: Shift.Completed | Shift.Cancelled, rows: Rows) -> None:
    rows[due].delete(event.originator_id)


@model.on(Shift.Discarded)
def draft_discarded(event: Shift.Discarded, rows: Rows) -> None:
    rows[due].delete(event.originator_id)


@model.on(Shift.Reminded)
def people_reminded(event: Shift.Reminded, rows: Rows) -> None:
    rows[due][event.originator_id].reminded = True


@model.on(Shift.PlaceClaimed, Shift.AssignmentAccepted)
def somebody_comes(event: Shift.PlaceClaimed | Shift.AssignmentAccepted, rows: Rows) -> None:
    _comes(event, event.person_id, rows)


@model.on(Shift.AssignmentDeclined, Shift.AssignmentReassigned)
def somebody_stays_away(
    event: Shift.AssignmentDeclined | Shift.AssignmentReassigned, rows: Rows
) -> None:
    _stays_away(event, event.person_id, rows)


@model.on(Shift.PlaceSwapped)
def place_swapped(event: Shift.PlaceSwapped, rows: Rows) -> None:
    _stays_away(event, event.person_id, rows)
    _comes(event, event.to_person_id, rows)


def _comes(event: Event, person_id: PersonId, rows: Rows) -> None:
    shift = rows[due][event.originator_id]
    shift.accepted = [*shift.accepted, person_id]


def _stays_away(event: Event, person_id: PersonId, rows: Rows) -> None:
    shift = rows[due][event.originator_id]
    shift.accepted = [each for each in shift.accepted if each != person_id]


Place = tuple[datetime, ShiftId]
"""Where in the order of their ends a batch begins: after this shift."""


async def stale_drafts(
    connection: AsyncConnection,
    tenant_id: TenantId,
    now: datetime,
    untouched_since: datetime,
    after: Place | None,
) -> Sequence[Place]:
    """Drafts whose time is over or that nobody has touched since, at most `BATCH`."""
    is_stale = (due.c.ends_at <= now) | (due.c.touched_at <= untouched_since)
    return await _batch(connection, tenant_id, ShiftStatus.DRAFT, is_stale, after)


async def ended(
    connection: AsyncConnection, tenant_id: TenantId, now: datetime, after: Place | None
) -> Sequence[Place]:
    """Published shifts that are over, at most `BATCH`."""
    return await _batch(connection, tenant_id, ShiftStatus.PUBLISHED, due.c.ends_at <= now, after)


async def to_be_reminded_of(
    connection: AsyncConnection,
    tenant_id: TenantId,
    now: datetime,
    until: datetime,
    after: Place | None,
) -> Sequence[Place]:
    """Published shifts that start until then, to which somebody comes who was not reminded, at
    most `BATCH`.
    """
    is_soon = (due.c.starts_at <= until) & (due.c.ends_at > now)
    wanted = is_soon & ~due.c.reminded & (due.c.accepted != [])
    return await _batch(connection, tenant_id, ShiftStatus.PUBLISHED, wanted, after)


async def _batch(
    connection: AsyncConnection,
    tenant_id: TenantId,
    status: ShiftStatus,
    wanted: ColumnElement[bool],
    after: Place | None,
) -> Sequence[Place]:
    query = select(due.c.ends_at, due.c.shift_id).where(
        due.c.tenant_id == tenant_id, due.c.status == status, wanted
    )
    if after is not None:
        query = query.where(tuple_(due.c.ends_at, due.c.shift_id) > after)
    query = query.order_by(due.c.ends_at, due.c.shift_id).limit(BATCH)
    rows = (await connection.execute(query)).all()
    return [(row.ends_at, ShiftId(row.shift_id)) for row in rows]
