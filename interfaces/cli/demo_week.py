"""The demo tenant's week: a ward and a food bank, eight people, and what happens on a rota."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from application.access import Actor
from application.commands import Command
from application.scheduling.assignments import AcceptAssignment, DeclineAssignment
from application.scheduling.availability import StateAvailability
from application.scheduling.claims import ClaimShift
from application.scheduling.imports import ImportShifts, PlannedShift
from application.scheduling.patterns import DesignPattern
from application.scheduling.people import AddPerson
from application.scheduling.roles import AddRole
from application.scheduling.shifts import CancelShift, PublishShifts
from application.scheduling.units import OpenUnit
from domain.scheduling.availability import Blackout, Calendar
from domain.scheduling.pattern import Template
from domain.scheduling.person import PersonKind
from domain.scheduling.shift_import import Source, imported_shift_id
from domain.shared.ids import AccountId, ImportId, PersonId, ShiftId, UnitId, derived_id
from domain.shared.money import Money
from domain.shared.wall_clock import at_wall_time, monday_of, wall_day, wall_period
from infrastructure.bootstrap import Core, now
from interfaces.cli.accounts import nothing, run

ZONE = "Europe/Berlin"
WORK = {
    "nurse": ("Registered nurses", Money(Decimal("24.50"), "EUR")),
    "helper": ("Whoever lends a hand", None),
}
"""What can be done, and what an hour of it costs."""
NURSES = ("Nora Nurse", "Nils Nightingale", "Nadia Noor", "Noah Norris", "Nele Nagel", "Niko Nash")
HELPERS = ("Vito Volunteer", "Vera Vogel")
EARLY, LATE, NIGHT = (time(6), time(14)), (time(14), time(22)), (time(22), time(6))
PUBLISHED_DAYS = 5
"""From Monday on; the weekend is still a draft."""


@dataclass(frozen=True)
class Place:
    units: dict[str, UnitId]
    people: dict[str, PersonId]
    monday: date

    def shift(self, row: int) -> ShiftId:
        return imported_shift_id(_import_id(), row)


async def make_week(parts: Core, system: Actor, accounts: dict[str, AccountId]) -> None:
    """Each step once, whichever start makes it: those that were made are found by their names."""
    place = await _place(parts, system, accounts)
    for name, command in _steps(place):
        await run(parts, command, system, nothing, f"demo: {name}")


async def _place(parts: Core, system: Actor, accounts: dict[str, AccountId]) -> Place:
    units = {name: await _unit(parts, system, name) for name in ("Ward 3", "Food bank")}
    for role, (description, rate) in WORK.items():
        await run(parts, AddRole(role, description, rate), system, nothing, f"demo: role {role}")
    emails = {NURSES[0]: "staff@demo.test", HELPERS[0]: "volunteer@demo.test"}
    people = {}
    for name in (*NURSES, *HELPERS):
        email = emails.get(name, f"{name.split()[0].lower()}@demo.test")
        people[name] = await _person(parts, system, name, email, accounts.get(email))
    return Place(units, people, monday_of(wall_day(now(), ZONE)) + timedelta(days=7))


async def _unit(parts: Core, system: Actor, name: str) -> UnitId:
    command = OpenUnit(name, ZONE)
    return await run(parts, command, system, lambda unit: UnitId(unit.id), f"demo: open {name}")


async def _person(
    parts: Core, system: Actor, name: str, email: str, account_id: AccountId | None
) -> PersonId:
    is_nurse = name in NURSES
    command = AddPerson(
        name=name,
        email=email,
        kind=PersonKind.STAFF if is_nurse else PersonKind.VOLUNTEER,
        # Vito nurses, too, where he is needed.
        roles=("nurse",) if is_nurse else ("helper", "nurse"),
        account_id=account_id,
        weekly_hour_cap=12.0 if name == NURSES[1] else None,
    )
    return await run(parts, command, system, lambda made: PersonId(made.id), f"demo: add {name}")


def _steps(place: Place) -> Iterator[tuple[str, Command[Any]]]:
    """What happens on the rota, in its order."""
    people = place.people
    rows = list(_rows(place))
    source = Source("demo-week.xlsx", hashlib.sha256(b"demo week").hexdigest(), len(rows))
    yield "draft the week", ImportShifts(_import_id(), source, tuple(rows))
    vito = people[HELPERS[0]]
    yield "say when Vito can work", StateAvailability(vito, _calendar(place.monday))
    last = place.monday + timedelta(days=PUBLISHED_DAYS)
    published = [row.row for row in rows if row.period.start < at_wall_time(last, time(0), ZONE)]
    yield "publish", PublishShifts(tuple(place.shift(row) for row in published), notify=True)
    yield "accept", AcceptAssignment(place.shift(2), people[NURSES[0]])
    yield "decline", DeclineAssignment(place.shift(3), people[NURSES[2]])
    yield "claim", ClaimShift(place.shift(_food_bank_row(rows)), vito)
    yield "cancel", CancelShift(place.shift(published[-1]), "The ward is closed that night.")
    template = Template(
        *("helper", time(15), time(18), "FREQ=WEEKLY;BYDAY=WE"),
        *(place.monday, None, 2),
        weeks_ahead=4,
    )
    yield "visiting hours", DesignPattern(place.units["Ward 3"], template)


def _rows(place: Place) -> Iterator[PlannedShift]:
    """The ward around the clock with a rota that leaves everybody time to rest, and the food bank
    every other day.
    """
    ward, bank = place.units["Ward 3"], place.units["Food bank"]
    row = 2
    for day in range(7):
        on = place.monday + timedelta(days=day)
        for slot, (start, end) in enumerate((EARLY, LATE, NIGHT)):
            nurse = place.people[NURSES[(day + 2 * slot) % len(NURSES)]]
            yield _planned(row, ward, "nurse", (on, start, end), 2, (nurse,))
            row += 1
        if day % 2:
            yield _planned(row, bank, "helper", (on, time(10), time(14)), 3, ())
            row += 1


def _planned(
    row: int,
    unit_id: UnitId,
    role: str,
    when: tuple[date, time, time],
    headcount: int,
    people: tuple[PersonId, ...],
) -> PlannedShift:
    return PlannedShift(row, unit_id, ZONE, role, wall_period(*when, ZONE), headcount, people, "")


def _food_bank_row(rows: list[PlannedShift]) -> int:
    return next(each.row for each in rows if each.role == "helper")


def _calendar(monday: date) -> Calendar:
    """At any time, but not on that Wednesday."""
    away = wall_period(monday + timedelta(days=2), time(0), time(0), ZONE)
    return Calendar(ZONE, blackouts=(Blackout(away, "A wedding"),))


def _import_id() -> ImportId:
    return ImportId(derived_id("demo", "week"))
