"""Peer: FastAPI + async SQLAlchemy ORM, a shift and its audit row in one transaction."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from sqlalchemy import DateTime, ForeignKey, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.bench.peer_contract import Caller, CallerDep, RequestIdDep, ShiftIn, ShiftOut

DATABASE_VARIABLE = "BENCH_DATABASE_URL"
POOL_VARIABLE = "BENCH_POOL_SIZE"
BEST_POOL_SIZE = 16  # 2 to 32 differ by noise only: the process is busy, not the pool


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True), dict[str, Any]: JSONB}  # noqa: RUF012


class Unit(Base):
    __tablename__ = "units"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]


class Shift(Base):
    __tablename__ = "shifts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    tenant_id: Mapped[UUID] = mapped_column(index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    role: Mapped[str]
    start: Mapped[datetime]
    end: Mapped[datetime]
    zone: Mapped[str]
    headcount: Mapped[int]
    notes: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="draft")


class AuditEntry(Base):
    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor: Mapped[UUID] = mapped_column(index=True)
    entity: Mapped[str]
    entity_id: Mapped[UUID] = mapped_column(index=True)
    action: Mapped[str]
    after: Mapped[dict[str, Any]]
    request_id: Mapped[str]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    pool_size = int(os.environ.get(POOL_VARIABLE, BEST_POOL_SIZE))
    engine = create_async_engine(os.environ[DATABASE_VARIABLE], pool_size=pool_size, max_overflow=0)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(open_session)]


@app.post("/shifts", status_code=201)
async def create_shift(
    body: ShiftIn, caller: CallerDep, request_id: RequestIdDep, session: SessionDep
) -> ShiftOut:
    if await session.get(Unit, body.unit_id) is None:
        raise HTTPException(404, "no such unit")
    shift = Shift(id=uuid4(), tenant_id=caller.tenant, status="draft", **body.model_dump())
    answer = ShiftOut.model_validate(shift)
    session.add_all([shift, _audit_entry(answer, caller, request_id)])
    await session.commit()
    return answer


def _audit_entry(shift: ShiftOut, caller: Caller, request_id: str) -> AuditEntry:
    return AuditEntry(
        actor=caller.id,
        entity="shift",
        entity_id=shift.id,
        action="created",
        after=shift.model_dump(mode="json"),
        request_id=request_id,
    )


@app.get("/shifts")
async def list_shifts(
    caller: CallerDep,
    session: SessionDep,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100, alias="pageSize")] = 50,
) -> list[ShiftOut]:
    rows = await session.scalars(
        select(Shift)
        .where(Shift.tenant_id == caller.tenant)
        .order_by(Shift.start, Shift.id)
        .offset((page - 1) * page_size)
        .limit(page_size)
    )
    return [ShiftOut.model_validate(row) for row in rows]
