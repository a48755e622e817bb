"""Idempotency-Key: a request that is sent again is not done again."""

import asyncio
from uuid import UUID, uuid4

import pytest

from application.access import Actor
from application.identity.accounts import RegisterAccount, SetMemberRoles
from domain.shared.ids import PLATFORM
from tests.interfaces.http.answers import invalid, refused
from tests.support.api import (
    a_draft,
    a_person,
    a_shift,
    a_unit,
    assignment_of,
    new_shift,
    position,
)


@pytest.fixture
def key(request):
    return {"Idempotency-Key": request.node.name}


async def test_the_same_request_gets_the_same_answer_and_is_done_once(api, key):
    body = new_shift(await a_unit(api))
    first = await api.coordinator.post("/shifts", json=body, headers=key)
    length = await position(api)
    again = await api.coordinator.post("/shifts", json=body, headers=key)
    assert (
        (again.status_code, again.json())
        == (first.status_code, first.json())
        == (201, first.json())
    )
    assert again.headers["opstream-position"] == first.headers["opstream-position"]
    assert await position(api) == length


async def test_the_answer_is_the_first_one_after_the_shift_has_changed(api, key):
    body = new_shift(await a_unit(api))
    first = await api.coordinator.post("/shifts", json=body, headers=key)
    path = f"/shifts/{first.json()['id']}"
    await api.coordinator.patch(path, json={"headcount": 9})
    await api.coordinator.post(f"{path}/publish")
    again = await api.coordinator.post("/shifts", json=body, headers=key)
    assert again.json() == first.json()


async def test_a_state_that_is_gone_is_told_again(api, key):
    shift = await a_draft(api)
    first = await api.coordinator.post(f"/shifts/{shift}/publish", headers=key)
    again = await api.coordinator.post(f"/shifts/{shift}/publish", headers=key)
    assert (again.status_code, again.json()) == (200, first.json())


async def test_a_key_stands_for_one_body(api, key):
    unit = await a_unit(api)
    await api.coordinator.post("/shifts", json=new_shift(unit), headers=key)
    length = await position(api)
    other = await api.coordinator.post("/shifts", json=new_shift(unit, headcount=2), headers=key)
    assert refused(other, 422, "IdempotencyKeyReused") == {"key": key["Idempotency-Key"]}
    assert await position(api) == length


async def test_a_key_stands_for_one_path(api, key):
    one, two = await a_draft(api), await a_draft(api)
    await api.coordinator.post(f"/shifts/{one}/publish", headers=key)
    other = await api.coordinator.post(f"/shifts/{two}/publish", headers=key)
    refused(other, 422, "IdempotencyKeyReused")


async def test_an_answer_to_what_was_not_there_is_told_again_when_it_is(api, key):
    person, shift = await a_person(api), await a_shift(api)
    path = f"/assignments/{assignment_of(shift, person)}/status"
    first = await api.coordinator.post(path, json={"status": "accepted"}, headers=key)
    refused(first, 404, "NotFoundError")
    body = {"person_ids": [person]}
    assigned = await api.coordinator.post(f"/shifts/{shift}/assign", json=body)
    assert assigned.status_code == 200
    again = await api.coordinator.post(path, json={"status": "accepted"}, headers=key)
    assert (again.status_code, again.json()) == (404, first.json())
    other = await api.coordinator.post(path, json={"status": "declined"}, headers=key)
    refused(other, 422, "IdempotencyKeyReused")


async def test_a_key_is_looked_at_before_what_is_asked_for(api, key):
    await api.coordinator.post("/shifts", json=new_shift(await a_unit(api)), headers=key)
    path, body = f"/assignments/{uuid4()}/status", {"status": "accepted"}
    other = await api.coordinator.post(path, json=body, headers=key)
    refused(other, 422, "IdempotencyKeyReused")


@pytest.fixture
async def account(api, request):
    """Of somebody who is not a member here."""
    command = RegisterAccount(f"{id(request)}@example.test", "Somebody")
    return str(await api.run(command, Actor.system(PLATFORM)))


async def join(api, account):
    await api.run(SetMemberRoles(UUID(account), ("staff",)), Actor.system(api.tenant_id))


async def ask_for(api, way, account_id, key):
    if way == "add":
        body = {"name": "Ana", "email": "ana@example.test", "kind": "staff", "roles": []}
        return await api.admin.post("/people", json=body | {"account_id": account_id}, headers=key)
    path = f"/people/{way}"
    return await api.admin.patch(path, json={"account_id": account_id}, headers=key)


@pytest.mark.parametrize("way", ["add", "change"])
async def test_who_was_no_member_is_told_to_be_none_again(api, key, account, way):
    way = way if way == "add" else await a_person(api)
    first = await ask_for(api, way, account, key)
    invalid(first, "account_id")
    await join(api, account)
    again = await ask_for(api, way, account, key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    other = await ask_for(api, way, str(api.accounts["staff"]), key)
    refused(other, 422, "IdempotencyKeyReused")
    assert (await ask_for(api, way, account, {})).status_code in {200, 201}


async def test_who_was_a_member_is_told_to_be_one_again(api, key, account):
    await join(api, account)
    first = await ask_for(api, "add", account, key)
    assert first.status_code == 201
    await api.admin.delete(f"/members/{account}")
    again = await ask_for(api, "add", account, key)
    assert (again.status_code, again.json()) == (201, first.json())


async def test_keys_of_two_accounts_have_nothing_in_common(api, key):
    unit = await a_unit(api)
    one = await api.coordinator.post("/shifts", json=new_shift(unit), headers=key)
    two = await api.admin.post("/shifts", json=new_shift(unit, headcount=2), headers=key)
    assert (one.status_code, two.status_code) == (201, 201)


async def test_a_refusal_is_told_again_also_when_it_would_not_be_one_any_more(api, key):
    shift, person = await a_draft(api), await a_person(api)
    path, body = f"/shifts/{shift}/assign", {"person_ids": [person]}
    first = await api.coordinator.post(path, json=body, headers=key)
    refused(first, 422, "RuleViolation")
    await api.coordinator.post(f"/shifts/{shift}/publish")
    again = await api.coordinator.post(path, json=body, headers=key)
    assert (again.status_code, again.json()) == (422, first.json())
    assert (await api.coordinator.post(path, json=body)).status_code == 200


async def test_a_refusal_keeps_its_key_for_its_body(api, key):
    shift, person = await a_draft(api), await a_person(api)
    path, body = f"/shifts/{shift}/assign", {"person_ids": [person]}
    refused(await api.coordinator.post(path, json=body, headers=key), 422, "RuleViolation")
    other = await api.coordinator.post(f"/shifts/{shift}/publish", headers=key)
    refused(other, 422, "IdempotencyKeyReused")


async def test_a_request_that_another_process_works_on_is_still_running(api, key, monkeypatch):
    body = new_shift(await a_unit(api))
    answered = api.core.log.answered
    first = await api.coordinator.post("/shifts", json=body, headers=key)

    async def not_yet(*_):
        monkeypatch.setattr(api.core.log, "answered", answered)

    monkeypatch.setattr(api.core.log, "answered", not_yet)
    length = await position(api)
    meanwhile = await api.coordinator.post("/shifts", json=body, headers=key)
    refused(meanwhile, 409, "ConflictError")
    assert await position(api) == length
    again = await api.coordinator.post("/shifts", json=body, headers=key)
    assert again.json() == first.json()


async def test_what_is_still_running_is_not_begun_again(api, key, monkeypatch):
    body = new_shift(await a_unit(api))
    entered, go_on = asyncio.Event(), asyncio.Event()
    append = api.core.log.append

    async def slowly(what):
        entered.set()
        await go_on.wait()
        return await append(what)

    monkeypatch.setattr(api.core.log, "append", slowly)
    first = asyncio.create_task(api.coordinator.post("/shifts", json=body, headers=key))
    await entered.wait()
    meanwhile = await api.coordinator.post("/shifts", json=body, headers=key)
    refused(meanwhile, 409, "ConflictError")
    go_on.set()
    again = await api.coordinator.post("/shifts", json=body, headers=key)
    assert (await first).json() == again.json() or again.status_code == 409
    assert (await first).status_code == 201


async def test_many_at_once_are_one(api, key):
    body = new_shift(await a_unit(api))
    length = await position(api)
    send = [api.coordinator.post("/shifts", json=body, headers=key) for _ in range(20)]
    answers = await asyncio.gather(*send)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await position(api) == length + 1


@pytest.mark.parametrize("text", ["", "k" * 256, "a\tb", "\x7f", "a\x00", "\x85"])
async def test_a_key_is_short_and_printable(api, text):
    shift = await a_draft(api)
    length = await position(api)
    headers = {"Idempotency-Key": text.encode("latin-1")}
    response = await api.coordinator.post(f"/shifts/{shift}/publish", headers=headers)
    invalid(response, "Idempotency-Key")
    assert await position(api) == length


@pytest.mark.parametrize("text", ["k" * 255, "é", "'; DROP TABLE x --"])
async def test_any_printable_key_will_do(api, text):
    headers = {"Idempotency-Key": text.encode("latin-1")}
    body = new_shift(await a_unit(api))
    one = await api.coordinator.post("/shifts", json=body, headers=headers)
    two = await api.coordinator.post("/shifts", json=body, headers=headers)
    assert (one.status_code, two.json()) == (201, one.json())


async def test_who_may_not_do_it_may_not_hear_of_it_either(api, key):
    shift = await a_shift(api)
    await api.coordinator.patch(f"/shifts/{shift}", json={}, headers=key)
    refused(
        await api.auditor.patch(f"/shifts/{shift}", json={}, headers=key), 403, "PermissionError"
    )
