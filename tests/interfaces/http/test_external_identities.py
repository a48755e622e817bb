"""Tokens of an external issuer act as the account that their subject is linked to."""

import asyncio
from time import monotonic
from uuid import uuid4

import pytest

from application.access import Actor
from application.identity.accounts import SetMemberRoles
from domain.shared.ids import PLATFORM
from infrastructure.settings import Settings
from interfaces.http.app import build_app
from tests.interfaces.http.answers import broken, invalid, page, refused
from tests.interfaces.http.linking import (
    a_member,
    a_tenant,
    ask,
    joined,
    link,
    linked,
    linked_by_an_operator,
)
from tests.support.api import EXTERNAL, a_unit, position
from tests.support.issuer import ISSUER, Pair, shared
from tests.support.logs import logged

SOON = 5.0
"""Seconds in which a change of links counts everywhere."""
KEY = Pair.of("ES256")


@pytest.fixture(scope="module")
async def another(api, a_database, a_folder):
    """Another process's app on the same log."""
    app = build_app(Settings(database_url=a_database, data_dir=a_folder, **EXTERNAL))
    async with app.router.lifespan_context(app):
        yield type(api)(app, app.state.core, api.tenant_id, api.accounts, api.projector)


async def answers(apps, token, status, path="/me"):
    """All apps answer so, soon."""
    started = monotonic()
    for app in apps:
        while (response := await ask(app, token, path)).status_code != status:
            assert monotonic() - started < SOON, response.text
            await asyncio.sleep(0.02)


def unknown(response):
    refused(response, 401, "AuthenticationError")
    assert response.json()["message"] == "This identity is not linked to an account here."
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_token_acts_as_the_account_that_its_subject_is_linked_to(api, another):
    account_id = await a_member(api, "coordinator")
    subject, _ = await linked(api, account_id)
    for app in (api, another):
        me = (await ask(app, shared(subject))).json()
        assert me["id"] == str(account_id)
        assert (me["roles"], me["tenant"]["name"]) == (["coordinator"], "ours")


async def test_it_may_do_what_the_account_may_and_no_more(api):
    """Whatever roles the issuer tells."""
    subject, _ = await linked(api, await a_member(api, "coordinator"))
    token = shared(subject, role="service_role", roles=["admin"])
    assert (await ask(api, token, "/units")).status_code == 200
    refused(await ask(api, token, "/members"), 403, "PermissionError")


async def test_what_the_account_does_is_done_by_the_account(api):
    account_id = await a_member(api, "admin")
    subject, _ = await linked(api, account_id)
    async with api.client(shared(subject)) as client:
        made = await client.post("/units", json={"name": "Ward", "zone": "UTC"})
    assert made.status_code == 201
    query = "SELECT metadata->>'actor' FROM stored_events WHERE originator_id = %s"
    async with api.core.pool.connection() as connection:
        cursor = await connection.execute(query, (made.json()["id"],))
        assert await cursor.fetchall() == [(str(account_id),)]


async def test_a_subject_that_nobody_is_linked_to_is_nobody(api):
    unknown(await ask(api, shared(str(uuid4()))))
    unknown(await ask(api, shared(str(api.accounts["admin"]))))
    unknown(await ask(api, shared("admin@example.test")))


async def test_unlinked_it_is_nobody_soon(api, another):
    account_id = await a_member(api, "staff")
    subject, identity_id = await linked(api, account_id)
    token = shared(subject)
    await answers([api, another], token, 200)
    path = f"/members/{account_id}/identities/{identity_id}"
    gone = await api.admin.delete(path)
    assert (gone.status_code, gone.json()["active"]) == (200, False)
    await answers([api, another], token, 401)
    unknown(await ask(another, token))
    refused(await api.admin.delete(path), 404, "NotFoundError")


async def test_linked_to_another_it_acts_as_the_other_soon(api):
    one, other = await a_member(api, "staff"), await a_member(api, "auditor")
    subject, identity_id = await linked(api, one)
    token = shared(subject)
    assert (await ask(api, token)).json()["id"] == str(one)
    await api.admin.delete(f"/members/{one}/identities/{identity_id}")
    assert (await linked(api, other, subject)) == (subject, identity_id)
    await answers([api], token, 200, "/reports/hours")
    assert (await ask(api, token)).json()["id"] == str(other)


async def test_who_was_removed_is_nobody_soon_also_by_its_own_tenants_name(api, another):
    account_id = await a_member(api, "staff")
    subject, _ = await linked(api, account_id)
    token = shared(subject)
    await answers([api, another], token, 200)
    await api.admin.delete(f"/members/{account_id}")
    await answers([api, another], token, 401)
    named = await ask(api, token, tenant_id=api.tenant_id)
    refused(named, 401, "AuthenticationError")
    everywhere = await linked_by_an_operator(api, account_id)
    refused(await ask(api, shared(everywhere)), 401, "AuthenticationError")


async def test_other_roles_count_soon(api):
    account_id = await a_member(api, "staff")
    token = shared((await linked(api, account_id))[0])
    await answers([api], token, 403, "/units")
    await api.admin.patch(f"/members/{account_id}", json={"roles": ["coordinator"]})
    await answers([api], token, 200, "/units")


async def test_it_acts_where_it_is_asked_to_and_first_where_the_account_was_first(api):
    first = await a_tenant(api)
    account_id = await a_member(api, "staff", tenant_id=first)
    await joined(api, account_id, "auditor", tenant_id=api.tenant_id)
    token = shared(await linked_by_an_operator(api, account_id))
    told = [(await ask(api, token, tenant_id=where)).json() for where in (None, first)]
    assert [me["tenant"]["id"] for me in told] == [str(first)] * 2
    me = (await ask(api, token, tenant_id=api.tenant_id)).json()
    assert (me["tenant"]["name"], me["roles"]) == ("ours", ["auditor"])


@pytest.mark.parametrize("wanted", ["", "x", uuid4(), PLATFORM])
@pytest.mark.parametrize("make", [linked, linked_by_an_operator])
async def test_a_tenant_that_is_not_ones_own_is_refused(api, make, wanted):
    made = await make(api, await a_member(api, "staff"))
    subject = made if isinstance(made, str) else made[0]
    refused(await ask(api, shared(subject), tenant_id=wanted), 403, "PermissionError")


async def test_nobody_is_taken_over_who_belongs_to_another_tenant(api):
    """An admin here would link a subject of his own, and act there."""
    account_id = await a_member(api, "admin", tenant_id=await a_tenant(api))
    await joined(api, account_id, "staff", tenant_id=api.tenant_id)
    before = await position(api)
    broken(await link(api, account_id, str(uuid4())), "MemberElsewhere")
    assert await position(api) == before


async def test_who_joins_another_tenant_later_is_not_taken_over_either(api):
    account_id, there = await a_member(api, "staff"), await a_tenant(api)
    subject, _ = await linked(api, account_id)
    await joined(api, account_id, "admin", tenant_id=there)
    refused(await ask(api, shared(subject), tenant_id=there), 403, "PermissionError")
    assert (await ask(api, shared(subject))).json()["tenant"]["id"] == str(api.tenant_id)
    await api.run(SetMemberRoles(account_id, ("staff",)), Actor.system(api.tenant_id))
    await api.admin.delete(f"/members/{account_id}")
    await answers([api], shared(subject), 401)


async def test_an_admin_sees_and_ends_what_counts_in_the_own_tenant(api):
    account_id = await a_member(api, "staff")
    path = f"/members/{account_id}/identities"
    assert (await api.admin.get(path)).json() == page()
    made = [(await link(api, account_id, f"{n} {uuid4()}")).json() for n in range(3)]
    assert made[0] == {**made[0], "issuer": ISSUER, "active": True}
    assert set(made[0]) == {"id", "issuer", "subject", "active"}
    assert (await api.admin.get(path)).json() == page(*made)
    second = await api.admin.get(path, params={"page": 2, "pageSize": 2})
    assert second.json() == page(made[2], number=2, size=2, total=3)
    await api.admin.delete(f"{path}/{made[1]['id']}")
    assert (await api.admin.get(path)).json() == page(made[0], made[2])
    again = await link(api, account_id, made[0]["subject"])
    assert (again.status_code, again.json()) == (201, made[0])


async def test_a_subject_is_one_account_and_nobody_is_told_whose(api):
    account_id = await a_member(api, "staff")
    subject, _ = await linked(api, account_id)
    response = await link(api, await a_member(api, "staff"), subject)
    broken(response, "IdentityIsTaken")
    assert str(account_id) not in response.text


async def test_the_admin_of_another_tenant_sees_and_changes_nothing(api):
    account_id = await a_member(api, "staff")
    _, identity_id = await linked(api, account_id)
    path = f"/members/{account_id}/identities"
    for response in (
        await api.stranger.get(path),
        await api.stranger.post(path, json={"subject": str(uuid4())}),
        await api.stranger.delete(f"{path}/{identity_id}"),
    ):
        assert refused(response, 404, "NotFoundError")["what"] == "member"


async def test_an_identity_is_ended_under_its_own_account_only(api):
    one, other = await a_member(api, "staff"), await a_member(api, "staff")
    _, identity_id = await linked(api, one)
    response = await api.admin.delete(f"/members/{other}/identities/{identity_id}")
    assert refused(response, 404, "NotFoundError") == {"what": "identity", "id": identity_id}


@pytest.mark.parametrize("subject", ["", " a", "a ", "a\nb", "\x00", "x" * 256, 7, None, ["a"]])
async def test_what_can_be_no_subject_is_refused(api, subject):
    invalid(await link(api, api.accounts["staff"], subject), "subject")


WRONG = {
    "of another secret": {"secret": "another secret that is long enough"},
    "of another issuer": {"iss": "https://theirs.supabase.test/auth/v1"},
    "for another audience": {"aud": "anon"},
    "of the past": {"exp": 1_700_000_000},
    "without an end": {"exp": None},
    "that is ours, it says": {"iss": "opstream", "aud": "opstream"},
    "of another algorithm": {"secret": EXTERNAL["external_secret"] * 2, "algorithm": "HS512"},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=list(WRONG))
async def test_a_token_that_is_not_good_is_none(api, changes):
    subject, _ = await linked(api, await a_member(api, "staff"))
    refused(await ask(api, shared(subject, **changes)), 401, "AuthenticationError")
    refused(await ask(api, KEY.sign(subject)), 401, "AuthenticationError")


async def test_a_token_of_ours_that_is_known_is_not_read_again(api, monkeypatch):
    await a_unit(api)
    monkeypatch.setattr(api.core.external, "issued", None)
    assert (await api.admin.get("/units")).status_code == 200


async def test_no_request_of_who_is_known_asks_the_database(api, monkeypatch):
    token = shared((await linked(api, await a_member(api, "coordinator")))[0])
    assert (await ask(api, token, "/units")).status_code == 200

    async def never(_key):
        raise AssertionError("asked")

    monkeypatch.setattr(api.core.links, "_read", never)
    monkeypatch.setattr(api.core.roles, "_read", never)
    assert (await ask(api, token, "/units")).status_code == 200


async def test_who_can_not_hear_of_changes_asks_each_time(api, another, monkeypatch):
    account_id = await a_member(api, "staff")
    subject, identity_id = await linked(api, account_id)
    await answers([another], shared(subject), 200)
    monkeypatch.setattr("infrastructure.identity.log_changes.FRESH", 0)
    monkeypatch.setattr(another.core.links, "forget", lambda _streams: None)
    await api.admin.delete(f"/members/{account_id}/identities/{identity_id}")
    unknown(await ask(another, shared(subject)))


async def test_neither_token_nor_subject_is_in_a_log_or_a_metric(api):
    account_id, subject = await a_member(api, "staff"), str(uuid4())
    with logged() as lines:
        await link(api, account_id, subject)
        await ask(api, shared(subject))
        await ask(api, shared(subject, exp=1))
        await ask(api, shared(f"not {subject}"))
    assert len([line for line in lines if line["event"] == "request"]) == 4
    told = str(lines) + (await api.nobody.get("/metrics")).text
    assert subject not in told
    assert shared(subject).split(".")[1] not in told
    assert "ana@example.test" not in told
