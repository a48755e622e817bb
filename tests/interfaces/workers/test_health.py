"""What a worker says of itself."""

import httpx
import pytest

from infrastructure.readiness import Readiness
from infrastructure.settings import Settings
from interfaces.workers.health import health_app
from interfaces.workers.main import ROLES
from tests.infrastructure.nats.support import eventually, query, store_people
from tests.interfaces.workers.conftest import free_port


async def answer(settings, path="/readyz", roles=tuple(ROLES)):
    app = health_app(Readiness(settings, roles))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://worker"
    ) as client:
        return await client.get(path)


async def test_a_worker_that_keeps_up_is_ready_and_names_each_check(settings, database_url, work):
    url = f"http://127.0.0.1:{settings.worker_port}"
    async with work(settings), httpx.AsyncClient(base_url=url) as client:
        store_people(database_url, 3)
        await eventually(lambda: query(database_url, "SELECT count(*) FROM audit_trail") == [(3,)])
        assert (await client.get("/healthz")).json() == {"status": "alive"}
        ready = await client.get("/readyz")
        assert ready.status_code == 200
        checks = ready.json()["checks"]
        assert set(checks) == {
            "database",
            "log_lock",
            "nats",
            "projector_lag",
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
        "relay_lag": False,
        "audit_lag": False,
        "notifier_lag": False,
    }


async def test_it_says_that_nats_does_not_answer(settings):
    gone = Settings(database_url=settings.database_url, nats_url=f"nats://127.0.0.1:{free_port()}")
    response = await answer(gone)
    assert response.status_code == 503
    assert response.json()["checks"]["nats"] == {"ok": False, "error": "TimeoutError"}
    assert response.json()["checks"]["database"]["ok"]


async def test_it_says_that_the_database_does_not_answer(nats_url):
    gone = Settings(
        database_url=f"postgresql://secret:password@127.0.0.1:{free_port()}/x", nats_url=nats_url
    )
    response = await answer(gone)
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == {"ok": False, "error": "OperationalError"}
    assert "secret" not in response.text


async def test_a_projector_needs_no_nats(settings):
    response = await answer(settings, roles=["projector"])
    assert set(response.json()["checks"]) == {"database", "log_lock", "projector_lag"}
