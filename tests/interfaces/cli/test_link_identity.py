"""What no tenant's admin may link, an operator does."""

import asyncio
from uuid import uuid4

import pytest

from tests.interfaces.http.linking import ask
from tests.support.api import EXTERNAL, position, running_api
from tests.support.issuer import ISSUER, shared

SET = {name.upper(): value for name, value in EXTERNAL.items()}
ADMIN = "admin@example.test"


@pytest.fixture
async def api(database_url, tmp_path):
    async with running_api(database_url, tmp_path / "data") as api:
        yield api


@pytest.fixture
def link(opstream, database_url):
    async def run(*arguments, **settings):
        given = {"DATABASE_URL": database_url, **(settings or SET)}
        return await asyncio.to_thread(opstream, "link-identity", *arguments, **given)

    return run


async def test_a_subject_acts_as_the_account_from_now_on(api, link):
    subject = str(uuid4())
    ended = await link(ADMIN.upper(), subject)
    assert ended.code == 0, ended.err
    assert ended.out == f"{subject} of {ISSUER} acts as {ADMIN.upper()}\n"
    me = (await ask(api, shared(subject))).json()
    assert (me["email"], me["roles"]) == (ADMIN, ["admin"])


async def test_a_second_time_changes_nothing(api, link):
    subject = str(uuid4())
    await link(ADMIN, subject)
    before = await position(api)
    ended = await link(ADMIN, subject)
    assert ended.code == 0, ended.err
    assert await position(api) == before


@pytest.mark.parametrize(
    ("email", "subject", "settings", "words"),
    [
        ("nobody@example.test", "ana", SET, "Nobody has this address"),
        ("nonsense", "ana", SET, "This is not an e-mail address"),
        (ADMIN, " ana", SET, "This is no subject"),
        (ADMIN, "", SET, "This is no subject"),
        (ADMIN, "ana", {"LOG_LEVEL": "info"}, "No external issuer of tokens is set here"),
    ],
)
async def test_what_can_not_be_linked_is_told_in_one_line(
    api, link, email, subject, settings, words
):
    before = await position(api)
    ended = await link(email, subject, **settings)
    assert ended.code == 2
    assert ended.err.startswith("opstream: ")
    assert words in ended.err
    assert len(ended.err.splitlines()) == 1
    assert await position(api) == before


async def test_a_subject_that_is_anothers_is_refused_without_telling_whose(api, link):
    subject = str(uuid4())
    await link(ADMIN, subject)
    ended = await link("staff@example.test", subject)
    assert (ended.code, "linked to another account already" in ended.err) == (2, True)
    assert str(api.accounts["admin"]) not in ended.err
