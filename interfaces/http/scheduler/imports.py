"""Shifts from a spreadsheet: all of them, or none."""

import asyncio
import re
from time import monotonic
from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Query, Response, UploadFile

from application.scheduling.imports import ImportShifts
from domain.shared.errors import Failure, Invalid, Kind
from domain.shared.ids import ImportId
from infrastructure.imports.staged import Sent, StagedImport
from infrastructure.spreadsheets.template import shifts_template
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.scheduler.common import PageOut, Paging, existing
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.import_schemas import ImportedShiftOut, ImportOut, ImportSummaryOut
from projections.paging import MAX_PAGE_SIZE, Page, PageRequest
from projections.scheduling.roles import RoleFilter, list_roles
from projections.scheduling.units import UnitFilter, list_units

router = scheduler_router()

IMPORTING = ("POST", "/import/shifts")
WAIT = 25.0
"""Seconds that an answer waits for the end of an import."""
_FIRST_LOOK, _LONGEST_PAUSE = 0.02, 0.25
_NOT_IN_A_NAME = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST_NAME = 200
_OFFERED = PageRequest(size=MAX_PAGE_SIZE)
"""Units, and roles, that the template has to choose from."""

_LOCATION = {"Location": {"description": "Where it is shown.", "schema": {"type": "string"}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"headers": _LOCATION},
    202: {
        "model": ImportOut,
        "description": "It is still under way; its Location tells how far it is.",
        "headers": _LOCATION,
    },
}


class Spreadsheet(Response):
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


_TEMPLATE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "An .xlsx file.",
        "content": {Spreadsheet.media_type: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/import/shifts",
    status_code=201,
    tags=["import"],
    dependencies=[needs(ImportShifts)],
    responses=_ANSWERS,
)
async def import_shifts(
    call: Call,
    response: Response,
    file: Annotated[UploadFile, File(description="An .xlsx file, as the template is.")],
    dry_run: Annotated[bool, Query(description="Only tell what would be drafted.")] = False,
) -> ImportOut:
    """Draft every shift of a spreadsheet or, with each bad cell named by row, column and reason,
    none.

    What is named in `people` (e-mail addresses) gets its place when a draft is published. Under one
    `Idempotency-Key` the same file is imported once, however it is wrapped.
    """
    async with call.core.staging.room:
        sent = await _sent(call, file, dry_run=dry_run)
        import_id = await call.core.staging.stage(ImportShifts, sent, call.actor)
    deadline = monotonic() + (0 if call.prefers_async else WAIT)
    staged = await _watched(call, import_id, deadline)
    if staged.failure is not None:
        failure = staged.failure
        raise Failure.again(Kind(failure["kind"]), failure["message"], failure["data"])
    response.headers["Location"] = f"/import/{staged.id}"
    if staged.has_ended:
        await call.see_shown(staged.position, deadline)
    else:
        response.status_code = 202
    return ImportOut.of(staged)


@router.get("/import", tags=["import"], dependencies=[needs("imports:read")])
async def get_imports(call: Call, paging: Paging) -> PageOut[ImportSummaryOut]:
    """Imports of the last days, the newest first."""
    page = await call.core.staging.list(call.actor.tenant_id, paging)
    return PageOut[ImportSummaryOut].of(
        page, [ImportSummaryOut.summary_of(staged) for staged in page.items]
    )


@router.get(
    "/import/shifts/template",
    tags=["import"],
    dependencies=[needs("imports:read")],
    response_class=Spreadsheet,
    responses=_TEMPLATE,
)
async def get_template(call: Call) -> Spreadsheet:
    """A spreadsheet to be filled in, that offers the units and roles there are."""
    tenant_id = call.actor.tenant_id
    units = await call.ask(list_units, tenant_id, UnitFilter(active=True), _OFFERED)
    roles = await call.ask(list_roles, tenant_id, RoleFilter(active=True), _OFFERED)
    file = await asyncio.to_thread(shifts_template, _names(units), _names(roles))
    disposition = {"Content-Disposition": 'attachment; filename="shifts.xlsx"'}
    return Spreadsheet(file, headers=disposition)


@router.get("/import/{import_id}", tags=["import"], dependencies=[needs("imports:read")])
async def get_import(import_id: UUID, call: Call) -> ImportOut:
    """How far an import is, and what became of it."""
    return ImportOut.of(await _found(call, ImportId(import_id)))


@router.get("/import/{import_id}/shifts", tags=["import"], dependencies=[needs("imports:read")])
async def get_imported_shifts(
    import_id: UUID, call: Call, paging: Paging
) -> PageOut[ImportedShiftOut]:
    """All that an import drafted or, in a dry run, would have drafted, in the file's order."""
    found = await call.core.staging.shifts_of(ImportId(import_id), call.actor.tenant_id, paging)
    page = existing(found, "import", import_id)
    return PageOut[ImportedShiftOut].of(page, [ImportedShiftOut.of(each) for each in page.items])


def _names(page: Page[Any]) -> list[str]:
    return [str(row.name) for row in page.items]


async def _sent(call: Call, file: UploadFile, *, dry_run: bool) -> Sent:
    """Raises Invalid when the form has more than the file."""
    names = [name for name, _ in (await call.form()).multi_items()]
    if names != ["file"]:
        wrong = {name: "is not known here" for name in names if name != "file"}
        raise Invalid("The request is not valid.", wrong or {"file": "is given more than once"})
    name = _NOT_IN_A_NAME.sub("", file.filename or "").strip()[-_LONGEST_NAME:]
    return Sent(
        file=await file.read(),
        file_name=name or "shifts.xlsx",
        dry_run=dry_run,
        request_id=call.request_id,
        correlation_id=call.correlation_id,
        key=call.idempotency_key,
    )


async def _watched(call: Call, import_id: ImportId, deadline: float) -> StagedImport:
    """The import, at its end or at the deadline."""
    pause = _FIRST_LOOK
    while True:
        staged = await _found(call, import_id)
        if staged.has_ended or monotonic() + pause > deadline:
            return staged
        await asyncio.sleep(pause)
        pause = min(1.5 * pause, _LONGEST_PAUSE)


async def _found(call: Call, import_id: ImportId) -> StagedImport:
    """Raises NotFound."""
    found = await call.core.staging.find(import_id, call.actor.tenant_id)
    staged: StagedImport = existing(found, "import", import_id)
    return staged
