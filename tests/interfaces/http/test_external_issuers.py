"""No external issuer, and one that publishes its keys."""

import asyncio
from uuid import uuid4

import pytest

from application.access import Actor
from application.identity.external import LinkIdentity
from domain.shared.ids import PLATFORM
from infrastructure.identity.published_keys import PublishedKeys
from tests.interfaces.http.answers import broken, refused
from tests.interfaces.http.documented import documented
from tests.interfaces.http.linking import a_member, ask, linked
from tests.support.api import EXTERNAL, position, running_api
from tests.support.issuer import ISSUER, Pair, publishing, shared

KEY = Pair.of("ES256")


@pytest.fixture(scope="module")
async def alone(another_database, tmp_path_factory):
    folder, nobody = tmp_path_factory.mktemp("alone"), dict.fromkeys(EXTERNAL)
    async with running_api(another_database, folder, documented, **nobody) as running:
        yield running


async def test_nobodys_tokens_but_ours_are_good(alone):
    subject = str(uuid4())
    command = LinkIdentity(alone.accounts["staff"], ISSUER, subject)
    await alone.run(command, Actor.system(PLATFORM))
    refused(await ask(alone, shared(subject)), 401, "AuthenticationError")
    assert (await alone.staff.get("/me")).status_code == 200


async def test_nothing_is_linked(alone):
    path, before = f"/members/{alone.accounts['staff']}/identities", await position(alone)
    broken(await alone.admin.get(path), "NoExternalIssuer")
    broken(await alone.admin.post(path, json={"subject": "ana"}), "NoExternalIssuer")
    broken(await alone.admin.delete(f"{path}/{uuid4()}"), "NoExternalIssuer")
    assert await position(alone) == before


@pytest.fixture(scope="module")
def server():
    with publishing(KEY) as published:
        yield published


@pytest.fixture(scope="module")
async def api(server, new_database, tmp_path_factory):
    how = {"external_secret": None, "external_jwks_url": server.url}
    with new_database() as url:
        folder = tmp_path_factory.mktemp("published")
        async with running_api(url, folder, documented, **how) as running:
            yield running


@pytest.fixture
async def subject(api):
    return (await linked(api, await a_member(api, "staff")))[0]


@pytest.fixture
def forgetful(api, server, monkeypatch):
    """As after a start: no key is known."""
    monkeypatch.setattr(api.core.external, "_verified", type(api.core.external._verified)())
    monkeypatch.setattr(api.core.external._keys, "_published", PublishedKeys(server.url))


async def test_all_who_come_at_once_share_one_request(api, server, subject):
    asked = await asyncio.gather(*(ask(api, KEY.sign(subject)) for _ in range(20)))
    assert {response.status_code for response in asked} == {200}
    assert server.asked == 1


@pytest.mark.usefixtures("forgetful")
async def test_an_issuer_that_is_away_is_waited_for(api, server, subject):
    server.is_up = False
    response = await ask(api, KEY.sign(subject))
    refused(response, 503, "ServiceUnavailable")
    assert response.headers["retry-after"] == "10"
    assert (await api.staff.get("/me")).status_code == 200
    server.is_up = True


async def test_keys_that_are_known_outlast_it(api, server, subject):
    assert (await ask(api, KEY.sign(subject))).status_code == 200
    server.is_up = False
    assert (await ask(api, KEY.sign(subject, session_id="other"))).status_code == 200
    server.is_up = True


async def test_the_secret_of_nobody_counts(api, subject):
    for token in (shared(subject), Pair.of("ES256").sign(subject)):
        refused(await ask(api, token), 401, "AuthenticationError")
