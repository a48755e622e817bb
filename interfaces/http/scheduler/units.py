"""Units."""

from application.scheduling.units import OpenUnit
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.scheduler.common import PageOut, Paging
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.directory_schemas import UnitIn, UnitOut
from projections.scheduling.units import list_units

router = scheduler_router()


@router.get("/units", tags=["directory"], dependencies=[needs("units:read")])
async def get_units(call: Call, paging: Paging) -> PageOut[UnitOut]:
    """Every unit, by name."""
    page = await call.ask(list_units, call.actor.tenant_id, paging)
    return PageOut[UnitOut].of(page, [UnitOut.of_row(row) for row in page.items])


@router.post("/units", status_code=201, tags=["directory"], dependencies=[needs(OpenUnit)])
async def open_unit(body: UnitIn, call: Call) -> UnitOut:
    """Open a unit; its time zone is the wall clock of its shifts.

    An addition: the contract's table lists units, and says nothing of where they come from.
    """
    return await call.run(OpenUnit(body.name, body.zone), UnitOut.of)
