"""Answers wait until reads show what was done; unless that is not wanted, or can't be."""

import asyncio
from contextlib import asynccontextmanager
from time import perf_counter

import pytest
from psycopg import sql

from infrastructure.postgres import watch
from projections.scheduling.shifts import shifts
from tests.interfaces.http.answers import refused
from tests.interfaces.http.documented import documented
from tests.support.api import (
    a_draft,
    a_person,
    a_shift,
    a_unit,
    assignment_of,
    new_shift,
    position,
    projecting,
    running_api,
)

PATIENCE = 0.4


@pytest.fixture
async def api(database_url, tmp_path):
    settings = {"read_wait_seconds": PATIENCE}
    async with running_api(database_url, tmp_path, documented, **settings) as running:
        yield running


async def timed(request):
    started = perf_counter()
    response = await request
    assert response.status_code in {200, 201}, response.text
    return response, perf_counter() - started


async def test_once_a_command_has_answered_every_read_shows_it(api):
    unit = await a_unit(api)
    for _ in range(20):
        shift = await a_draft(api, unit)
        listed = await api.admin.get("/shifts", params={"unit_id": unit, "pageSize": 200})
        assert shift in [item["id"] for item in listed.json()["items"]]


async def test_whoever_prefers_not_to_wait_does_not(api):
    unit = await a_unit(api)
    api.projector.cancel()
    headers = {"Prefer": "respond-async, wait=9"}
    response, seconds = await timed(
        api.coordinator.post("/shifts", json=new_shift(unit), headers=headers)
    )
    assert response.headers["preference-applied"] == "respond-async"
    assert "opstream-reads" not in response.headers
    assert seconds < PATIENCE


async def test_another_preference_is_not_ours(api):
    unit = await a_unit(api)
    headers = {"Prefer": "return=minimal"}
    response = await api.coordinator.post("/shifts", json=new_shift(unit), headers=headers)
    assert "preference-applied" not in response.headers


async def test_reads_that_stay_behind_are_said_to_be(api, database_url, monkeypatch):
    unit = await a_unit(api)
    api.projector.cancel()
    response, seconds = await timed(api.coordinator.post("/shifts", json=new_shift(unit)))
    assert response.headers["opstream-reads"] == "behind"
    assert PATIENCE <= seconds < PATIENCE + 1
    # Once it is known to be down, nobody waits for it.
    monkeypatch.setattr(watch, "SILENCE", 0.0)
    response, seconds = await timed(api.coordinator.post("/shifts", json=new_shift(unit)))
    assert response.headers["opstream-reads"] == "behind"
    assert seconds < PATIENCE
    listed = await api.coordinator.get("/shifts", params={"unit_id": unit})
    assert listed.json()["total"] == 0
    # And when it is back, so is everything.
    monkeypatch.undo()
    async with projecting(database_url):
        position = int(response.headers["opstream-position"])
        assert await api.core.watch.reached(position, 5) or await _shown(api, position)
        listed = await api.coordinator.get("/shifts", params={"unit_id": unit})
        assert listed.json()["total"] == 2


async def test_what_the_read_models_do_not_show_yet_is_not_said_to_be_missing(api, database_url):
    person, shift = await a_person(api), await a_shift(api)
    path, answer = f"/assignments/{assignment_of(shift, person)}/status", {"status": "accepted"}
    key = {"Idempotency-Key": "the same answer"}
    api.projector.cancel()
    body = {"person_ids": [person]}
    assigned = await api.coordinator.post(f"/shifts/{shift}/assign", json=body)
    assert assigned.headers["opstream-reads"] == "behind"
    too_early = await api.coordinator.post(path, json=answer, headers=key)
    refused(too_early, 503, "ServiceUnavailable")
    assert too_early.headers["retry-after"] == "1"
    async with projecting(database_url):
        assert await _shown(api, await position(api))
        accepted = await api.coordinator.post(path, json=answer, headers=key)
        assert accepted.status_code == 200, accepted.text


async def test_what_is_about_to_be_shown_is_waited_for(api):
    person, shift = await a_person(api), await a_shift(api)
    path = f"/assignments/{assignment_of(shift, person)}/status"
    headers, body = {"Prefer": "respond-async"}, {"person_ids": [person]}
    async with _read_models_locked(api):
        assign = await api.coordinator.post(f"/shifts/{shift}/assign", json=body, headers=headers)
        assert assign.status_code == 200
        answer = asyncio.create_task(api.coordinator.post(path, json={"status": "accepted"}))
        await asyncio.sleep(PATIENCE / 4)
        assert not answer.done()
    assert (await answer).status_code == 200


@asynccontextmanager
async def _read_models_locked(api):
    """Nobody writes to them meanwhile."""
    async with api.core.pool.connection() as connection, connection.transaction():
        await connection.execute(
            sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(
                sql.Identifier(shifts.schema, shifts.name)
            )
        )
        yield


async def _shown(api, position):
    """The watch takes its first word from a projector that was gone for granted."""
    for _ in range(50):
        if await api.core.watch.reached(position, 0.2):
            return True
    return False
