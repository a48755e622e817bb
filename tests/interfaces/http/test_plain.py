"""The short way through an endpoint does what FastAPI's way does."""

import pytest
from fastapi.routing import APIRoute

from infrastructure.settings import Settings
from interfaces.http.app import build_app
from interfaces.http.plain import Plain
from tests.support.api import a_unit, new_shift

ROUTES = {r.name: r for r in build_app(Settings()).router.routes if isinstance(r, APIRoute)}


@pytest.fixture
def long_ways(monkeypatch):
    """Which requests were not as usual."""
    taken = []
    answer = Plain.answer

    async def note(self, call):
        answered = await answer(self, call)
        if answered is None:
            taken.append(call.scope["path"])
        return answered

    monkeypatch.setattr(Plain, "answer", note)
    return taken


@pytest.mark.parametrize("name", ["draft_shift", "change_shift", "publish_shift", "assign_people"])
def test_commands_are_plain(name):
    assert Plain.of(ROUTES[name]) is not None


@pytest.mark.parametrize("name", ["get_shifts", "readyz", "healthz", "metrics"])
def test_what_has_a_query_or_no_call_is_not(name):
    assert Plain.of(ROUTES[name]) is None


async def test_both_ways_give_the_same_answer(api, long_ways):
    body = new_shift(await a_unit(api))
    short = await api.coordinator.post("/shifts", json=body)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert long_ways == []
    long = await api.coordinator.post("/shifts", content=short.request.content, headers=headers)
    assert long_ways == ["/shifts"]
    assert long.status_code == short.status_code == 201
    assert long.json() | {"id": ""} == short.json() | {"id": ""}
    assert {*long.headers} == {*short.headers}
    assert long.headers["content-type"] == short.headers["content-type"]


async def test_what_is_wrong_is_told_by_the_one_place_for_that(api, long_ways):
    body = new_shift(await a_unit(api)) | {"headcount": 0}
    wrong = await api.coordinator.post("/shifts", json=body)
    assert wrong.json()["details"]["fields"] == {
        "headcount": "Input should be greater than or equal to 1"
    }
    elsewhere = await api.coordinator.post("/shifts/1/publish")
    assert list(elsewhere.json()["details"]["fields"]) == ["shift_id"]
    assert long_ways == ["/shifts", "/shifts/1/publish"]
