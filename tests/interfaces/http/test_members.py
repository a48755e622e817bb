"""Roles, who has them, and how soon that counts, over all API processes."""

import asyncio
from time import monotonic
from typing import get_args
from uuid import uuid4

import pytest

from application.identity.accounts import RegisterAccount, SetMemberRoles
from domain.identity.roles import ROLES
from infrastructure.settings import Settings
from interfaces.http.app import build_app
from interfaces.http.scheduler.member_schemas import AccessRole
from tests.interfaces.http.answers import broken, invalid, page, refused
from tests.interfaces.http.documented import documented
from tests.support.api import Actor, a_unit, position, running_api

SOON = 5.0
"""Seconds in which a change of roles counts everywhere."""


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    async with running_api(a_database, a_folder, documented) as running:
        yield running


@pytest.fixture(scope="module")
async def another(api, a_database, a_folder):
    """The same accounts and tokens, asked of another process's app."""
    app = build_app(Settings(database_url=a_database, data_dir=a_folder))
    async with app.router.lifespan_context(app):
        yield type(api)(app, app.state.core, api.tenant_id, api.accounts, api.projector)


async def an_account(api, *roles):
    """A new one's id, address and token; a member if it has roles."""
    email = f"{uuid4().hex}@example.test"
    system = Actor.system(api.tenant_id)
    account_id = await api.run(RegisterAccount(email, "Newcomer"), system)
    if roles:
        await api.run(SetMemberRoles(account_id, roles), system)
    return account_id, email, api.core.tokens.issue(Actor.with_roles(account_id, api.tenant_id, ()))


def member(account_id, email, *roles, active=True):
    told = {"account_id": str(account_id), "email": email, "name": "Newcomer"}
    return told | {"roles": list(roles), "active": active}


async def answers(apps, token, path, status):
    """How long it takes until every app answers so."""
    started = monotonic()
    for app in apps:
        async with app.client(token.text) as client:
            while (await client.get(path)).status_code != status:
                assert monotonic() - started < SOON, (await client.get(path)).text
                await asyncio.sleep(0.02)


async def test_the_roles_are_told_with_what_they_may(api):
    roles = [
        {"name": name, "permissions": sorted(map(str, granted))} for name, granted in ROLES.items()
    ]
    assert (await api.admin.get("/members/roles")).json() == page(*roles)
    second = await api.admin.get("/members/roles", params={"page": 2, "pageSize": 2})
    assert second.json() == page(*roles[2:4], number=2, size=2, total=7)


def test_a_body_knows_the_roles_that_there_are():
    assert get_args(AccessRole) == tuple(ROLES)


async def test_a_member_is_added_changed_removed_and_added_again(api):
    account_id, email, _ = await an_account(api)
    body = {"email": email.upper(), "roles": ["staff", "coordinator"]}
    added = await api.admin.post("/members", json=body)
    assert added.status_code == 201, added.text
    assert added.json() == member(account_id, email, "coordinator", "staff")
    assert (await listed(api, search=email)) == [added.json()]
    path = f"/members/{account_id}"
    changed = await api.admin.patch(path, json={"roles": ["auditor"]})
    assert changed.json() == member(account_id, email, "auditor")
    assert (await listed(api, search=email)) == [changed.json()]
    removed = await api.admin.delete(path)
    assert removed.json() == member(account_id, email, active=False)
    assert await listed(api, search=email) == []
    refused(await api.admin.delete(path), 404, "NotFoundError")
    refused(await api.admin.patch(path, json={"roles": ["staff"]}), 404, "NotFoundError")
    again = await api.admin.post("/members", json=body)
    assert again.json() == added.json()
    assert (await listed(api, search=email)) == [added.json()]


async def listed(api, **query):
    return (await api.admin.get("/members", params=query)).json()["items"]


async def test_members_are_filtered(api):
    assert [one["email"] for one in await listed(api, role="volunteer")] == [
        "volunteer@example.test"
    ]
    assert await listed(api, search="stranger") == []
    invalid(await api.admin.get("/members", params={"role": "wizard"}), "role")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"email": "nobody@example.test", "roles": ["staff"]}, ["email"]),
        ({"email": "a", "roles": ["staff"]}, ["email"]),
        ({"email": "staff@example.test", "roles": []}, ["roles"]),
        ({"email": "staff@example.test", "roles": ["wizard"]}, ["roles", "roles.0"]),
        ({"roles": ["staff"]}, ["email"]),
        ({"email": "staff@example.test", "roles": ["staff"], "name": "x"}, ["name"]),
    ],
    ids=str,
)
async def test_what_can_not_be_a_member_is_named(api, body, fields):
    before = await position(api)
    invalid(await api.admin.post("/members", json=body), *fields)
    assert await position(api) == before


async def test_a_member_is_not_added_twice(api):
    body = {"email": "staff@example.test", "roles": ["admin"]}
    broken(await api.admin.post("/members", json=body), "AlreadyAMember")


async def test_who_is_no_member_is_not_found(api):
    for which in (str(uuid4()), str(api.accounts["stranger"])):
        for ask in (api.admin.patch, api.admin.delete):
            body = {"json": {"roles": ["staff"]}} if ask == api.admin.patch else {}
            response = await ask(f"/members/{which}", **body)
            assert refused(response, 404, "NotFoundError") == {"what": "member", "id": which}


async def test_an_admin_stays_one_by_his_or_her_own_hand(api):
    path = f"/members/{api.accounts['admin']}"
    broken(await api.admin.patch(path, json={"roles": ["staff"]}), "OwnAdminRole")
    broken(await api.admin.delete(path), "OwnAdminRole")
    assert (await api.admin.patch(path, json={"roles": ["admin"]})).status_code == 200


async def test_a_token_has_the_roles_of_now_in_every_process_within_a_second(api, another):
    account_id, _, token = await an_account(api, "coordinator")
    both, path = (api, another), f"/members/{account_id}"
    await answers(both, token, "/units", 200)
    await api.admin.patch(path, json={"roles": ["volunteer"]})
    await answers(both, token, "/units", 403)
    await api.admin.patch(path, json={"roles": ["admin"]})
    await answers(both, token, "/members", 200)


async def test_a_token_of_who_was_removed_ends_in_every_process_within_a_second(api, another):
    account_id, email, token = await an_account(api, "coordinator")
    both = (api, another)
    await answers(both, token, "/units", 200)
    await api.admin.delete(f"/members/{account_id}")
    await answers(both, token, "/units", 401)
    await api.admin.post("/members", json={"email": email, "roles": ["coordinator"]})
    await answers(both, token, "/units", 200)


async def test_roles_count_while_the_projector_stands_still(api, another):
    account_id, _, token = await an_account(api, "coordinator")
    both = (api, another)
    await answers(both, token, "/me", 200)
    async with api.core.pool.connection() as connection, connection.transaction():
        await connection.execute("LOCK TABLE checkpoints")
        headers = {"Prefer": "respond-async"}
        path, body = f"/members/{account_id}", {"roles": ["auditor"]}
        changed = await api.admin.patch(path, json=body, headers=headers)
        assert changed.status_code == 200, changed.text
        await answers(both, token, "/units", 403)


async def test_no_request_of_who_is_known_asks_the_database_for_roles(api, monkeypatch):
    await a_unit(api)

    async def never(_key):
        raise AssertionError("asked")

    monkeypatch.setattr(api.core.roles, "_read", never)
    assert (await api.admin.get("/units")).status_code == 200


async def test_who_can_not_hear_of_changes_asks_each_time(api, another, monkeypatch):
    account_id, _, token = await an_account(api, "coordinator")
    await answers([another], token, "/units", 200)
    monkeypatch.setattr("infrastructure.identity.log_changes.FRESH", 0)
    monkeypatch.setattr(another.core.roles, "forget", lambda _memberships: None)
    await api.admin.patch(f"/members/{account_id}", json={"roles": ["staff"]})
    await answers([another], token, "/units", 403)
