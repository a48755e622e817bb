"""Swaps: what is offered, what for, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Index,
    Row,
    Select,
    Table,
    Text,
    Uuid,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.staffing import ShiftStatus
from domain.scheduling.swap import Swap, SwapStatus
from domain.shared.aggregate import Event
from domain.shared.ids import PersonId, SwapId, TenantId
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows
from projections.scheduling.open_shifts import is_held_by, is_in_a_role_of
from projections.scheduling.shifts import shifts

model = ReadModel("scheduling.swaps", version=1)

swaps = model.keep(
    Table(
        "swaps",
        model.metadata,
        Column("swap_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("status", Text, nullable=False),
        Column("shift_id", Uuid, nullable=False),
        Column("person_id", Uuid, nullable=False),
        Column("to_person_id", Uuid),
        Column("note", Text, nullable=False),
        Column("return_shift_id", Uuid),
        Column("taker_id", Uuid),
        Column("reason", Text),
        Column("offered_at", DateTime(timezone=True), nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
        Index("swaps_tenant_idx", "tenant_id", "offered_at", "swap_id"),
    ),
    by=["originator_id"],
)


@model.on(Swap.Offered)
def swap_offered(event: Swap.Offered, rows: Rows) -> None:
    rows[swaps].insert(
        swap_id=event.originator_id,
        status=SwapStatus.OFFERED,
        shift_id=event.shift_id,
        person_id=event.person_id,
        to_person_id=event.to_person_id,
        note=event.note,
        offered_at=event.timestamp,
        changed_at=event.timestamp,
    )


@model.on(Swap.Taken)
def swap_taken(event: Swap.Taken, rows: Rows) -> None:
    _became(SwapStatus.TAKEN, event, rows)
    swap = rows[swaps][event.originator_id]
    swap.return_shift_id = event.shift_id
    swap.taker_id = event.person_id


@model.on(Swap.Exchanged)
def swap_exchanged(event: Swap.Exchanged, rows: Rows) -> None:
    _became(SwapStatus.EXCHANGED, event, rows)


@model.on(Swap.Rejected)
def swap_rejected(event: Swap.Rejected, rows: Rows) -> None:
    _became(SwapStatus.REJECTED, event, rows)
    rows[swaps][event.originator_id].reason = event.reason


@model.on(Swap.Withdrawn)
def swap_withdrawn(event: Swap.Withdrawn, rows: Rows) -> None:
    _became(SwapStatus.WITHDRAWN, event, rows)


@model.on(Swap.Lapsed)
def swap_lapsed(event: Swap.Lapsed, rows: Rows) -> None:
    _became(SwapStatus.LAPSED, event, rows)


def _became(status: SwapStatus, event: Event, rows: Rows) -> None:
    swap = rows[swaps][event.originator_id]
    swap.status = status
    swap.changed_at = event.timestamp


@dataclass(frozen=True)
class Viewer:
    """Who is shown only own swaps, and those that he or she could take."""

    person_id: PersonId
    now: datetime


@dataclass(frozen=True)
class SwapFilter:
    """None does not filter."""

    status: SwapStatus | None = None


async def list_swaps(
    connection: AsyncConnection,
    tenant_id: TenantId,
    viewer: Viewer | None,
    wanted: SwapFilter,
    page: PageRequest,
) -> Page[Row[tuple[object, ...]]]:
    """The newest first. Without a viewer, all of them."""
    query = _shown_to(viewer, tenant_id)
    if wanted.status is not None:
        query = query.where(swaps.c.status == wanted.status)
    newest_first = query.order_by(swaps.c.offered_at.desc(), swaps.c.swap_id)
    return await page_of(connection, newest_first, page)


async def find_swap(
    connection: AsyncConnection, tenant_id: TenantId, viewer: Viewer | None, swap_id: SwapId
) -> Row[tuple[object, ...]] | None:
    query = _shown_to(viewer, tenant_id).where(swaps.c.swap_id == swap_id)
    return (await connection.execute(query)).one_or_none()


def _shown_to(viewer: Viewer | None, tenant_id: TenantId) -> Select[*tuple[Any, ...]]:
    """Swaps with what is to be told of both shifts."""
    returned = shifts.alias("returned")
    query = (
        select(swaps, *_told(shifts, "offered"), *_told(returned, "returned"))
        .join(shifts, shifts.c.shift_id == swaps.c.shift_id)
        .outerjoin(returned, returned.c.shift_id == swaps.c.return_shift_id)
        .where(swaps.c.tenant_id == tenant_id)
    )
    if viewer is None:
        return query
    return query.where(or_(_is_own(viewer.person_id), _could_be_taken_by(viewer, tenant_id)))


def _told(shift: Any, side: str) -> Sequence[ColumnElement[Any]]:
    names = ("unit_id", "role", "starts_at", "ends_at", "zone")
    return [shift.c[name].label(f"{side}_{name}") for name in names]


def _is_own(person_id: PersonId) -> ColumnElement[bool]:
    involved = (swaps.c.person_id, swaps.c.to_person_id, swaps.c.taker_id)
    return or_(*(column == person_id for column in involved))


def _could_be_taken_by(viewer: Viewer, tenant_id: TenantId) -> ColumnElement[bool]:
    """As far as reads tell: it is on offer to anybody, its shift is open and in one of the person's
    roles, and he or she is not on it. The rest, such as the rest between shifts, taking it tells.
    """
    return (
        (swaps.c.status == SwapStatus.OFFERED)
        & swaps.c.to_person_id.is_(None)
        & (shifts.c.status == ShiftStatus.PUBLISHED)
        & (shifts.c.ends_at > viewer.now)
        & is_in_a_role_of(viewer.person_id, tenant_id)
        & ~is_held_by(viewer.person_id)
    )
