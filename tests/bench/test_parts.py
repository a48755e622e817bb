"""Each part on a small scale: that it measures what it says, not how fast that is."""

import gc
import json
import socket
from dataclasses import replace
from http.client import HTTPResponse
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest

from infrastructure.postgres.migrate import migrate
from infrastructure.registry import read_models
from projections.paging import MAX_PAGE_SIZE
from tests.bench.crud_rows import copy_shifts
from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.opstream_folds import FOLLOWERS, take_as_read
from tests.bench.opstream_log import fill
from tests.bench.opstream_system import Opstream
from tests.bench.parts import (
    hot_aggregate,
    imports,
    lag,
    long_aggregate,
    memory,
    projector,
    queries,
    rebuilds,
)
from tests.bench.peers import CrudPeer
from tests.bench.plan import Plan
from tests.bench.story import write_story
from tests.bench.watching import lags

pytestmark = pytest.mark.bed

SMALL = Plan(
    seconds=0.3,
    warmup=0.1,
    rounds=1,
    events=300,
    aggregate_sizes=(10, 150),
    rate=50,
    commands=100,
    shifts=200,
    rows=30,
)


def nobody(_what):
    """Nobody wants to know how far it is."""


@pytest.fixture(scope="module", autouse=True)
def collecting():
    """Folding in this process calms its garbage collector, as in a worker; here only meanwhile."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.fixture(scope="module")
def shared(engines):
    return Servers(engines.database_url, engines.nats_url)


@pytest.fixture(scope="module")
def opstream(shared):
    """One system for all parts, started on a log that was written for it."""
    tenant_id = uuid4()
    with fresh_database(shared.database_url, "bench_test_opstream") as url:
        migrate(url)
        events = write_story(url, tenant_id, shifts=SMALL.shifts)
        take_as_read(url)
        with Opstream(tenant_id=tenant_id).start(url, shared.nats_url) as running:
            yield SimpleNamespace(running=running, its=Servers(url, shared.nats_url), events=events)


@pytest.fixture(scope="module")
def peer(shared):
    tenant_id = uuid4()
    with (
        fresh_database(shared.database_url, "bench_test_peer") as url,
        CrudPeer(tenant_id=tenant_id).start(url, shared.nats_url) as running,
    ):
        copy_shifts(url, tenant_id, SMALL.shifts)
        yield running


@pytest.fixture(scope="module")
def readers(opstream, peer):
    return queries.reads(queries.SUBJECT, opstream.running), queries.reads(queries.PEER, peer)


def test_queries_get_the_same_from_both_systems(readers):
    pages = [queries._get(each.running, each.paths["first page"][0]) for each in readers]
    assert [page["total"] for page in pages] == [SMALL.shifts] * 2
    ours, theirs = pages
    assert shape(ours) == shape(theirs)
    for shift in (*ours["items"], *theirs["items"]):
        assert len(shift["assignments"]) == 2


def shape(page):
    shift = page["items"][0]
    return page.keys(), shift.keys(), shift["assignments"][0].keys(), shift["start"]


def test_queries_are_compared_one_by_one(readers):
    ours, theirs = (replace(each, paths=only_first(each)) for each in readers)
    report = queries.measured(SMALL, ours, theirs, nobody)
    (ratio,) = report.records["ratios"]
    assert (ratio.system, ratio.base) == ("opstream, first page", "sqlalchemy crud, first page")
    assert report.wrong == []


def only_first(each):
    return {"first page": each.paths["first page"]}


def test_a_query_that_is_not_offered_is_told(readers):
    ours, theirs = readers
    assert "by id" in theirs.paths
    without = replace(ours, paths=only_first(ours))
    told = [line for line in queries._differences(without, theirs) if "not offer" in line]
    assert len(told) == len(theirs.paths) - 1


def test_a_filled_log_is_one_that_the_system_goes_on_with(opstream):
    """What was folded before the start is shown, and the next command comes right behind it."""
    page = queries._get(opstream.running, f"/shifts?pageSize={MAX_PAGE_SIZE}")
    assert page["total"] >= SMALL.shifts
    with psycopg.connect(opstream.its.database_url) as connection:
        positions = connection.execute(
            "SELECT count(*), max(notification_id) FROM stored_events"
        ).fetchone()
        followers = connection.execute("SELECT count(*) FROM checkpoints").fetchone()
    assert positions[0] == positions[1] > opstream.events
    assert followers == (FOLLOWERS,)


def test_a_log_can_be_filled_behind_what_it_holds(database_url):
    fill(database_url, 20)
    fill(database_url, 30)
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "SELECT count(*), min(notification_id), max(notification_id) FROM stored_events"
        ).fetchone()
    assert found == (50, 1, 50)


def test_every_event_comes_everywhere_after_it_was_recorded(opstream):
    report = lag.measured(SMALL, opstream.running, opstream.its, nobody)
    found = {each.to: each for each in report.records["lags"]}
    assert list(found) == ["answer", "read models", "NATS consumer", "audit trail"]
    assert report.wrong == []
    for each in found.values():
        assert each.events >= 10
        assert 0 < each.p50 <= each.p99 <= each.highest


def test_a_lag_ends_with_the_first_arrival_of_it_or_something_later():
    recorded = [(1, 10.0), (2, 10.5), (3, 11.0)]
    assert lags(recorded, [(10.25, 1), (12.0, 3), (13.0, 4)]) == [0.25, 1.5, 1.0]
    with pytest.raises(ValueError, match="event 3"):
        lags(recorded, [(10.25, 2)])


def test_memory_is_that_of_every_process_that_was_started(opstream):
    report = memory.measured(SMALL, opstream.running, nobody)
    # The engines are this process's children only where the tests run in a single one.
    found = {
        each.process: each
        for each in report.records["memory"]
        if each.process not in {"Postgres", "NATS"}
    }
    assert {name: each.after.processes for name, each in found.items()} == {
        "API": 1,
        "projector": 1,
        "relay": 1,
        "other workers": 1,
    }
    assert all(each.after.rss >= each.after.pss > 0 for each in found.values())
    assert found["API"].commands == SMALL.commands
    assert report.wrong == []


def test_an_import_is_measured_until_everybody_has_come_through_it(opstream):
    report = imports.measured(SMALL, opstream.running, nobody)
    (found,) = report.records["imports"]
    assert 0 < found.answered < found.settled
    assert found.memory[imports.READER] > 0
    assert report.wrong == []


def test_a_hot_shift_takes_every_command_that_is_answered(opstream):
    started = {"opstream": opstream.running}
    report = hot_aggregate.measured(SMALL, started, nobody, many=20, clients=8)
    assert report.wrong == []
    hot, spread = report.records["samples"]
    assert (hot.system, spread.system) == ("opstream, one shift", "opstream, many shifts")
    with psycopg.connect(opstream.its.database_url) as connection:
        longest = connection.execute(
            "SELECT max(originator_version) FROM stored_events WHERE topic LIKE '%ShiftChanged'"
        ).fetchone()
    assert longest[0] > hot.load.sent


def test_the_peer_changes_a_shift_as_we_do(opstream, peer):
    answers = [changed(running) for running in (opstream.running, peer)]
    assert [answer["headcount"] for answer in answers] == [7, 7]
    assert [answer["status"] for answer in answers] == ["draft", "draft"]


def changed(running):
    (shift_id,) = hot_aggregate._draft(running, 1)
    plan = hot_aggregate._load(SMALL, running, [shift_id], 1)
    with socket.create_connection(running.base_url.rpartition("/")[2].split(":")) as connection:
        connection.sendall(plan.requests(6))
        answer = HTTPResponse(connection)
        answer.begin()
        assert answer.status == 200
        return json.loads(answer.read())


def test_an_aggregate_is_loaded_from_its_snapshot_if_it_is_long_enough(shared):
    report = long_aggregate.measure(SMALL, shared, nobody)
    short, long = report.records["next_command"]
    assert (short.events, short.from_snapshot) == (10, None)
    assert long.events == 150
    assert min(long.from_events, long.from_snapshot, long.cached, short.cached) > 0


def test_every_read_model_is_rebuilt_and_has_rows(shared):
    found = rebuilds.measure(SMALL, shared, nobody).records["rebuilt"]
    models = [each.what for each in found[:-2]]
    assert models == [model.name for model in read_models()]
    # The story that the log tells fills most of them.
    filled = [each for each in found if each.rows]
    assert len(filled) >= 8
    assert all(each.of_the_limit > 0 for each in filled)
    assert found[-2].rows == sum(each.rows for each in found[:-2])


def test_the_projector_is_measured_beside_the_librarys_runner(shared):
    folds = projector.measure(replace(SMALL, events=50), shared, nobody).records["folds"]
    assert len(folds) == 4
    assert {fold.events for fold in folds} == {50}
