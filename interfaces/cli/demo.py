"""The demo tenant: five accounts, two units, people and shifts. Only ever made by ``--demo``."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from application.access import Actor
from application.identity.accounts import SetMemberRoles
from application.scheduling.assignments import AssignPeople
from application.scheduling.people import AddPerson
from application.scheduling.roles import AddRole
from application.scheduling.shifts import DraftShift, PublishShift
from application.scheduling.units import OpenUnit
from domain.identity.account import EmailAddress
from domain.identity.membership import Membership
from domain.scheduling.person import PersonKind
from domain.shared.ids import PLATFORM, AccountId, PersonId, ShiftId, TenantId, UnitId
from domain.shared.money import Money
from infrastructure.bootstrap import Core, core, now
from infrastructure.settings import Settings
from interfaces.cli.accounts import found, nothing, register, run

PASSWORD = "opstream-demo"  # noqa: S105 - told to everybody
ROLES = {
    "admin@demo.test": "admin",
    "coordinator@demo.test": "coordinator",
    "staff@demo.test": "staff",
    "volunteer@demo.test": "volunteer",
    "auditor@demo.test": "auditor",
}
EMAILS = tuple(ROLES)
ZONE = "Europe/Berlin"
SHIFTS = 6
WORK = {
    "nurse": ("Registered nurses", Money(Decimal("24.50"), "EUR")),
    "helper": ("Whoever lends a hand", None),
}
"""What can be done, and what an hour of it costs."""


async def create(settings: Settings) -> None:
    """Make the demo data, or the rest of it when a start before was interrupted."""
    async with core(settings) as parts:
        tenant_id = await found(parts, "demo")
        if await _is_complete(parts, tenant_id):
            return
        others = {email: await _account(parts, tenant_id, email) for email in EMAILS[1:]}
        await _week(parts, Actor.system(tenant_id), others)
        # That the first account is a member is the mark that all the rest is there.
        await _account(parts, tenant_id, EMAILS[0])


async def _is_complete(parts: Core, tenant_id: TenantId) -> bool:
    first = await parts.log.read(EmailAddress, EmailAddress.id_of(EMAILS[0]), PLATFORM)
    if first is None:
        return False
    membership_id = Membership.id_of(tenant_id, first.account_id)
    return await parts.log.read(Membership, membership_id, tenant_id) is not None


async def _account(parts: Core, tenant_id: TenantId, email: str) -> AccountId:
    role = ROLES[email]
    account_id = await register(parts, email, f"Demo {role}", PASSWORD)
    await run(parts, SetMemberRoles(account_id, (role,)), Actor.system(tenant_id), nothing)
    return account_id


async def _week(parts: Core, system: Actor, accounts: dict[str, AccountId]) -> None:
    ward = await _unit(parts, system, "Ward 3")
    await _unit(parts, system, "Food bank")
    for role, (description, rate) in WORK.items():
        command = AddRole(role, description, rate)
        await run(parts, command, system, nothing, f"demo: add role {role}")
    nurse = await _person(parts, system, "Nora Nurse", "staff@demo.test", accounts)
    await _person(parts, system, "Vito Volunteer", "volunteer@demo.test", accounts)
    today = now().astimezone(ZoneInfo(ZONE)).date()
    for day in range(1, SHIFTS + 1):
        shift_id = await _shift(parts, system, ward, today + timedelta(days=day))
        if day % 2:
            once = f"demo: publish {shift_id}"
            await run(parts, PublishShift(shift_id), system, nothing, once)
        if day == 1:
            once = f"demo: assign {shift_id}"
            await run(parts, AssignPeople(shift_id, (nurse,)), system, nothing, once)


async def _unit(parts: Core, system: Actor, name: str) -> UnitId:
    command = OpenUnit(name, ZONE)
    return await run(parts, command, system, lambda unit: UnitId(unit.id), f"demo: open {name}")


async def _person(
    parts: Core, system: Actor, name: str, email: str, accounts: dict[str, AccountId]
) -> PersonId:
    kind = PersonKind(ROLES[email])
    roles = ("nurse",) if kind is PersonKind.STAFF else ("helper", "nurse")
    command = AddPerson(name, email, kind, roles, accounts[email])
    return await run(parts, command, system, lambda made: PersonId(made.id), f"demo: add {name}")


async def _shift(parts: Core, system: Actor, unit_id: UnitId, day: date) -> ShiftId:
    """A morning shift of eight hours; by its date, since a start may be continued on another."""
    start = datetime(day.year, day.month, day.day, 6, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    command = DraftShift(unit_id, "nurse", start, start + timedelta(hours=8), 2, {})
    return await run(parts, command, system, lambda made: ShiftId(made.id), f"demo: draft {day}")
