"""The EventFlow document's smoke tests of queries and caches: how often the database is asked."""

import asyncio
import re
from uuid import uuid4

import pytest

from interfaces.http.app import CONTRACTS
from interfaces.http.documents import openapi_of
from tests.support.api import an_account
from tests.support.eventflow import a_wedding, made, ok
from tests.support.statements import counted

CACHED = (
    "/api/task-types",
    "/api/user-types",
    "/api/eligibility-mappings",
    "/api/workflow-templates",
)
FEW, MANY = 2, 40
_LISTED = re.compile("(ListOut|PageOut)_")
BOUNDS = {
    "/api/tasks": 2,
    "/api/tasks/{task}/transitions": 2,
    "/api/events": 1,
    "/api/events/{event}/members": 3,
    "/api/users": 3,
    "/api/workflow-instances": 3,
    **dict.fromkeys(CACHED, 1),
}
"""Every list, and the most statements that one request of it takes."""


@pytest.fixture
def statements(api):
    with counted(api) as asked:
        yield asked


@pytest.fixture(scope="module")
async def full(api):
    """A wedding with many of everything that is listed, and a task of which much is told."""
    wedding = await a_wedding(api)
    await asyncio.gather(*(_one_more(wedding) for _ in range(MANY)))
    task = await wedding.task()
    for number in range(MANY):
        body = {"assigneeId": wedding.id_of(("vendor", "caterer")[number % 2])}
        ok(await wedding.manager.post(f"/api/tasks/{task}/assign", json=body))
    yield wedding, task
    await wedding.close()


async def _one_more(wedding):
    admin, name = wedding.api.admin, uuid4().hex
    user_type = await made(admin, "/api/user-types", {"name": name})
    kind = await made(admin, "/api/task-types", {"name": name})
    pair = {"userTypeId": user_type, "taskTypeId": kind}
    ok(await admin.post("/api/eligibility-mappings", json=pair))
    client, account = await an_account(wedding.api, "member")
    await client.aclose()
    member = str(account)
    ok(await admin.put(f"/api/users/{member}/user-type", json={"userTypeId": user_type}))
    await made(wedding.manager, f"/api/events/{wedding.event}/members", {"userId": member})
    await wedding.task()
    day = {"startsAt": "2199-06-05T12:00:00Z", "endsAt": "2199-06-05T14:00:00Z"}
    await made(wedding.manager, "/api/events", {"name": name, **day})
    node = {"id": "a", "title": "Cook", "taskTypeId": wedding.kinds["Catering"]}
    template = await made(admin, "/api/workflow-templates", {"name": name, "nodes": [node]})
    body = {"templateId": template, "eventId": wedding.event}
    await made(wedding.manager, "/api/workflows/instantiate", body)


@pytest.mark.parametrize("path", [path for path in BOUNDS if path not in CACHED])
async def test_n_plus_1_a_list_asks_as_often_for_many_as_for_few(full, statements, path):
    """A page of few and one of many, of the same rows."""
    wedding, task = full
    asked = []
    for size in (FEW, MANY):
        statements.clear()
        where = path.format(event=wedding.event, task=task)
        page = ok(await wedding.manager.get(where, params={"pageSize": size}))
        assert len(page["items"]) == size
        asked.append(len(statements))
    assert asked[0] == asked[1]
    assert 1 <= asked[1] <= BOUNDS[path], statements


def test_n_plus_1_all_lists_of_the_document_are_here():
    """All that answer with items, by their schema."""
    document = openapi_of("eventflow", CONTRACTS)
    lists = {
        path
        for path, methods in document["paths"].items()
        if "get" in methods and _LISTED.search(str(methods["get"]["responses"]["200"]))
    }
    ours = {path.replace("{event}", "{eventId}").replace("{task}", "{taskId}") for path in BOUNDS}
    assert ours == lists
    assert len(lists) == 10


@pytest.mark.parametrize("path", CACHED)
async def test_n_plus_1_a_cached_list_asks_once_for_all(full, api, statements, path):
    wedding, _ = full
    api.core.remembered._known.clear()
    statements.clear()
    page = ok(await wedding.manager.get(path))
    assert len(page["items"]) >= MANY
    assert len(statements) <= BOUNDS[path]
    assert statements


@pytest.mark.parametrize("path", CACHED)
async def test_cache_a_resource_is_not_asked_of_the_database_twice(full, statements, path):
    wedding, _ = full
    first = await wedding.manager.get(path)
    statements.clear()
    again = [await client.get(path) for client in (wedding.manager, wedding.vendor)]
    assert statements == []
    assert {each.content for each in again} == {first.content}


@pytest.mark.parametrize("path", CACHED)
async def test_cache_a_client_that_knows_it_is_not_sent_it_again(full, path):
    wedding, _ = full
    tag = (await wedding.manager.get(path)).headers["ETag"]
    again = await wedding.vendor.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", CACHED)
async def test_cache_another_tenants_tag_says_nothing_of_ours(full, path):
    """What one tenant's client knows is neither confirmed nor denied by another's list."""
    wedding, _ = full
    tag = (await wedding.manager.get(path)).headers["ETag"]
    theirs = await wedding.api.stranger.get(path, headers={"If-None-Match": tag})
    assert ok(theirs) == {"items": []}


@pytest.mark.parametrize("path", CACHED)
async def test_cache_ttl_nothing_is_kept_while_changes_cannot_be_heard(
    full, statements, path, monkeypatch
):
    """The document's hour is the longest that its answers may be wrong; ours never are."""
    wedding, _ = full
    await wedding.vendor.get(path)
    monkeypatch.setattr(wedding.api.core.watch._listener, "connected", False)
    for _ in range(2):
        statements.clear()
        ok(await wedding.vendor.get(path))
        assert statements


async def test_cache_correctness_a_change_is_seen_by_whoever_asks_next(full):
    wedding, _ = full
    before = {path: await wedding.vendor.get(path) for path in CACHED}
    await _one_more(wedding)
    for path in CACHED:
        after = await wedding.vendor.get(path)
        assert len(ok(after)["items"]) == len(ok(before[path])["items"]) + 1
        assert after.headers["ETag"] != before[path].headers["ETag"]
