"""FastAPI with the peers' token check and validation, but nothing stored."""

from uuid import uuid4

from fastapi import FastAPI

from tests.bench.peer_contract import CallerDep, RequestIdDep, ShiftIn, ShiftOut

app = FastAPI()


@app.post("/shifts", status_code=201)
async def check_shift(body: ShiftIn, _caller: CallerDep, _request_id: RequestIdDep) -> ShiftOut:
    return ShiftOut(id=uuid4(), status="draft", **body.model_dump())
