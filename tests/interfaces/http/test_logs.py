"""One line per request and per command; none with a secret or anything personal."""

import io
import json
import logging

import psycopg
import pytest
import structlog

from tests.interfaces.http.documented import documented
from tests.support.api import a_draft, a_unit, new_shift, running_api

NAME, EMAIL, PASSWORD = "Hyacinth Bucket", "hyacinth.bucket@example.test", "mind-the-pedestrian"
UNTOLD = ("Hyacinth", "hyacinth", "bucket", "mind-the", "eyJ", "example.test", "Bearer")


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    async with running_api(a_database, a_folder, documented) as running:
        await running.core.passwords.set(running.accounts["staff"], PASSWORD)
        yield running


@pytest.fixture
def lines(caplog):
    """What is logged, as production writes it; what libraries log counts too."""
    before = structlog.get_config()
    written = io.StringIO()
    caplog.set_level(logging.DEBUG)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.WriteLoggerFactory(written),
        cache_logger_on_first_use=False,
    )

    def read():
        # The client of these tests logs for itself.
        others = [one.getMessage() for one in caplog.records if not one.name.startswith("http")]
        for word in UNTOLD:
            assert word not in written.getvalue()
            assert word not in "".join(others)
        return [json.loads(line) for line in written.getvalue().splitlines()]

    yield read
    structlog.configure(**before)


async def test_a_log_in_leaves_one_line_without_who_it_was(api, lines):
    for password in (PASSWORD, "mind-the-wrong-one"):
        body = {"email": "staff@example.test", "password": password}
        await api.nobody.post("/auth/login", json=body, headers={"X-Request-Id": "r1"})
    good, bad = lines()
    assert good == {
        "event": "request",
        "level": "info",
        "method": "POST",
        "route": "/auth/login",
        "status": 200,
        "ms": good["ms"],
        "request_id": "r1",
        "actor": None,
        "tenant": None,
    }
    assert bad == {**good, "status": 401, "ms": bad["ms"]}


async def test_a_command_leaves_a_line_of_its_own(api, lines):
    body = {"name": NAME, "email": EMAIL, "kind": "staff", "roles": ["nurse"]}
    await api.admin.post("/people", json=body, headers={"X-Request-Id": "r2"})
    command, request = lines()
    who = {"actor": str(api.accounts["admin"]), "tenant": str(api.tenant_id), "request_id": "r2"}
    assert command == {
        "event": "command",
        "level": "info",
        "command": "AddPerson",
        "outcome": "done",
        "attempts": 1,
        "events": 1,
        "ms": command["ms"],
        "command_id": command["command_id"],
        **who,
    }
    assert request["status"] == 201
    assert {name: request[name] for name in who} == who


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/people?search={EMAIL}", None),
        ("GET", f"/{EMAIL}?token=eyJ", None),
        ("POST", f"/shifts/{EMAIL}/publish", None),
        ("POST", "/people", {"name": NAME, "email": EMAIL, "kind": NAME}),
        ("POST", "/people", {EMAIL: 1}),
        ("POST", "/auth/login", {"email": EMAIL, "password": PASSWORD}),
    ],
)
async def test_paths_queries_and_bodies_are_not_logged(api, lines, method, path, body):
    await api.admin.request(method, path, json=body)
    assert lines()[-1]["event"] == "request"


async def test_a_refused_command_tells_how_it_ended(api, lines):
    body = new_shift(await a_unit(api), end="2199-03-01T07:00:00+01:00", notes={"for": NAME})
    await api.coordinator.post("/shifts", json=body)
    command, request = lines()[-2:]
    assert (command["command"], command["outcome"], command["events"]) == (
        "DraftShift",
        "invalid",
        0,
    )
    assert (request["route"], request["status"]) == ("/shifts", 422)


async def test_an_error_of_our_own_is_logged_with_its_trace(api, lines, monkeypatch):
    async def fail(*_):
        raise ZeroDivisionError("told")

    monkeypatch.setattr(type(api.core.dispatcher), "run", fail)
    body = {"name": NAME, "email": EMAIL, "kind": "staff"}
    await api.admin.post("/people", json=body, headers={"X-Request-Id": "r3"})
    failed = next(line for line in lines() if line["event"] == "request.failed")
    assert failed["request_id"] == "r3"
    assert failed["error"] == "ZeroDivisionError"
    assert "people.py" in failed["where"]


async def test_a_query_that_fails_is_logged_without_its_parameters(api, lines, a_database):
    with psycopg.connect(a_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE scheduling_people_v3.people RENAME COLUMN kind TO sort")
    try:
        response = await api.admin.get("/people", params={"search": EMAIL})
        assert response.status_code == 500
        assert any(line["event"] == "request.failed" for line in lines())
    finally:
        with psycopg.connect(a_database, autocommit=True) as connection:
            connection.execute("ALTER TABLE scheduling_people_v3.people RENAME COLUMN sort TO kind")


async def test_an_event_that_can_not_be_read_is_logged_without_what_is_in_it(
    api, lines, a_database
):
    body = {"name": NAME, "email": EMAIL, "kind": "staff", "roles": ["nurse"]}
    person = (await api.admin.post("/people", json=body)).json()["id"]
    spoil = (
        "UPDATE stored_events SET state = "
        """convert_to(replace(convert_from(state, 'UTF8'), '"staff"', '"Hyacinth"'), 'UTF8') """
        "WHERE originator_id = %s"
    )
    with psycopg.connect(a_database, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(spoil, (person,))
    draft = await a_draft(api)
    api.core.log._cache._known.clear()
    assign = f"/shifts/{draft}/assign"
    response = await api.coordinator.post(assign, json={"person_ids": [person]})
    assert response.status_code == 500
    failed = next(line for line in lines() if line["event"] == "request.failed")
    assert failed["error"] == "MapperDeserialisationError"
