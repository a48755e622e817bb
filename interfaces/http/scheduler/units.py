"""Units."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.scheduling.units import ChangeUnit, CloseUnit, OpenUnit, ReopenUnit
from domain.shared.ids import UnitId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Text
from interfaces.http.scheduler.common import PageOut, Paging, existing
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.directory_schemas import Listed, UnitChangeIn, UnitIn, UnitOut
from projections.scheduling.units import UnitFilter, find_unit, list_units

router = scheduler_router()


@router.get("/units", tags=["directory"], dependencies=[needs("units:read")])
async def get_units(
    call: Call,
    paging: Paging,
    search: Annotated[Text | None, Query(description="Part of a name.")] = None,
    active: Annotated[
        Listed, Query(description="Open units alone, unless `false` or `all` is asked for.")
    ] = Listed.TRUE,
) -> PageOut[UnitOut]:
    """Units, by name."""
    wanted = UnitFilter(active.active, search)
    page = await call.ask(list_units, call.actor.tenant_id, wanted, paging)
    return PageOut[UnitOut].of(page, [UnitOut.of_row(row) for row in page.items])


@router.post("/units", status_code=201, tags=["directory"], dependencies=[needs(OpenUnit)])
async def open_unit(body: UnitIn, call: Call) -> UnitOut:
    """Open a unit; its time zone is the wall clock of its shifts.

    An addition: the contract's table lists units, and says nothing of where they come from.
    """
    return await call.run(OpenUnit(body.name, body.zone), UnitOut.of)


@router.get("/units/{unit_id}", tags=["directory"], dependencies=[needs("units:read")])
async def get_unit(unit_id: UUID, call: Call) -> UnitOut:
    """One unit, open or closed."""
    row = await call.ask(find_unit, call.actor.tenant_id, UnitId(unit_id))
    return UnitOut.of_row(existing(row, "unit", unit_id))


@router.patch("/units/{unit_id}", tags=["directory"], dependencies=[needs(ChangeUnit)])
async def change_unit(unit_id: UUID, body: UnitChangeIn, call: Call) -> UnitOut:
    """Rename a unit, or put it into another time zone; its shifts keep theirs."""
    return await call.run(ChangeUnit(UnitId(unit_id), **body.given), UnitOut.of)


@router.delete("/units/{unit_id}", tags=["directory"], dependencies=[needs(CloseUnit)])
async def close_unit(unit_id: UUID, call: Call) -> UnitOut:
    """Close a unit: it gets no new shifts; those that there are, and its history, stay."""
    return await call.run(CloseUnit(UnitId(unit_id)), UnitOut.of)


@router.post("/units/{unit_id}/reopen", tags=["directory"], dependencies=[needs(ReopenUnit)])
async def reopen_unit(unit_id: UUID, call: Call) -> UnitOut:
    """Open a closed unit again."""
    return await call.run(ReopenUnit(UnitId(unit_id)), UnitOut.of)
