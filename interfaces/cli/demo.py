"""The demo tenant: five accounts, two units, people and shifts. Only ever made by ``--demo``."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from application.access import Actor
from application.identity.accounts import SetMemberRoles
from application.scheduling.assignments import AssignPeople
from application.scheduling.people import AddPerson
from application.scheduling.shifts import DraftShift, PublishShift
from application.scheduling.units import OpenUnit
from domain.identity.account import EmailAddress
from domain.scheduling.person import PersonKind
from domain.shared.ids import PLATFORM, AccountId, PersonId, ShiftId, TenantId, UnitId
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


async def create(settings: Settings) -> None:
    """Make the demo data, unless it is there."""
    async with core(settings) as parts:
        first = EmailAddress.id_of(EMAILS[0])
        if await parts.log.read(EmailAddress, first, PLATFORM) is not None:
            return
        tenant_id = await found(parts, "demo")
        others = {email: await _account(parts, tenant_id, email) for email in EMAILS[1:]}
        await _week(parts, Actor.system(tenant_id), others)
        # The first address is the mark that all the rest is there.
        await _account(parts, tenant_id, EMAILS[0])


async def _account(parts: Core, tenant_id: TenantId, email: str) -> AccountId:
    role = ROLES[email]
    account_id = await register(parts, email, f"Demo {role}", PASSWORD)
    await run(parts, SetMemberRoles(account_id, (role,)), Actor.system(tenant_id), nothing)
    return account_id


async def _week(parts: Core, system: Actor, accounts: dict[str, AccountId]) -> None:
    ward = await run(parts, OpenUnit("Ward 3", ZONE), system, lambda unit: UnitId(unit.id))
    await run(parts, OpenUnit("Food bank", ZONE), system, nothing)
    nurse = await _person(parts, system, "Nora Nurse", "staff@demo.test", accounts)
    await _person(parts, system, "Vito Volunteer", "volunteer@demo.test", accounts)
    for day in range(1, SHIFTS + 1):
        shift_id = await run(parts, _shift(ward, day), system, lambda shift: ShiftId(shift.id))
        if day % 2:
            await run(parts, PublishShift(shift_id), system, nothing)
        if day == 1:
            await run(parts, AssignPeople(shift_id, (nurse,)), system, nothing)


async def _person(
    parts: Core, system: Actor, name: str, email: str, accounts: dict[str, AccountId]
) -> PersonId:
    kind = PersonKind(ROLES[email])
    roles = ("nurse",) if kind is PersonKind.STAFF else ("helper", "nurse")
    command = AddPerson(name, email, kind, roles, accounts[email])
    return await run(parts, command, system, lambda person: PersonId(person.id))


def _shift(unit_id: UUID, day: int) -> DraftShift:
    """A morning shift of eight hours, `day` days from today."""
    today = now().astimezone(ZoneInfo(ZONE)).date() + timedelta(days=day)
    start = datetime(today.year, today.month, today.day, 6, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    return DraftShift(UnitId(unit_id), "nurse", start, start + timedelta(hours=8), 2, {})
