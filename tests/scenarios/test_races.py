"""A hundred want the same: exactly as many get it as there is, and the others are told why."""

import asyncio
from collections import Counter

import httpx

from application.access import Actor
from application.identity.accounts import RegisterAccount, SetMemberRoles
from application.scheduling.people import AddPerson
from domain.scheduling.person import PersonKind
from domain.shared.ids import AccountId, TenantId
from infrastructure.bootstrap import Core, core
from infrastructure.settings import Settings
from interfaces.cli.accounts import found, nothing, run
from tests.support.served import Served

PLACES = 3
CONTENDERS = 100
_AGENDAS = """
SELECT originator_id FROM stored_events WHERE topic = 'scheduling.AgendaOpened'
AND convert_from(state, 'UTF8')::jsonb->>'person_id' = ANY(%s)
"""


async def test_a_hundred_people_want_three_places(system: Served):
    unit_id, people = await _unit_and_people(system, CONTENDERS)
    async with _coordinator(system) as coordinator:
        shift = await _published(coordinator, unit_id, day=1, headcount=PLACES)
        answers = await asyncio.gather(
            *(_assign(coordinator, shift["id"], person_id) for person_id in people)
        )
    assert _statuses(answers) == {200: PLACES, 422: CONTENDERS - PLACES}
    assert _reasons(answers) == {"NoPlaceLeft": CONTENDERS - PLACES}
    assert _versions(system, shift["id"]) == list(range(1, 2 + PLACES + 1))
    for api in ("api-1", "api-2"):
        assert any(line.get("command") == "AssignPeople" for line in system.log_lines(api))


async def test_a_hundred_claim_three_places(system: Served):
    unit_id, _ = await _unit_and_people(system, 0)
    async with _coordinator(system) as coordinator, _anybody(system) as client:
        shift = await _published(coordinator, unit_id, day=4, headcount=PLACES)
        claimants = await _claimants(system, CONTENDERS)
        answers = await asyncio.gather(
            *(client.post(f"/shifts/{shift['id']}/claim", headers=who) for who in claimants)
        )
    assert _statuses(answers) == {200: PLACES, 422: CONTENDERS - PLACES}
    assert _reasons(answers) == {"NoPlaceLeft": CONTENDERS - PLACES}
    assert _versions(system, shift["id"]) == list(range(1, 2 + PLACES + 1))
    # Which of the two processes takes a connection is the kernel's choice.
    asked = [line for api in ("api-1", "api-2") for line in system.log_lines(api)]
    assert sum(line.get("command") == "ClaimShift" for line in asked) == CONTENDERS


async def test_a_hundred_shifts_want_the_same_person_for_the_same_hour(system: Served):
    unit_id, people = await _unit_and_people(system, 10)
    async with _coordinator(system) as coordinator:
        shifts = await asyncio.gather(
            *(_published(coordinator, unit_id, day=2, headcount=10) for _ in range(10))
        )
        pairs = [(shift["id"], person_id) for shift in shifts for person_id in people]
        answers = await asyncio.gather(*(_assign(coordinator, *pair) for pair in pairs))
    assert _statuses(answers) == {200: len(people), 422: CONTENDERS - len(people)}
    assert _reasons(answers) == {"Overlap": CONTENDERS - len(people)}
    for shift in shifts:
        versions = _versions(system, shift["id"])
        assert versions == list(range(1, len(versions) + 1))
    for (agenda_id,) in system.query(_AGENDAS, people):
        versions = _versions(system, agenda_id)
        assert versions == list(range(1, len(versions) + 1))
    booked = system.query(
        "SELECT person_id, count(*) FROM scheduling_shifts_v2.assignments "
        "WHERE person_id = ANY(%s) AND status = 'pending' GROUP BY 1",
        people,
    )
    assert sorted(count for _, count in booked) == [1] * len(people)


async def test_the_same_key_from_everywhere_drafts_one_shift(system: Served):
    unit_id, _ = await _unit_and_people(system, 0)
    async with _coordinator(system) as coordinator:
        headers = {"Idempotency-Key": "one-shift-please"}
        answers = await asyncio.gather(
            *(
                coordinator.post("/shifts", json=_shift(unit_id, 3), headers=headers)
                for _ in "x" * 50
            )
        )
        last = await coordinator.post("/shifts", json=_shift(unit_id, 3), headers=headers)
    assert {answer.status_code for answer in answers} <= {201, 409}
    drafted = {answer.json()["id"] for answer in [*answers, last] if answer.status_code == 201}
    assert drafted == {last.json()["id"]}


async def _unit_and_people(system: Served, count: int) -> tuple[str, list[str]]:
    async with _client(system, "admin") as admin:
        unit = (await admin.post("/units", json={"name": "Race", "zone": "Etc/UTC"})).json()
        await admin.post("/roles", json={"name": "runner"})
        people = await asyncio.gather(*(_person(admin, number) for number in range(count)))
    return unit["id"], people


async def _person(admin: httpx.AsyncClient, number: int) -> str:
    body = {
        "name": f"Racer {number}",
        "email": f"racer{number}@example.test",
        "kind": "volunteer",
        "roles": ["runner"],
    }
    return (await admin.post("/people", json=body)).raise_for_status().json()["id"]


async def _claimants(system: Served, count: int) -> list[dict[str, str]]:
    """What so many volunteers, each with an account of his or her own, put into their requests."""
    settings = Settings(database_url=system.database_url, data_dir=system.data_dir)
    async with core(settings) as parts:
        tenant_id = await found(parts, "demo")
        return await asyncio.gather(
            *(_claimant(parts, tenant_id, number) for number in range(count))
        )


async def _claimant(parts: Core, tenant_id: TenantId, number: int) -> dict[str, str]:
    us, email = Actor.system(tenant_id), f"claimant{number}@example.test"
    register = RegisterAccount(email, "Claimant")
    account_id = await run(parts, register, us, lambda made: AccountId(made.id))
    await run(parts, SetMemberRoles(account_id, ("volunteer",)), us, nothing)
    person = AddPerson("Claimant", email, PersonKind.VOLUNTEER, ("runner",), account_id)
    await run(parts, person, us, nothing)
    actor = Actor.with_roles(account_id, tenant_id, ("volunteer",))
    return {"Authorization": f"Bearer {parts.tokens.issue(actor).text}"}


def _anybody(system: Served) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=CONTENDERS, max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=system.url, timeout=30, limits=limits)


def _client(system: Served, name: str) -> httpx.AsyncClient:
    client = _anybody(system)
    client.headers.update(system.authorization(name))
    return client


def _coordinator(system: Served) -> httpx.AsyncClient:
    """Each request on a connection of its own, so that both API processes get their share."""
    return _client(system, "coordinator")


async def _published(coordinator, unit_id, day, headcount):
    body = {**_shift(unit_id, day), "headcount": headcount}
    shift = (await coordinator.post("/shifts", json=body)).raise_for_status().json()
    published = await coordinator.post(f"/shifts/{shift['id']}/publish")
    return published.raise_for_status().json()


def _shift(unit_id, day):
    return {
        "unit_id": unit_id,
        "role": "runner",
        "start": f"2199-05-{day:02}T08:00:00Z",
        "end": f"2199-05-{day:02}T09:00:00Z",
    }


async def _assign(coordinator, shift_id, person_id):
    return await coordinator.post(f"/shifts/{shift_id}/assign", json={"person_ids": [person_id]})


def _statuses(answers):
    return Counter(answer.status_code for answer in answers)


def _reasons(answers):
    """The rules that the refused ones were told, one each."""
    refused = [answer.json() for answer in answers if answer.status_code == 422]
    assert all(body["error"] == "RuleViolation" for body in refused)
    return Counter(rule["rule"] for body in refused for rule in body["details"]["broken"])


def _versions(system, aggregate_id):
    rows = system.query(
        "SELECT originator_version FROM stored_events WHERE originator_id = %s ORDER BY 1",
        aggregate_id,
    )
    return [version for (version,) in rows]
