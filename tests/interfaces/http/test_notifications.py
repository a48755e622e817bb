"""What one was told in the application: one's own, and nobody else's."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.interfaces.http.answers import invalid, page, refused
from tests.support.api import a_person
from tests.support.messages import a_notification


@pytest.fixture(autouse=True)
async def _nothing_was_told_before(api):
    async with api.core.pool.connection() as connection:
        await connection.execute("DELETE FROM notifications")


async def ids(client, **asked):
    answer = await client.get("/notifications", params=asked)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_without_a_token_nothing_is_told(api):
    refused(await api.nobody.get("/notifications"), 401, "AuthenticationError")
    one = await a_notification(api, "volunteer")
    refused(await api.nobody.post(f"/notifications/{one}/read"), 401, "AuthenticationError")


async def test_a_notification_is_told_in_words_and_in_ids(api):
    one = await a_notification(api, "volunteer")
    (told,) = (await api.volunteer.get("/notifications")).json()["items"]
    assert datetime.now(UTC) - datetime.fromisoformat(told.pop("created_at")) < timedelta(minutes=1)
    assert told == {
        "id": one,
        "kind": "shift.assigned",
        "subject": "Please answer",
        "text": "You are asked.",
        "data": {"shift_id": "s"},
        "read_at": None,
    }


async def test_everybody_sees_his_or_her_own_and_nothing_else(api):
    mine = await a_notification(api, "staff")
    theirs = await a_notification(api, "volunteer")
    elsewhere = await a_notification(api, "staff", tenant=uuid4())
    assert await ids(api.staff) == [mine]
    for role in ("admin", "coordinator", "auditor", "stranger"):
        assert await ids(api.clients[role]) == []
    for which in (theirs, elsewhere, str(uuid4())):
        answer = await api.staff.post(f"/notifications/{which}/read")
        details = refused(answer, 404, "NotFoundError")
        assert details == {"what": "notification", "id": which}
    refused(await api.admin.post(f"/notifications/{mine}/read"), 404, "NotFoundError")
    assert await ids(api.volunteer, unread=True) == [theirs]


async def test_what_a_person_was_told_belongs_to_the_account_that_acts_for_him_or_her_now(api):
    person = await a_person(api)
    one = await a_notification(api, "volunteer", person=person)
    assert await ids(api.volunteer) == []
    body = {"account_id": str(api.accounts["auditor"])}
    assert (await api.admin.patch(f"/people/{person}", json=body)).status_code == 200
    assert await ids(api.auditor) == [one]
    assert (await api.auditor.post(f"/notifications/{one}/read")).status_code == 200


async def test_it_is_read_once(api):
    one = await a_notification(api, "volunteer")
    other = await a_notification(api, "volunteer", age=1)
    first = (await api.volunteer.post(f"/notifications/{one}/read")).json()
    again = (await api.volunteer.post(f"/notifications/{one}/read")).json()
    assert first == again
    assert first["read_at"] is not None
    assert await ids(api.volunteer, unread=True) == [other]
    assert await ids(api.volunteer, unread=False) == [one]
    assert await ids(api.volunteer) == [one, other]


async def test_they_come_in_pages_the_newest_first(api):
    old, middle, new = [await a_notification(api, "staff", age=age) for age in (9, 5, 1)]
    assert await ids(api.staff) == [new, middle, old]
    answer = await api.staff.get("/notifications", params={"page": 2, "pageSize": 2})
    assert answer.json() == page(answer.json()["items"][0], number=2, size=2, total=3)
    assert answer.json()["items"][0]["id"] == old


async def test_they_are_filtered(api):
    old = await a_notification(api, "staff", age=90)
    new = await a_notification(api, "staff", kind="shift.cancelled")
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert await ids(api.staff, kind="shift.cancelled") == [new]
    assert await ids(api.staff, since=an_hour_ago) == [new]
    assert await ids(api.staff, kind="shift.assigned") == [old]


async def test_wrong_questions_are_refused_by_name(api):
    answer = await api.staff.get("/notifications", params={"unread": "perhaps", "since": "today"})
    invalid(answer, "since", "unread")
    invalid(await api.staff.post("/notifications/one/read"), "notification_id")
