"""The first admin has nobody to invite it: it comes from the command line."""

import asyncio

import pytest
from typer.testing import CliRunner

from interfaces.cli.main import app
from tests.support.api import running_api

EMAIL, PASSWORD = "First.Admin@example.test", "correct horse battery"
ADMIN = ("--name", "First", "--role", "admin", "--tenant", "acme")


@pytest.fixture
async def api(database_url, tmp_path):
    async with running_api(database_url, tmp_path / "data") as api:
        yield api


@pytest.fixture
def account(opstream, database_url):
    async def run(*arguments, password=PASSWORD):
        options = [*arguments, "--password", password]
        return await asyncio.to_thread(opstream, "account", *options, DATABASE_URL=database_url)

    return run


async def log_in(api, password=PASSWORD, email=EMAIL):
    """Once reads show what the log holds, as another process has written it."""
    async with api.core.pool.connection() as connection:
        cursor = await connection.execute("SELECT max(notification_id) FROM stored_events")
        assert await api.core.watch.reached((await cursor.fetchone())[0], 5)
    return await api.nobody.post("/auth/login", json={"email": email, "password": password})


async def me(api, login):
    async with api.client(login.json()["access_token"]) as client:
        return (await client.get("/me")).json()


async def test_an_admin_made_here_can_log_in_and_work(api, account):
    ended = await account(EMAIL, *ADMIN)
    assert ended.code == 0, ended.err
    assert ended.out == f"{EMAIL} may log in to acme as admin\n"
    login = await log_in(api)
    assert login.status_code == 200
    told = await me(api, login)
    assert (told["name"], told["roles"], told["tenant"]["name"]) == ("First", ["admin"], "acme")
    async with api.client(login.json()["access_token"]) as client:
        made = await client.post("/units", json={"name": "Ward", "zone": "Europe/Berlin"})
    assert made.status_code == 201


async def test_a_second_time_sets_password_and_roles(api, account):
    await account(EMAIL, *ADMIN)
    ended = await account(EMAIL.lower(), *ADMIN, "--role", "auditor", password="another horse")
    assert ended.code == 0, ended.err
    assert (await log_in(api)).status_code == 401
    login = await log_in(api, "another horse")
    assert (await me(api, login))["roles"] == ["admin", "auditor"]


async def test_another_account_joins_the_same_tenant(api, account):
    await account(EMAIL, *ADMIN)
    await account("second@example.test", *ADMIN)
    tenants = {
        (await me(api, await log_in(api, email=email)))["tenant"]["id"]
        for email in (EMAIL, "second@example.test")
    }
    assert len(tenants) == 1


@pytest.mark.parametrize("password", ["too short", "é" * 600])
async def test_a_password_that_can_not_be(account, password):
    ended = await account(EMAIL, *ADMIN, password=password)
    assert ended.code == 2
    assert ended.err.startswith("opstream: A password has 12 characters or more")
    assert password not in ended.err


async def test_a_role_that_is_none(account):
    ended = await account(EMAIL, "--name", "First", "--role", "cook")
    assert ended.code == 2
    assert "cook" in ended.err
    assert len(ended.err.splitlines()) == 1


async def test_the_password_is_asked_for_twice_and_not_shown(api, database_url, monkeypatch):
    monkeypatch.setenv("OPSTREAM_DATABASE_URL", database_url)
    monkeypatch.setenv("OPSTREAM_DATA_DIR", str(api.core.settings.data_dir))
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    ended = await asyncio.to_thread(CliRunner().invoke, app, ["account", EMAIL, *ADMIN], typed)
    assert ended.exit_code == 0, ended.output
    assert "Password: " in ended.output
    assert PASSWORD not in ended.output
    assert (await log_in(api)).status_code == 200
