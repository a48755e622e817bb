"""The part `workflows` on a small scale: both systems do what they are asked for, and as much."""

from contextlib import ExitStack
from itertools import chain
from types import SimpleNamespace
from uuid import uuid4

import httpx
import pytest

from tests.bench.client import Clock
from tests.bench.crud_wedding import crud_wedding
from tests.bench.databases import fresh_database
from tests.bench.load import LoadPlan, drive_here
from tests.bench.opstream_wedding import opstream_wedding
from tests.bench.own_lists import OwnLists
from tests.bench.parts import workflows
from tests.bench.plan import Plan
from tests.bench.shapes import LARGE, SMALL, flat
from tests.bench.turns import Contending, Moving, Picking, Starting, _wrongly_locked
from tests.bench.workplace import Standing, bearer

POOL = flat("a pool", 40)
PLAN = Plan(seconds=0.5, warmup=0.1, rounds=1, tasks=40)
bed = pytest.mark.bed


@pytest.fixture(scope="module")
def places(engines):
    shapes = (SMALL, POOL)
    with ExitStack() as stack:
        ours, theirs = (
            stack.enter_context(fresh_database(engines.database_url, f"bench_test_{name}"))
            for name in ("wedding", "crud_wedding")
        )
        yield [
            stack.enter_context(opstream_wedding(ours, engines.nats_url, shapes)),
            stack.enter_context(crud_wedding(theirs, shapes)),
        ]


@bed
def test_every_turn_is_taken_by_both_and_leaves_everything_as_it_must_be(places):
    turns = (Starting(SMALL, 2), Picking(POOL, 4), Contending(POOL, 4), Moving(4))
    report = workflows.measured(PLAN, places, turns, lambda _what: None)
    assert report.wrong == []
    assert [each["system"] for each in report.records["ratios"]] == [
        "opstream, instantiate 10 nodes",
        "opstream, pick",
        "opstream, pick what all want",
        "opstream, transition",
    ]
    for sample in report.records["samples"]:
        assert sample.load.completed > 0
    contended = [each for each in report.records["samples"] if "all want" in each.system]
    for sample in contended:
        assert sample.load.completed - sample.load.refused == PLAN.tasks // 4


@bed
def test_both_refuse_the_same(places):
    asked = [refusals(place) for place in places]
    assert asked[0] == asked[1]
    assert set(chain.from_iterable(asked[0].items())) >= {"not a member", 404, "taken", 400}


def refusals(place):
    """What each thing that must not be done is answered with."""
    place.start(SMALL, "refusals", 1)
    first, second, *_ = place.standing("refusals")
    with httpx.Client(base_url=place.base_url) as client:

        def asks(token, path, body=None):
            return client.post(path, json=body, headers=bearer(token)).status_code

        picks = f"/api/tasks/{first.task_id}/pick"
        moves = f"/api/tasks/{first.task_id}/transition"
        starts = {"templateId": str(place.templates[SMALL]), "eventId": str(place.event_id)}
        return {
            "picked": asks(place.workers[0], picks),
            "picked again": asks(place.workers[0], picks),
            "taken": asks(place.workers[1], picks),
            "waits": asks(place.workers[0], f"/api/tasks/{second.task_id}/pick"),
            "not a member": asks(place.workers[0], f"/api/tasks/{uuid4()}/pick"),
            "no token": asks("nobody", picks),
            "may not assign": asks(place.workers[0], "/api/workflows/instantiate", starts),
            "not at once": asks(place.workers[0], moves, {"toState": "DONE", "reason": "So."}),
        }


@bed
def test_the_peer_unlocks_a_child_when_all_its_parents_are_done(places):
    for place in places:
        place.start(SMALL, "unlocking", 1)
        tasks = place.standing("unlocking")
        seen = []
        with httpx.Client(base_url=place.base_url, headers=bearer(place.workers[0])) as client:
            for task in tasks[:3]:
                for state in ("IN_PROGRESS", "DONE"):
                    body = {"toState": state, "reason": "As planned."}
                    path = f"/api/tasks/{task.task_id}/transition"
                    assert client.post(path, json=body).status_code == 200
                place.settle()
                seen.append([each.waits for each in place.standing("unlocking")][:4])
        assert seen == [
            [False, False, True, True],
            [False, False, False, True],
            [False, False, False, False],
        ], place.name


def test_shapes_are_as_large_as_they_are_called_and_have_no_cycles():
    for shape, nodes, edges in ((SMALL, 10, 15), (LARGE, 1_000, 5_000), (POOL, 40, 0)):
        assert (len(shape.nodes), len(set(shape.edges))) == (nodes, edges)
        assert all(parent < child for parent, child in shape.edges)
    assert (SMALL.waiting, POOL.waiting) == (9, 0)


def test_whoever_has_done_all_of_its_list_ends_the_turn_for_everybody():
    clock = Clock(0.0, 10.0, 100)
    lists = [[("/a", b""), ("/b", b"")], [("/c", b"{}")]]
    own = OwnLists("POST", "http://here", [{"x": "1"}, {"x": "2"}], lists)
    first, second = own.of(0, clock), own.of(1, clock)
    assert first(0).startswith(b"POST /a HTTP/1.1\r\nhost: here\r\nx: 1\r\n")
    assert not clock.is_over(clock.stop_at - 1)
    assert second(7).endswith(b"content-length: 2\r\n\r\n{}")
    assert clock.is_over(clock.stop_at - 1)


def test_lists_of_ones_own_need_a_closed_loop():
    own = OwnLists("POST", "http://127.0.0.1:1", [{}], [[("/a", None)]])
    with pytest.raises(TypeError, match="list of its own"):
        drive_here(LoadPlan(own, 1, rate=10))


def test_a_task_that_is_locked_though_all_before_it_is_done_is_told():
    instance = uuid4()
    done = Standing(uuid4(), instance, "n0000", "done", False, None)
    waits = Standing(uuid4(), instance, "n0001", "blocked", True, None)
    pair = SimpleNamespace(parents={"n0000": [], "n0001": ["n0000"]})
    assert list(_wrongly_locked(pair, [done, waits])) == [f"n0001 of {instance} is blocked"]
    free = waits._replace(state="todo", waits=False)
    assert not list(_wrongly_locked(pair, [done, free]))
    too_soon = [done._replace(state="in_progress"), free]
    assert list(_wrongly_locked(pair, too_soon)) == [f"n0001 of {instance} is todo"]
