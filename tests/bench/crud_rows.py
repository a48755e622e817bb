"""Fills the CRUD peer's tables with what `story` puts into opstream's log."""

from collections.abc import Iterable
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.bench.bodies import FIRST_START, LENGTH, STEP
from tests.bench.story import PEOPLE, UNITS

_SHIFTS = (
    "id",
    "tenant_id",
    "unit_id",
    "role",
    "start",
    "end",
    "zone",
    "headcount",
    "notes",
    "status",
)


def copy_shifts(database_url: str, tenant_id: UUID, shifts: int) -> None:
    """Published, each with two people on it, one of whom has mostly accepted."""
    units = [uuid4() for _ in range(UNITS)]
    people = [uuid4() for _ in range(PEOPLE)]
    ids = [uuid4() for _ in range(shifts)]
    with psycopg.connect(database_url, autocommit=True) as connection:
        named = [(unit_id, f"Ward {number}") for number, unit_id in enumerate(units)]
        _copy(connection, "units", ("id", "name"), named)
        rows = (_shift(tenant_id, ids[n], units[n % UNITS], n) for n in range(shifts))
        _copy(connection, "shifts", _SHIFTS, rows)
        assigned = (row for n in range(shifts) for row in _assignments(ids[n], people, n))
        _copy(connection, "assignments", ("id", "shift_id", "person_id", "status"), assigned)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _shift(tenant_id: UUID, shift_id: UUID, unit_id: UUID, n: int) -> tuple[object, ...]:
    start = FIRST_START + n * STEP
    notes = Jsonb({"room": f"B{n % 90}", "briefing": "Bring the keys"})
    end, zone = start + LENGTH, "Europe/Berlin"
    return shift_id, tenant_id, unit_id, "nurse", start, end, zone, 3, notes, "published"


def _assignments(shift_id: UUID, people: list[UUID], n: int) -> list[tuple[object, ...]]:
    first, second = people[n % PEOPLE], people[(n + PEOPLE // 2) % PEOPLE]
    return [
        (uuid4(), shift_id, first, "accepted" if n % 3 else "pending"),
        (uuid4(), shift_id, second, "pending"),
    ]


def _copy(
    connection: psycopg.Connection,
    table: str,
    columns: tuple[str, ...],
    rows: Iterable[tuple[object, ...]],
) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
