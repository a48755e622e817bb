"""What went otherwise than planned: places that were declined, warnings that were overridden."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Date, DateTime, Index, Integer, Row, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.person import Person
from domain.scheduling.shift import Shift
from domain.scheduling.unit import Unit
from domain.shared.ids import PersonId, TenantId, UnitId
from domain.shared.wall_clock import wall_day
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("reporting.answers", version=1, awaited=False)


class What(StrEnum):
    DECLINED = "declined"
    OVERRIDDEN = "overridden"


units = model.keep(
    Table(
        "units",
        model.metadata,
        Column("unit_id", Uuid, primary_key=True),
        Column("name", Text, nullable=False),
    ),
    by=["originator_id"],
)
people = model.keep(
    Table(
        "people",
        model.metadata,
        Column("person_id", Uuid, primary_key=True),
        Column("name", Text, nullable=False),
    ),
    by=["originator_id"],
)
shifts = model.keep(
    Table(
        "shifts",
        model.metadata,
        Column("shift_id", Uuid, primary_key=True),
        Column("unit_id", Uuid, nullable=False),
        Column("role", Text, nullable=False),
        Column("starts_at", DateTime(timezone=True), nullable=False),
        Column("zone", Text, nullable=False),
        Column("day", Date, nullable=False),
    ),
    by=["originator_id"],
)
answers = Table(
    "answers",
    model.metadata,
    Column("shift_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("what", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("reason", Text),
    Column("warnings", ARRAY(Text), nullable=False),
    Index("answers_tenant_idx", "tenant_id", "at"),
)


@model.on(Unit.Opened, Unit.Changed)
def unit_is_known(event: Unit.Opened | Unit.Changed, rows: Rows) -> None:
    rows[units].insert(unit_id=event.originator_id, name=event.name)


@model.on(Person.Added, Person.Changed)
def person_is_known(event: Person.Added | Person.Changed, rows: Rows) -> None:
    rows[people].insert(person_id=event.originator_id, name=event.name)


@model.on(Shift.Drafted)
def shift_drafted(event: Shift.Drafted, rows: Rows) -> None:
    rows[shifts].insert(
        shift_id=event.originator_id,
        unit_id=event.unit_id,
        role=event.role,
        starts_at=event.period.start,
        zone=event.zone,
        day=wall_day(event.period.start, event.zone),
    )


@model.on(Shift.Changed)
def shift_changed(event: Shift.Changed, rows: Rows) -> None:
    shift = rows[shifts][event.originator_id]
    shift.role = event.role
    shift.starts_at = event.period.start
    shift.day = wall_day(event.period.start, shift.zone)


@model.on(Shift.AssignmentDeclined)
def place_declined(event: Shift.AssignmentDeclined, rows: Rows) -> None:
    rows[answers].insert(
        shift_id=event.originator_id,
        version=event.originator_version,
        person_id=event.person_id,
        what=What.DECLINED,
        at=event.timestamp,
        warnings=[],
    )


@model.on(Shift.WarningsOverridden)
def warnings_overridden(event: Shift.WarningsOverridden, rows: Rows) -> None:
    rows[answers].insert(
        shift_id=event.originator_id,
        version=event.originator_version,
        person_id=event.person_id,
        what=What.OVERRIDDEN,
        at=event.timestamp,
        reason=event.reason,
        warnings=[warning.message for warning in event.warnings],
    )


@dataclass(frozen=True)
class AnswerFilter:
    """None does not filter; `first` and `last` are the days, on the unit's wall, on which a shift
    begins.
    """

    what: What | None = None
    first: date | None = None
    last: date | None = None
    person_id: PersonId | None = None
    unit_id: UnitId | None = None


async def list_answers(
    connection: AsyncConnection, tenant_id: TenantId, wanted: AnswerFilter, page: PageRequest
) -> Page[Row[tuple[Any, ...]]]:
    """The newest first."""
    query = (
        select(
            answers,
            people.c.name.label("person"),
            units.c.name.label("unit"),
            *(shifts.c[name] for name in ("unit_id", "role", "starts_at", "zone")),
        )
        .join(shifts, shifts.c.shift_id == answers.c.shift_id)
        .join(people, people.c.person_id == answers.c.person_id)
        .join(units, units.c.unit_id == shifts.c.unit_id)
        .where(answers.c.tenant_id == tenant_id)
        .order_by(answers.c.at.desc(), answers.c.shift_id, answers.c.version.desc())
    )
    for column, value in (
        (answers.c.what, wanted.what),
        (answers.c.person_id, wanted.person_id),
        (shifts.c.unit_id, wanted.unit_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.first is not None:
        query = query.where(shifts.c.day >= wanted.first)
    if wanted.last is not None:
        query = query.where(shifts.c.day <= wanted.last)
    return await page_of(connection, query, page)
