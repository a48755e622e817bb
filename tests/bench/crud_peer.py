"""Peer: FastAPI + async SQLAlchemy ORM, a shift and its audit row in one transaction."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import FastAPI, HTTPException, Query
from sqlalchemy import DateTime, ForeignKey, Index, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

from tests.bench.crud_sessions import SessionDep, pooled
from tests.bench.peer_contract import (
    Caller,
    CallerDep,
    RequestIdDep,
    ShiftChange,
    ShiftIn,
    ShiftOut,
    ShiftPage,
    StaffedShiftOut,
)


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True), dict[str, Any]: JSONB}  # noqa: RUF012


class Unit(Base):
    __tablename__ = "units"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]


class Shift(Base):
    __tablename__ = "shifts"

    __table_args__ = (Index("shifts_tenant_idx", "tenant_id", "start", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    tenant_id: Mapped[UUID]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    role: Mapped[str]
    start: Mapped[datetime]
    end: Mapped[datetime]
    zone: Mapped[str]
    headcount: Mapped[int]
    notes: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="draft")
    assignments: Mapped[list["Assignment"]] = relationship(
        order_by="Assignment.person_id", lazy="raise"
    )

    @property
    def taken(self) -> int:
        return sum(each.status in {"pending", "accepted"} for each in self.assignments)


class Assignment(Base):
    __tablename__ = "assignments"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shifts.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    status: Mapped[str]


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


app = FastAPI(lifespan=pooled)


@app.post("/shifts", status_code=201)
async def create_shift(
    body: ShiftIn, caller: CallerDep, request_id: RequestIdDep, session: SessionDep
) -> ShiftOut:
    if await session.get(Unit, body.unit_id) is None:
        raise HTTPException(404, "no such unit")
    shift = Shift(id=uuid4(), tenant_id=caller.tenant, status="draft", **body.model_dump())
    answer = ShiftOut.model_validate(shift)
    session.add_all([shift, _audit_entry("created", answer, caller, request_id)])
    await session.commit()
    return answer


@app.patch("/shifts/{shift_id}")
async def change_shift(
    shift_id: UUID,
    body: ShiftChange,
    caller: CallerDep,
    request_id: RequestIdDep,
    session: SessionDep,
) -> ShiftOut:
    """The row is locked, or two changes at once would be one in the table and two in the audit."""
    wanted = select(Shift).where(Shift.id == shift_id, Shift.tenant_id == caller.tenant)
    shift = await session.scalar(wanted.with_for_update())
    if shift is None:
        raise HTTPException(404, "no such shift")
    if shift.status != "draft":
        raise HTTPException(422, "only a draft can be changed")
    for name, value in body.model_dump(exclude_unset=True).items():
        setattr(shift, name, value)
    answer = ShiftOut.model_validate(shift)
    session.add(_audit_entry("changed", answer, caller, request_id))
    await session.commit()
    return answer


def _audit_entry(action: str, shift: ShiftOut, caller: Caller, request_id: str) -> AuditEntry:
    return AuditEntry(
        actor=caller.id,
        entity="shift",
        entity_id=shift.id,
        action=action,
        after=shift.model_dump(mode="json"),
        request_id=request_id,
    )


@app.get("/shifts")
async def list_shifts(
    caller: CallerDep,
    session: SessionDep,
    unit_id: UUID | None = None,
    status: str | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=200, alias="pageSize")] = 50,
) -> ShiftPage:
    query = select(Shift).where(Shift.tenant_id == caller.tenant)
    if unit_id is not None:
        query = query.where(Shift.unit_id == unit_id)
    if status is not None:
        query = query.where(Shift.status == status)
    total = await session.scalar(select(func.count()).select_from(query.subquery()))
    rows = await session.scalars(
        query.options(selectinload(Shift.assignments))
        .order_by(Shift.start, Shift.id)
        .offset((page - 1) * page_size)
        .limit(page_size)
    )
    items = [StaffedShiftOut.model_validate(row) for row in rows]
    return ShiftPage(items=items, page=page, page_size=page_size, total=total or 0)


@app.get("/shifts/{shift_id}")
async def get_shift(shift_id: UUID, caller: CallerDep, session: SessionDep) -> StaffedShiftOut:
    shift = await session.scalar(
        select(Shift)
        .where(Shift.id == shift_id, Shift.tenant_id == caller.tenant)
        .options(selectinload(Shift.assignments))
    )
    if shift is None:
        raise HTTPException(404, "no such shift")
    return StaffedShiftOut.model_validate(shift)
