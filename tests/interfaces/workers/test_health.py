"""What a worker says of itself."""

import asyncio
import contextlib
import socket

import httpx
import pytest

from infrastructure.backlog import Backlog
from infrastructure.looking import Looking
from infrastructure.readiness import Readiness
from infrastructure.settings import Settings
from interfaces.workers import health
from interfaces.workers.health import HealthServer, health_app
from interfaces.workers.main import ROLES
from tests.infrastructure.nats.support import eventually, query, store_people
from tests.interfaces.workers.conftest import free_port
from tests.support.logs import logged

PARK_AN_EVENT = """INSERT INTO parked_events (read_model, position, originator_id, topic, error)
    VALUES ('people', 1, gen_random_uuid(), 'a topic', 'an error')"""
PARK_A_MESSAGE = """INSERT INTO parked_messages (consumer, position, topic, error)
    VALUES ('audit', 1, 'a topic', 'an error')"""
GIVE_A_DELIVERY_UP = """INSERT INTO deliveries
    (position, recipient, channel, tenant_id, address, subject, body, status,
        next_attempt_at, created_at)
    VALUES (1, gen_random_uuid(), 'outbox', gen_random_uuid(), 'a@example.test', 's', 'b',
        'dead', now(), now())"""


async def answer(settings, path="/readyz", roles=tuple(ROLES)):
    looking = Looking(settings.required("database_url"))
    app = health_app(Readiness(settings, roles), Backlog(looking))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://worker"
    ) as client:
        return await client.get(path)


def ill(error):
    return {"ok": False, "critical": True, "events": None, "seconds": None, "error": error}


async def test_a_worker_that_keeps_up_is_ready_and_names_each_check(settings, database_url, work):
    url = f"http://127.0.0.1:{settings.worker_port}"
    async with work(settings), httpx.AsyncClient(base_url=url) as client:
        store_people(database_url, 3)
        await eventually(lambda: query(database_url, "SELECT count(*) FROM audit_trail") == [(3,)])
        assert (await client.get("/healthz")).json() == {"alive": True}
        ready = await client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["ready"] is True
        checks = ready.json()["checks"]
        assert set(checks) == {
            "database",
            "log_lock",
            "nats",
            "projector_lag",
            "background_lag",
            "relay_lag",
            "audit_lag",
            "notifier_lag",
        }
        assert all(check["ok"] for check in checks.values())
        assert checks["audit_lag"]["events"] == 0
        metrics = (await client.get("/metrics")).text
        assert "opstream_relayed_events_total" in metrics
        assert 'opstream_consumed_events_total{consumer="audit"}' in metrics


@pytest.mark.usefixtures("work")
async def test_an_event_that_waits_for_too_long_makes_it_not_ready(settings, database_url):
    store_people(database_url, 2)
    fresh = await answer(settings)
    assert fresh.json()["checks"]["relay_lag"]["events"] == 2
    assert fresh.status_code == 200
    age = "UPDATE stored_events SET recorded_at = recorded_at - interval '11 s'"
    query(database_url, f"SET session_replication_role = replica; {age}")
    stale = await answer(settings)
    assert stale.status_code == 503
    lags = {name: check["ok"] for name, check in stale.json()["checks"].items()}
    assert lags == {
        "database": True,
        "log_lock": True,
        "nats": True,
        "projector_lag": False,
        "background_lag": False,
        "relay_lag": False,
        "audit_lag": False,
        "notifier_lag": False,
    }


async def test_it_says_that_nats_does_not_answer(settings):
    gone = Settings(database_url=settings.database_url, nats_url=f"nats://127.0.0.1:{free_port()}")
    response = await answer(gone)
    assert response.status_code == 503
    assert response.json()["checks"]["nats"] == ill("TimeoutError")
    assert response.json()["checks"]["database"]["ok"]


async def test_it_says_that_the_database_does_not_answer(nats_url):
    gone = Settings(
        database_url=f"postgresql://secret:password@127.0.0.1:{free_port()}/x", nats_url=nats_url
    )
    response = await answer(gone)
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == ill("OperationalError")
    assert "secret" not in response.text


async def test_a_projector_needs_no_nats(settings):
    response = await answer(settings, roles=["projector"])
    assert set(response.json()["checks"]) == {"database", "log_lock", "projector_lag"}


async def test_what_waits_is_told_from_the_database_though_nobody_works(settings, database_url):
    store_people(database_url, 3)
    query(database_url, "INSERT INTO checkpoints (name, position) VALUES ('relay', 1)")
    query(database_url, PARK_AN_EVENT)
    query(database_url, PARK_A_MESSAGE)
    query(database_url, GIVE_A_DELIVERY_UP)
    lines = (await answer(settings, "/metrics")).text.splitlines()
    assert {
        "opstream_backlog_known 1.0",
        "opstream_projector_lag_events 3.0",
        "opstream_relay_lag_events 2.0",
        'opstream_consumer_lag_events{consumer="audit"} 3.0',
        'opstream_parked_events_waiting{read_model="people"} 1.0',
        'opstream_parked_messages_waiting{consumer="audit"} 1.0',
        "opstream_dead_letters 1.0",
    } <= set(lines)
    age = next(line for line in lines if line.startswith("opstream_projector_lag_seconds "))
    assert float(age.split()[1]) > 0


async def test_what_can_not_be_known_is_not_told_to_be_nothing():
    gone = Settings(database_url=f"postgresql://127.0.0.1:{free_port()}/x")
    text = (await answer(gone, "/metrics", roles=())).text
    assert "opstream_backlog_known 0.0" in text
    assert "lag_events" not in text
    assert "opstream_dead_letters" not in text


async def test_a_port_that_is_taken_is_told_once_and_waited_for(settings, monkeypatch):
    monkeypatch.setattr(health, "RETRY", 0.01)
    looking = Looking(settings.required("database_url"))
    parts = Readiness(settings, ()), Backlog(looking)
    taken = socket.create_server(("127.0.0.1", settings.worker_port))
    with logged() as lines:
        serving = asyncio.create_task(HealthServer(*parts, "127.0.0.1", settings.worker_port).run())
        await asyncio.sleep(0.1)
        assert not serving.done()
        taken.close()
        await eventually(lambda: accepts(settings.worker_port))
    assert [line["event"] for line in lines] == ["health.port_taken"]
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def accepts(port):
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0
