"""How well units are staffed: of the places on shifts that were published, how many are accepted.

Drafts ask for nobody yet, and what was cancelled for nobody any more.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, Date, Index, Integer, Row, Select, Table, Text, Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.shift import Shift
from domain.scheduling.staffing import AssignmentStatus, ShiftStatus
from domain.scheduling.unit import Unit
from domain.shared.aggregate import Event
from domain.shared.ids import PersonId, TenantId, UnitId
from domain.shared.wall_clock import wall_day
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("reporting.fill", version=1, awaited=False)

units = model.keep(
    Table(
        "units",
        model.metadata,
        Column("unit_id", Uuid, primary_key=True),
        Column("name", Text, nullable=False),
    ),
    by=["originator_id"],
)
shifts = model.keep(
    Table(
        "shifts",
        model.metadata,
        Column("shift_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("unit_id", Uuid, nullable=False),
        Column("zone", Text, nullable=False),
        Column("day", Date, nullable=False),
        Column("headcount", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Index("fill_shifts_idx", "tenant_id", "day"),
    ),
    by=["originator_id"],
)
# Its rows are only ever put and taken away, and so never loaded.
places = Table(
    "places",
    model.metadata,
    Column("shift_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("status", Text, nullable=False),
)


@model.on(Unit.Opened, Unit.Changed)
def unit_is_known(event: Unit.Opened | Unit.Changed, rows: Rows) -> None:
    rows[units].insert(unit_id=event.originator_id, name=event.name)


@model.on(Shift.Drafted)
def shift_drafted(event: Shift.Drafted, rows: Rows) -> None:
    rows[shifts].insert(
        shift_id=event.originator_id,
        unit_id=event.unit_id,
        zone=event.zone,
        day=wall_day(event.period.start, event.zone),
        headcount=event.headcount,
        status=ShiftStatus.DRAFT,
    )


@model.on(Shift.Changed)
def shift_changed(event: Shift.Changed, rows: Rows) -> None:
    shift = rows[shifts][event.originator_id]
    shift.day = wall_day(event.period.start, shift.zone)
    shift.headcount = event.headcount


@model.on(Shift.Published)
def shift_published(event: Shift.Published, rows: Rows) -> None:
    rows[shifts][event.originator_id].status = ShiftStatus.PUBLISHED


@model.on(Shift.Completed)
def shift_completed(event: Shift.Completed, rows: Rows) -> None:
    rows[shifts][event.originator_id].status = ShiftStatus.COMPLETED


@model.on(Shift.Cancelled)
def shift_cancelled(event: Shift.Cancelled, rows: Rows) -> None:
    rows[shifts][event.originator_id].status = ShiftStatus.CANCELLED


@model.on(Shift.PersonAssigned)
def person_assigned(event: Shift.PersonAssigned, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.PENDING, rows)


@model.on(Shift.AssignmentAccepted, Shift.PlaceClaimed)
def place_accepted(event: Shift.AssignmentAccepted | Shift.PlaceClaimed, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.ACCEPTED, rows)


@model.on(Shift.AssignmentDeclined)
def place_left(event: Shift.AssignmentDeclined, rows: Rows) -> None:
    rows[places].delete((event.originator_id, event.person_id))


@model.on(Shift.AssignmentReassigned)
def place_handed_on(event: Shift.AssignmentReassigned, rows: Rows) -> None:
    rows[places].delete((event.originator_id, event.person_id))
    _put(event, event.to_person_id, AssignmentStatus.PENDING, rows)


@model.on(Shift.PlaceSwapped)
def place_swapped(event: Shift.PlaceSwapped, rows: Rows) -> None:
    rows[places].delete((event.originator_id, event.person_id))
    _put(event, event.to_person_id, AssignmentStatus.ACCEPTED, rows)


def _put(event: Event, person_id: PersonId, status: AssignmentStatus, rows: Rows) -> None:
    rows[places].insert(shift_id=event.originator_id, person_id=person_id, status=status)


@dataclass(frozen=True)
class FillFilter:
    """None does not filter; `first` and `last` are the days, on the unit's wall, on which a shift
    begins.
    """

    first: date | None = None
    last: date | None = None
    unit_id: UnitId | None = None


async def list_fill(
    connection: AsyncConnection, tenant_id: TenantId, wanted: FillFilter, page: PageRequest
) -> Page[Row[tuple[Any, ...]]]:
    """By the unit's name: of how many shifts and `places` how many are `accepted` or `pending`."""
    held = _held()
    query = (
        select(
            shifts.c.unit_id,
            units.c.name,
            func.count().label("shifts"),
            func.sum(shifts.c.headcount).label("places"),
            func.coalesce(func.sum(held.c.accepted), 0).label("accepted"),
            func.coalesce(func.sum(held.c.pending), 0).label("pending"),
        )
        .join(units, units.c.unit_id == shifts.c.unit_id)
        .outerjoin(held, held.c.shift_id == shifts.c.shift_id)
        .where(shifts.c.tenant_id == tenant_id)
        .where(shifts.c.status.in_([ShiftStatus.PUBLISHED, ShiftStatus.COMPLETED]))
        .group_by(shifts.c.unit_id, units.c.name)
        .order_by(units.c.name, shifts.c.unit_id)
    )
    return await page_of(connection, _filtered(query, wanted), page)


def _held() -> Any:
    """How many places of each shift are accepted, and how many wait for an answer."""
    return (
        select(
            places.c.shift_id,
            func.count().filter(places.c.status == AssignmentStatus.ACCEPTED).label("accepted"),
            func.count().filter(places.c.status == AssignmentStatus.PENDING).label("pending"),
        )
        .group_by(places.c.shift_id)
        .subquery("held")
    )


def _filtered(query: Select[*tuple[Any, ...]], wanted: FillFilter) -> Select[*tuple[Any, ...]]:
    if wanted.first is not None:
        query = query.where(shifts.c.day >= wanted.first)
    if wanted.last is not None:
        query = query.where(shifts.c.day <= wanted.last)
    if wanted.unit_id is not None:
        query = query.where(shifts.c.unit_id == wanted.unit_id)
    return query
