"""What operators and other services ask, and the documents with their pages."""

import asyncio
import re

import jwt
import pytest

from infrastructure.looking import Shared
from infrastructure.readiness import CRITICAL, Finding, Readiness
from interfaces.http.app import CONTRACTS
from tests.interfaces.http.answers import refused
from tests.support.api import a_draft


async def test_the_process_says_that_it_lives(api):
    response = await api.nobody.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"alive": True})


async def test_what_it_stands_on_is_named(api):
    response = await api.nobody.get("/readyz")
    body = response.json()
    assert response.status_code == 200
    assert body["ready"] is True
    checks = body["checks"]
    assert set(checks) == {"database", "log_lock", "projector_lag", "relay_lag"}
    assert {name for name, check in checks.items() if check["critical"]} == CRITICAL
    lag = checks["projector_lag"]
    assert lag == {"critical": True, "ok": True, "events": 0, "seconds": 0.0, "error": None}


@pytest.mark.parametrize("part", ["database", "log_lock", "projector_lag", "relay_lag"])
async def test_a_critical_part_that_is_not_well_is_enough(api, monkeypatch, part):
    well = await api.core.readiness.findings()

    async def findings(_):
        return {**well, part: Finding(ok=False, error="Ill")}

    monkeypatch.setattr(Readiness, "findings", findings)
    response = await api.nobody.get("/readyz")
    is_ready = part not in CRITICAL
    assert response.status_code == (200 if is_ready else 503)
    assert response.json()["ready"] is is_ready
    told = response.json()["checks"][part]
    assert (told["ok"], told["error"]) == (False, "Ill")


async def test_metrics_count_requests_by_route_and_commands_by_outcome(api):
    await a_draft(api)
    response = await api.nobody.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    lines = response.text.splitlines()
    requests = [line for line in lines if line.startswith("opstream_request_seconds_count")]
    assert any('method="POST",route="/shifts",status="201"' in line for line in requests)
    commands = 'opstream_commands_total{command="DraftShift",outcome="done"}'
    assert any(line.startswith(commands) for line in lines)


async def test_metrics_do_not_grow_with_what_strangers_ask(api):
    for number in range(5):
        await api.nobody.get(f"/made-up/{number}")
        await api.nobody.request(f"BREW{number}", "/shifts")
    text = (await api.nobody.get("/metrics")).text
    assert "made-up" not in text
    assert "BREW" not in text


async def test_whoever_has_our_public_keys_can_check_our_tokens(api):
    response = await api.nobody.get("/.well-known/jwks.json")
    (key,) = response.json()["keys"]
    assert set(key) == {"kty", "key_ops", "n", "e", "kid", "use", "alg"}
    token = api.staff.headers["authorization"].split()[1]
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    public = jwt.PyJWK(key).key
    claims = jwt.decode(token, public, algorithms=["RS256"], audience="opstream")
    assert claims["sub"] == str(api.accounts["staff"])


@pytest.mark.parametrize("name", ["scheduler", "platform"])
async def test_each_contract_has_its_document_and_page(api, name):
    document = await api.nobody.get(f"/openapi/{name}.json")
    assert document.json()["info"]["title"] == f"opstream: {name}"
    page = await api.nobody.get(f"/docs/{name}")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f'"/openapi/{name}.json"' in page.text


async def test_the_page_offers_all_contracts_and_asks_nobody_else(api):
    page = (await api.nobody.get("/docs")).text
    assert re.findall(r'<a href="([^"]+)"', page) == [f"/docs/{name}" for name in CONTRACTS]
    assert "//" not in page
    for asset in re.findall(r'"(/docs/assets/[^"]+)"', page):
        response = await api.nobody.get(asset)
        assert response.status_code == 200, asset
        assert len(response.content) > 500


@pytest.mark.parametrize(
    "path",
    ["/docs/nope", "/openapi/nope.json", "/docs/assets/nope", "/docs/assets/../../main.py"],
)
async def test_there_are_no_other_documents(api, path):
    refused(await api.nobody.get(path), 404, "NotFoundError")


async def test_however_many_ask_it_is_looked_up_once(api, monkeypatch):
    looks = []
    find = Readiness._find

    async def count(self):
        looks.append(self)
        return await find(self)

    monkeypatch.setattr(Readiness, "_find", count)
    monkeypatch.setattr(api.core.readiness, "_found", Shared(api.core.readiness._find))
    answers = await asyncio.gather(*(api.nobody.get("/readyz") for _ in range(20)))
    answers.append(await api.nobody.get("/readyz"))
    assert {answer.status_code for answer in answers} == {200}
    assert len(looks) == 1


async def test_it_is_looked_up_again_after_a_while():
    found = iter(range(10))

    async def find():
        return next(found)

    shared = Shared(find, seconds=0.02)
    assert [await shared(), await shared()] == [0, 0]
    await asyncio.sleep(0.03)
    assert await shared() == 1


async def test_the_api_tells_what_waits_in_the_whole_system(api):
    lines = (await api.nobody.get("/metrics")).text.splitlines()
    relay = next(line for line in lines if line.startswith("opstream_relay_lag_events "))
    assert float(relay.split()[1]) > 0
    assert "opstream_backlog_known 1.0" in lines
