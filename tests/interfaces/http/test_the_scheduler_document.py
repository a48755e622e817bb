"""The Scheduler document, row by row: its endpoint table and its non-functional list.

Each row is a test of its name. What a row asks in depth is tested where it lives; here is shown
that it is so at all, for everybody whom the row names and for nobody else.
"""

import json
import re
from collections.abc import Awaitable, Callable
from uuid import uuid4

import httpx
import pytest
import yaml

from infrastructure import metrics
from infrastructure.identity.passwords import Passwords
from tests.architecture.code import ROOT
from tests.architecture.test_routes import SCHEDULER_DOCUMENT
from tests.support.api import (
    Api,
    a_draft,
    a_person,
    a_shift,
    a_unit,
    assignment_of,
    new_shift,
    running_api,
)
from tests.support.logs import logged
from tests.support.sheets import ROW, a_sheet

EVERYBODY = {"admin", "coordinator", "staff", "volunteer", "auditor"}
COORDINATOR_ADMIN = {"admin", "coordinator"}
STAFF_VOLUNTEER = {"staff", "volunteer"}
PASSWORD = "a password of this file"
Ask = Callable[[Api, httpx.AsyncClient, str], Awaitable[httpx.Response]]


async def log_in(api: Api, client: httpx.AsyncClient, who: str) -> httpx.Response:
    if who in api.accounts:
        await api.core.passwords.set(api.accounts[who], PASSWORD)
    body = {"email": f"{who}@example.test", "password": PASSWORD}
    return await client.post("/auth/login", json=body)


def get(path: str) -> Ask:
    async def ask(_: Api, client: httpx.AsyncClient, __: str) -> httpx.Response:
        return await client.get(path)

    return ask


async def create_person(_: Api, client: httpx.AsyncClient, __: str) -> httpx.Response:
    body = {"name": "Ana", "email": "ana@example.test", "kind": "volunteer", "roles": ["nurse"]}
    return await client.post("/people", json=body)


async def create_shift(api: Api, client: httpx.AsyncClient, _: str) -> httpx.Response:
    return await client.post("/shifts", json=new_shift(await a_unit(api)))


async def update_shift(api: Api, client: httpx.AsyncClient, _: str) -> httpx.Response:
    return await client.patch(f"/shifts/{await a_draft(api)}", json={"headcount": 2})


async def publish(api: Api, client: httpx.AsyncClient, _: str) -> httpx.Response:
    return await client.post(f"/shifts/{await a_draft(api)}/publish")


async def assign(api: Api, client: httpx.AsyncClient, _: str) -> httpx.Response:
    shift, person = await a_shift(api), await a_person(api)
    return await client.post(f"/shifts/{shift}/assign", json={"person_ids": [person]})


async def answer(api: Api, client: httpx.AsyncClient, who: str) -> httpx.Response:
    person = await a_person(api, who if who in STAFF_VOLUNTEER else None)
    shift = await a_shift(api, None, person)
    path = f"/assignments/{assignment_of(shift, person)}/status"
    return await client.post(path, json={"status": "Accepted"})


async def upload(_: Api, client: httpx.AsyncClient, __: str) -> httpx.Response:
    files = {"file": ("week.xlsx", a_sheet(ROW))}
    return await client.post("/import/shifts", files=files, headers={"Prefer": "respond-async"})


async def own_availability(api: Api, client: httpx.AsyncClient, who: str) -> httpx.Response:
    await _with_a_person(api, who)
    return await client.get("/availability/me")


async def update_availability(api: Api, client: httpx.AsyncClient, who: str) -> httpx.Response:
    await _with_a_person(api, who)
    return await client.put("/availability/me", json={"zone": "Europe/Berlin", "weekly": None})


async def _with_a_person(api: Api, who: str) -> None:
    if who in STAFF_VOLUNTEER:
        await a_person(api, who)


ROWS: dict[str, tuple[set[str], Ask]] = {
    "POST /auth/login: authenticate to receive JWT": (EVERYBODY, log_in),
    "GET /me: fetch current user profile and roles": (EVERYBODY, get("/me")),
    "GET /units: list units or rooms": (COORDINATOR_ADMIN, get("/units")),
    "GET /people: directory and filters": (COORDINATOR_ADMIN, get("/people?kind=staff")),
    "POST /people: create staff or volunteer": ({"admin"}, create_person),
    "GET /shifts: list and filter shifts": (COORDINATOR_ADMIN, get("/shifts?status=draft")),
    "POST /shifts: create shift": (COORDINATOR_ADMIN, create_shift),
    "PATCH /shifts/{id}: update shift": (COORDINATOR_ADMIN, update_shift),
    "POST /shifts/{id}/publish: transition draft to published": (COORDINATOR_ADMIN, publish),
    "POST /shifts/{id}/assign: assign persons": (COORDINATOR_ADMIN, assign),
    "POST /assignments/{id}/status: accept, decline, reassign": (
        COORDINATOR_ADMIN | STAFF_VOLUNTEER,
        answer,
    ),
    "GET /availability/me: view of own availability": (STAFF_VOLUNTEER, own_availability),
    "PUT /availability/me: update availability and blackouts": (
        STAFF_VOLUNTEER,
        update_availability,
    ),
    "POST /import/shifts: upload Excel schedule": (COORDINATOR_ADMIN, upload),
    "GET /audit-logs: filtered audit trail": (
        {"admin", "auditor"},
        get("/audit-logs?entity=Shift"),
    ),
}
"""Purpose and auth scope of each row. An admin may do what coordinators may, and auditors read the
audit trail too; who has no person has no availability of his or her own.
"""


@pytest.mark.parametrize("row", ROWS)
async def test_a_row_of_the_endpoint_table(api: Api, row: str) -> None:
    scope, ask = ROWS[row]
    for who in sorted(EVERYBODY):
        response = await ask(api, api.clients[who], who)
        assert response.is_success == (who in scope), f"{who}: {response.text}"
        if who not in scope:
            assert response.status_code in {403, 404}, who
    nobody = await ask(api, api.clients["nobody"], "nobody")
    assert nobody.status_code == 401


def test_all_rows_of_the_table_are_here() -> None:
    named = {re.sub(r"\{\w+\}", "{id}", row.partition(":")[0]) for row in ROWS}
    assert named == {f"{method} {path}" for method, path in SCHEDULER_DOCUMENT}


async def test_all_answers_are_json_with_snake_case_and_iso_8601(api: Api) -> None:
    shift = (await api.coordinator.post("/shifts", json=new_shift(await a_unit(api)))).json()
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in shift)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", shift["start"])


async def test_pages_are_asked_for_by_page_and_page_size(api: Api) -> None:
    units = [await a_unit(api) for _ in range(3)]
    first, second = [
        (await api.admin.get("/units", params={"page": page, "pageSize": 2})).json()
        for page in (1, 2)
    ]
    assert (len(first["items"]), first["page"], first["page_size"]) == (2, 1, 2)
    assert first["total"] == second["total"] >= len(units)
    assert first["items"] != second["items"]


async def test_errors_have_the_documents_format(api: Api) -> None:
    wrong = (await api.coordinator.post("/shifts", json={})).json()
    assert list(wrong) == ["error", "message", "details"]
    assert wrong["error"] == "ValidationError"


@pytest.fixture(scope="module")
async def strict(another_database, a_folder):
    async with running_api(
        another_database, a_folder, login_rate="5/minute", require_https=True
    ) as running:
        yield running


async def test_security_tls_is_enforced(strict: Api) -> None:
    plain = await strict.admin.get("/units")
    assert (plain.status_code, plain.json()["details"]) == (403, {"needs": "https"})
    login = await log_in(strict, strict.clients["nobody"], "nobody")
    assert login.status_code == 403
    headers = {"Authorization": strict.admin.headers["authorization"]}
    transport = httpx.ASGITransport(strict.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://api") as by_tls:
        secure = await by_tls.get("/units", headers=headers)
        assert (secure.status_code, secure.headers["strict-transport-security"][:8]) == (
            200,
            "max-age=",
        )
    assert (await strict.clients["nobody"].get("/healthz")).status_code == 200


async def test_security_passwords_are_hashed_with_argon2(api: Api) -> None:
    await Passwords(api.core.pool).set(api.accounts["staff"], PASSWORD)
    async with api.core.pool.connection() as connection:
        cursor = await connection.execute("SELECT password_hash FROM credentials")
        hashes = [row[0] for row in await cursor.fetchall()]
    assert hashes
    assert all(each.startswith("$argon2id$") for each in hashes)


async def test_security_authentication_is_rate_limited(strict: Api) -> None:
    transport = httpx.ASGITransport(strict.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://api") as client:
        body = {"email": f"{uuid4().hex}@example.test", "password": "guess"}
        statuses = [(await client.post("/auth/login", json=body)).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


async def test_security_sensitive_changes_are_in_the_audit_log(api: Api) -> None:
    """The audit log is made of all events; who did it stands with each."""
    staff, admin = api.accounts["staff"], api.accounts["admin"]
    await api.admin.patch(f"/members/{staff}", json={"roles": ["staff", "auditor"]})
    await api.admin.patch(f"/members/{staff}", json={"roles": ["staff"]})
    async with api.core.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT DISTINCT metadata->>'actor' FROM stored_events "
            "WHERE topic = 'identity.MemberRolesChanged'"
        )
        assert await cursor.fetchall() == [(str(admin),)]


async def test_availability_there_are_health_checks_and_readiness_endpoints(api: Api) -> None:
    alive = await api.clients["nobody"].get("/healthz")
    ready = await api.clients["nobody"].get("/readyz")
    assert alive.status_code == 200
    assert {"database", "log_lock", "projector_lag"} <= set(ready.json()["checks"])


def test_scalability_api_workers_stand_behind_a_load_balancer_and_queue_workers_beside_them() -> (
    None
):
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    replicas = {name: services[name]["deploy"]["replicas"] for name in ("api", "worker")}
    assert "load-balancer" in services
    assert min(replicas.values()) >= 2


async def test_observability_logs_are_structured_and_json(api: Api) -> None:
    with logged() as lines:
        asked = await api.admin.get("/units")
    (line,) = [each for each in lines if each["event"] == "request"]
    assert line["request_id"] == asked.headers["x-request-id"]
    assert json.loads(json.dumps(line, default=str))["route"] == "/units"


async def test_observability_failed_jobs_can_be_alerted_of(api: Api) -> None:
    """Slots that failed are counted by job, and messages that were given up by how many wait."""
    metrics.JOB_RUNS.labels("weekly-hours", "failed").inc(0)
    told = (await api.clients["nobody"].get("/metrics")).text
    assert 'opstream_job_runs_total{job="weekly-hours",outcome="failed"}' in told
    assert "opstream_dead_letters" in told


@pytest.mark.parametrize(
    "folder", ["domain", "application", "scenarios", "interfaces/http"], ids=str
)
def test_testing_there_are_unit_integration_and_contract_tests(folder: str) -> None:
    assert len(list((ROOT / "tests" / folder).rglob("test_*.py"))) >= 3


async def test_observability_requests_have_ids_and_there_are_metrics(api: Api) -> None:
    asked = await api.admin.get("/units", headers={"X-Request-Id": "of-the-client"})
    assert asked.headers["x-request-id"] == "of-the-client"
    told = (await api.clients["nobody"].get("/metrics")).text
    for name in ("opstream_commands_total", "opstream_request_seconds", "opstream_projector_lag"):
        assert name in told
