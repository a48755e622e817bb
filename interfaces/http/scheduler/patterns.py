"""Shift patterns: designed, changed, ended, and made drafts of."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.scheduling.patterns import (
    ChangePattern,
    DesignPattern,
    DraftPattern,
    EndPattern,
    must_be_few_days,
)
from domain.shared.ids import PatternId, UnitId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Day, Text
from interfaces.http.scheduler.common import PageOut, Paging, existing
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.directory_schemas import Listed
from interfaces.http.scheduler.pattern_schemas import (
    DaysIn,
    DraftedOut,
    OccurrencesOut,
    ShiftPatternChangeIn,
    ShiftPatternIn,
    ShiftPatternOut,
)
from projections.scheduling.patterns import PatternFilter, find_pattern, list_patterns, template_of
from projections.scheduling.units import find_unit

router = scheduler_router()


@router.get("/shift-patterns", tags=["shift patterns"], dependencies=[needs("shifts:read")])
async def get_patterns(
    call: Call,
    paging: Paging,
    unit_id: Annotated[UUID | None, Query()] = None,
    role: Annotated[Text | None, Query()] = None,
    active: Annotated[
        Listed, Query(description="Those that go on alone, unless `false` or `all` is asked for.")
    ] = Listed.TRUE,
) -> PageOut[ShiftPatternOut]:
    """Shift patterns, in order of their first day."""
    wanted = PatternFilter(None if unit_id is None else UnitId(unit_id), role, active.active)
    page = await call.ask(list_patterns, call.actor.tenant_id, wanted, paging)
    return PageOut[ShiftPatternOut].of(page, [ShiftPatternOut.of_row(row) for row in page.items])


@router.post(
    "/shift-patterns",
    status_code=201,
    tags=["shift patterns"],
    dependencies=[needs(DesignPattern)],
)
async def design_pattern(body: ShiftPatternIn, call: Call) -> ShiftPatternOut:
    """Say what comes back, and on which days: wall times stay, whatever clocks do."""
    command = DesignPattern(UnitId(body.unit_id), body.template())
    return await call.run(command, ShiftPatternOut.of)


@router.get(
    "/shift-patterns/{pattern_id}", tags=["shift patterns"], dependencies=[needs("shifts:read")]
)
async def get_pattern(pattern_id: UUID, call: Call) -> ShiftPatternOut:
    """One pattern, whether it goes on or has ended."""
    row = await call.ask(find_pattern, call.actor.tenant_id, PatternId(pattern_id))
    return ShiftPatternOut.of_row(existing(row, "shift pattern", pattern_id))


@router.patch(
    "/shift-patterns/{pattern_id}", tags=["shift patterns"], dependencies=[needs(ChangePattern)]
)
async def change_pattern(
    pattern_id: UUID, body: ShiftPatternChangeIn, call: Call
) -> ShiftPatternOut:
    """Change what drafts are made from now on; those that there are stay as they are."""
    command = ChangePattern(PatternId(pattern_id), body.change())
    return await call.run(command, ShiftPatternOut.of)


@router.delete(
    "/shift-patterns/{pattern_id}", tags=["shift patterns"], dependencies=[needs(EndPattern)]
)
async def end_pattern(pattern_id: UUID, call: Call) -> ShiftPatternOut:
    """End a pattern: it makes no more drafts; those that there are, and its history, stay."""
    return await call.run(EndPattern(PatternId(pattern_id)), ShiftPatternOut.of)


@router.get(
    "/shift-patterns/{pattern_id}/occurrences",
    tags=["shift patterns"],
    dependencies=[needs("shifts:read")],
)
async def get_occurrences(
    pattern_id: UUID,
    call: Call,
    first: Annotated[Day, Query(alias="from")],
    last: Annotated[Day, Query(alias="to", description="Included; at most 366 days in all.")],
) -> OccurrencesOut:
    """The days of a pattern, and when its shifts are on the unit's wall clock."""
    must_be_few_days(first, last)
    tenant_id = call.actor.tenant_id
    found = await call.ask(find_pattern, tenant_id, PatternId(pattern_id))
    row = existing(found, "shift pattern", pattern_id)
    unit = existing(await call.ask(find_unit, tenant_id, row.unit_id), "unit", row.unit_id)
    return OccurrencesOut.of(PatternId(pattern_id), template_of(row), unit.zone, first, last)


@router.post(
    "/shift-patterns/{pattern_id}/drafts",
    tags=["shift patterns"],
    dependencies=[needs(DraftPattern)],
)
async def draft_pattern(pattern_id: UUID, body: DaysIn, call: Call) -> DraftedOut:
    """Draft the shifts of at most 366 days. A day that has had its draft gets no other, also if
    that was changed, published or discarded since.
    """
    command = DraftPattern(PatternId(pattern_id), body.first, body.last)
    return await call.run(command, lambda made: DraftedOut.of(made, body))
