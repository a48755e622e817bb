"""When Postgres does not answer: said in the contract's words, and over when it is back."""

import asyncio
from uuid import uuid4

import psycopg
import pytest

from application import dispatch
from tests.interfaces.http.answers import refused
from tests.interfaces.http.documented import documented
from tests.support.api import a_draft, a_person, a_unit, new_shift, running_api
from tests.support.waiting import sooner_than

TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    async with running_api(a_database, a_folder, documented) as running:
        yield running


@pytest.fixture(scope="module")
def switch(engines, a_database):
    """Lets everybody into the database or nobody, those who are in it included."""
    name = a_database.rsplit("/", 1)[1]

    def allow(yes):
        with psycopg.connect(engines.database_url, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {yes}")
            if not yes:
                connection.execute(TERMINATE, (name,))

    return allow


@pytest.fixture
async def gone(api, switch, monkeypatch):
    """What is asked while nobody gets in; the log is given up soon."""
    monkeypatch.setattr(dispatch, "PATIENCE", 1.0)
    unit, draft = await a_unit(api), await a_draft(api)
    api.core.members._known.clear()
    switch(False)
    yield unit, draft
    switch(True)
    for _ in range(50):
        back = await api.coordinator.post("/shifts", json=new_shift(unit))
        if back.status_code == 201 and "opstream-reads" not in back.headers:
            break
        await asyncio.sleep(0.1)


async def test_every_operation_says_so_and_when_to_come_back(api, gone):
    unit, draft = gone
    elsewhere = {"X-Tenant-Id": "3fa85f64-5717-4562-b3fc-2c963f66afa6"}
    key = {"Idempotency-Key": "k"}
    person = {"name": "A", "email": "a@b.test", "kind": "staff"}
    account = {**person, "account_id": str(api.accounts["auditor"])}
    login = {"email": "staff@example.test", "password": "x"}
    answer = {"status": "accepted"}
    requests = {
        "list": api.coordinator.get("/shifts"),
        "profile": api.auditor.get("/me"),
        "audit": api.auditor.get("/audit-logs"),
        "log in": api.nobody.post("/auth/login", json=login),
        "another tenant": api.staff.get("/me", headers=elsewhere),
        "command": api.coordinator.post("/shifts", json=new_shift(unit)),
        "with a key": api.coordinator.post("/shifts", json=new_shift(unit), headers=key),
        "of what is known": api.coordinator.post(f"/shifts/{draft}/publish"),
        "of what is not": api.coordinator.post(f"/shifts/{uuid4()}/publish"),
        "with a query": api.coordinator.post(f"/assignments/{draft}/status", json=answer),
        "with a member": api.admin.post("/people", json=account),
    }
    with sooner_than(10):
        answers = await asyncio.gather(*requests.values())
    for name, response in zip(requests, answers, strict=True):
        assert response.status_code == 503, (name, response.text)
        details = refused(response, 503, "ServiceUnavailable")
        assert details == {"retry_after": 1}
        assert response.headers["retry-after"] == "1"
        for word in ("Traceback", "psycopg", "connect", "FATAL", "SELECT"):
            assert word not in response.text


@pytest.mark.usefixtures("gone")
async def test_readiness_names_it_and_life_goes_on(api):
    response = await api.nobody.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["database"]["ok"] is False
    assert "FATAL" not in response.text
    assert (await api.nobody.get("/healthz")).status_code == 200
    assert (await api.nobody.get("/.well-known/jwks.json")).status_code == 200


async def test_afterwards_everything_is_as_before(api):
    person = await a_person(api)
    listed = (await api.coordinator.get("/people", params={"pageSize": 200})).json()["items"]
    assert person in [item["id"] for item in listed]


async def test_reads_that_were_never_built_are_not_there_yet(api, a_database):
    """As on a new system whose worker has not run."""
    api.projector.cancel()
    with psycopg.connect(a_database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA scheduling_units_v2 CASCADE")
    refused(await api.coordinator.get("/units"), 503, "ServiceUnavailable")
