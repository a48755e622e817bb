"""Peer: FastAPI's thread pool + the library's synchronous `Application` on Postgres."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, event
from fastapi import FastAPI, HTTPException, Request

from tests.bench.peer_contract import CallerDep, RequestIdDep, ShiftIn, ShiftOut


class Unit(Aggregate):
    @event("Registered")
    def __init__(self, name: str) -> None:
        self.name = name


class Shift(Aggregate):
    @event("Drafted")
    def __init__(
        self,
        unit_id: UUID,
        role: str,
        start: datetime,
        end: datetime,
        zone: str,
        headcount: int,
        notes: dict[str, Any],
        tenant_id: UUID,
        drafted_by: UUID,
        request_id: str,
    ) -> None:
        self.unit_id = unit_id
        self.role = role
        self.start = start
        self.end = end
        self.zone = zone
        self.headcount = headcount
        self.notes = notes
        self.tenant_id = tenant_id
        self.drafted_by = drafted_by
        self.request_id = request_id
        self.status = "draft"


class Scheduling(Application[UUID]):
    name = "scheduling"

    def register_unit(self, name: str) -> UUID:
        unit = Unit(name=name)
        self.save(unit)
        return unit.id

    def draft_shift(self, **fields: Any) -> Shift:
        """The unit is only looked at, so the cached one is not copied for it."""
        self.repository.get(fields["unit_id"], deepcopy_from_cache=False)
        shift = Shift(**fields)
        self.save(shift)
        return shift


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    with Scheduling() as app.state.scheduling:
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/shifts", status_code=201)
def draft_shift(
    body: ShiftIn, caller: CallerDep, request_id: RequestIdDep, request: Request
) -> ShiftOut:
    scheduling: Scheduling = request.app.state.scheduling
    try:
        shift = scheduling.draft_shift(
            **body.model_dump(),
            tenant_id=caller.tenant,
            drafted_by=caller.id,
            request_id=request_id,
        )
    except AggregateNotFoundError as error:
        raise HTTPException(404, "no such unit") from error
    return ShiftOut.model_validate(shift)
