"""What the rows of a file of shifts ask for, and all that is wrong with them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import TypeVar

from application.scheduling.import_cells import (
    COLUMNS,
    Cell,
    SheetRow,
    UnreadableError,
    as_addresses,
    as_date,
    as_headcount,
    as_name,
    as_notes,
    as_time,
    read,
)
from application.scheduling.imports import PlannedShift
from domain.scheduling.role import Role
from domain.scheduling.staffing import shift_period
from domain.shared.errors import Invalid
from domain.shared.ids import PersonId, RoleId, TenantId, UnitId
from domain.shared.period import Period
from domain.shared.wall_clock import wall_period

MOST_KEPT = 1000
"""Problems that are told; of more only the number."""

T = TypeVar("T")


@dataclass(frozen=True)
class KnownUnit:
    id: UnitId
    name: str
    zone: str
    active: bool


@dataclass(frozen=True)
class KnownRole:
    id: RoleId
    name: str
    active: bool


@dataclass(frozen=True)
class KnownPerson:
    id: PersonId
    email: str
    roles: frozenset[str]
    active: bool


class Directory:
    """A tenant's units and roles, and the people that the file names."""

    def __init__(
        self,
        tenant_id: TenantId,
        units: Iterable[KnownUnit],
        roles: Iterable[KnownRole],
        people: Iterable[KnownPerson],
    ) -> None:
        self._tenant_id = tenant_id
        self._roles = {role.id: role for role in roles}
        self._units: Mapping[str, list[KnownUnit]] = _grouped(units, _names_of)
        self._people = _grouped(people, lambda person: [person.email])

    def unit(self, name: str) -> KnownUnit:
        """By name, in any case, or id. Raises UnreadableError."""
        # A list that we wrote has an apostrophe before what might be taken for a formula.
        spelled = name.casefold()
        found = self._units.get(spelled) or self._units.get(spelled.removeprefix("'"), [])
        if not found:
            raise UnreadableError("there is no unit of this name")
        open_ones = [unit for unit in found if unit.active]
        if not open_ones:
            raise UnreadableError("the unit is closed: it gets no new shifts")
        if len(open_ones) > 1:
            raise UnreadableError("there are several units of this name: put its id there")
        return open_ones[0]

    def role(self, name: str) -> str:
        """As the catalogue spells it. Raises UnreadableError."""
        known = self._roles.get(Role.id_of(self._tenant_id, name))
        if known is None:
            raise UnreadableError("there is no role of this name")
        if not known.active:
            raise UnreadableError("the role is closed: nothing new is given it")
        return known.name

    def person(self, email: str) -> KnownPerson:
        """Raises UnreadableError."""
        found = self._people.get(email, [])
        if not found:
            raise UnreadableError(f"there is nobody with the address {email}")
        active = [person for person in found if person.active]
        if not active:
            raise UnreadableError(f"{email} is not active")
        if len(active) > 1:
            raise UnreadableError(f"there are several people with the address {email}")
        return active[0]


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell."""

    row: int
    column: str
    reason: str


@dataclass
class Problems:
    """All are counted; the first `MOST_KEPT` that are found are kept."""

    total: int = 0
    kept: list[Problem] = field(default_factory=list)

    def add(self, row: int, column: str, reason: str) -> None:
        self.total += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(Problem(row, column, reason))

    def in_order(self) -> list[Problem]:
        return sorted(self.kept, key=lambda problem: problem.row)


class FileCheck:
    """Takes one row after the other, and at the end what several of them have in common."""

    def __init__(self, directory: Directory) -> None:
        self.planned: list[PlannedShift] = []
        self.problems = Problems()
        self._directory = directory
        self._first_rows: dict[object, int] = {}
        self._where: defaultdict[str, list[tuple[Period, int]]] = defaultdict(list)

    def add(self, row: SheetRow) -> None:
        for column in row.cells.keys() - set(COLUMNS):
            self.problems.add(row.number, column, "is beside the columns of the template")
        unit = self._ask(row, "unit", lambda cell: self._directory.unit(as_name(cell)))
        role = self._ask(row, "role", lambda cell: self._directory.role(as_name(cell)))
        period = self._period(row, unit)
        headcount = self._ask(row, "headcount", as_headcount)
        addresses = self._ask(row, "people", as_addresses)
        notes = self._ask(row, "notes", as_notes)
        people = self._people(row, addresses or (), role)
        if headcount is not None and len(addresses or ()) > headcount:
            self.problems.add(row.number, "people", f"names more people than {headcount}")
        if unit is None or role is None or period is None or headcount is None:
            return
        for email in addresses or ():
            self._where[email].append((period, row.number))
        planned = PlannedShift(
            row=row.number,
            unit_id=unit.id,
            zone=unit.zone,
            role=role,
            period=period,
            headcount=headcount,
            people=people,
            notes=notes or "",
        )
        self._see_if_new(planned)
        self.planned.append(planned)

    def finish(self) -> None:
        """No more rows come: see that nobody is in two places at once."""
        for email, places in self._where.items():
            self._see_if_apart(email, places)

    def _ask(self, row: SheetRow, column: str, reader: Callable[[Cell], T]) -> T | None:
        """None when it can't be read, which is then told."""
        try:
            return read(row, column, reader)
        except UnreadableError as error:
            self.problems.add(row.number, column, error.reason)
            return None

    def _period(self, row: SheetRow, unit: KnownUnit | None) -> Period | None:
        day = self._ask(row, "date", as_date)
        start = self._ask(row, "start", as_time)
        end = self._ask(row, "end", as_time)
        if unit is None or day is None or start is None or end is None:
            return None
        return self._on_the_wall(row, day, start, end, unit.zone)

    def _on_the_wall(
        self, row: SheetRow, day: date, start: time, end: time, zone: str
    ) -> Period | None:
        period = wall_period(day, start, end, zone)
        try:
            return shift_period(period.start, period.end)
        except Invalid:
            # Only where clocks are put forward: the start is skipped, and the end is not.
            self.problems.add(row.number, "end", "is before the start, as clocks change that night")
            return None

    def _people(
        self, row: SheetRow, addresses: tuple[str, ...], role: str | None
    ) -> tuple[PersonId, ...]:
        found = []
        for email in addresses:
            person = self._person(row, email)
            if person is not None and role is not None and role not in person.roles:
                self.problems.add(row.number, "people", f"{email} does not have the role {role}")
            elif person is not None:
                found.append(person.id)
        return tuple(found)

    def _person(self, row: SheetRow, email: str) -> KnownPerson | None:
        return self._ask(row, "people", lambda _: self._directory.person(email))

    def _see_if_new(self, planned: PlannedShift) -> None:
        asks = (planned.unit_id, planned.role, planned.period, frozenset(planned.people))
        first = self._first_rows.setdefault(asks, planned.row)
        if first != planned.row:
            self.problems.add(planned.row, "unit", f"asks for the same shift as row {first}")

    def _see_if_apart(self, email: str, places: list[tuple[Period, int]]) -> None:
        busy: tuple[Period, int] | None = None
        for period, row in sorted(places, key=lambda place: (place[0].start, place[1])):
            if busy is not None and period.overlaps(busy[0]):
                later, other = max(row, busy[1]), min(row, busy[1])
                self.problems.add(later, "people", f"{email} is on row {other} at that time too")
            if busy is None or period.end > busy[0].end:
                busy = period, row


def _names_of(unit: KnownUnit) -> list[str]:
    return [unit.name.casefold(), str(unit.id)]


def _grouped(things: Iterable[T], names: Callable[[T], list[str]]) -> dict[str, list[T]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for thing in things:
        for name in names(thing):
            found[name].append(thing)
    return dict(found)
