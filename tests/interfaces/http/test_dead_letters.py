"""Messages that were given up: listed and sent again, by admins."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from infrastructure.messages.ways import Way
from infrastructure.postgres.deliveries import Sender
from tests.interfaces.http.answers import invalid, page, refused
from tests.support.api import ROLES
from tests.support.messages import a_dead_letter


@pytest.fixture(autouse=True)
async def _nothing_was_given_up_before(api):
    async with api.core.pool.connection() as connection:
        await connection.execute("DELETE FROM deliveries")


async def listed(api, **asked):
    answer = await api.admin.get("/dead-letters", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def ids(api, **asked):
    return [item["id"] for item in await listed(api, **asked)]


class Takes:
    name = "email"

    async def send(self, _message):
        pass


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
async def test_they_are_for_admins(api, role):
    one = await a_dead_letter(api)
    client = api.clients[role]
    refused(await client.get("/dead-letters"), 403, "PermissionError")
    refused(await client.post(f"/dead-letters/{one}/resend"), 403, "PermissionError")
    refused(await client.post("/dead-letters/resend", json={}), 403, "PermissionError")
    assert await ids(api) == [one]


async def test_one_tells_what_was_tried_and_why_it_failed(api):
    one = await a_dead_letter(api)
    (told,) = await listed(api)
    assert set(told) - {"id", "recipient_id", "created_at"} == {
        *("kind", "channel", "address", "subject", "status", "attempts", "last_error"),
        *("resends", "resent_by", "resent_at"),
    }
    assert (told["id"], told["kind"], told["channel"]) == (one, "shift.assigned", "email")
    assert (told["attempts"], told["last_error"]) == (12, "no answer within 10 s")
    assert (told["status"], told["resends"], told["resent_by"]) == ("dead", 0, None)


async def test_only_those_of_the_tenant_that_are_given_up_are_listed(api):
    one = await a_dead_letter(api)
    await a_dead_letter(api, tenant=uuid4())
    for status in ("pending", "sent"):
        await a_dead_letter(api, status=status)
    assert await ids(api) == [one]
    assert (await api.stranger.get("/dead-letters")).json() == page()


async def test_they_are_filtered_by_channel_and_time_and_come_in_pages(api):
    old, text, new = [
        await a_dead_letter(api, channel=channel, age=age)
        for channel, age in (("email", 90), ("sms", 50), ("email", 0))
    ]
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert await ids(api) == [new, text, old]
    assert await ids(api, channel="sms") == [text]
    assert await ids(api, since=an_hour_ago) == [new, text]
    assert await ids(api, until=an_hour_ago, channel="email") == [old]
    answer = await api.admin.get("/dead-letters", params={"page": 2, "pageSize": 2})
    assert (answer.json()["total"], [item["id"] for item in answer.json()["items"]]) == (3, [old])


async def test_one_is_sent_again_and_it_is_kept_who_wanted_it(api, a_database):
    one, other = await a_dead_letter(api), await a_dead_letter(api)
    answer = await api.admin.post(f"/dead-letters/{one}/resend")
    told = answer.json()
    assert (answer.status_code, told["status"], told["attempts"]) == (200, "pending", 0)
    assert (told["resends"], told["resent_by"]) == (1, str(api.accounts["admin"]))
    assert await ids(api) == [other]
    assert await ids(api, resent=True) == [one]
    async with api.core.pool.connection() as connection:
        assert await Sender(a_database, Way(Takes()), attempts=3).send_due(connection) == 1
    (again,) = await listed(api, resent=True)
    assert again == told | {"status": "sent", "attempts": 1, "last_error": None}


async def test_asking_again_changes_nothing(api):
    one = await a_dead_letter(api)
    first = (await api.admin.post(f"/dead-letters/{one}/resend")).json()
    assert (await api.admin.post(f"/dead-letters/{one}/resend")).json() == first


async def test_only_what_was_once_given_up_in_this_tenant_can_be_sent_again(api):
    sent = await a_dead_letter(api, status="sent")
    elsewhere = await a_dead_letter(api, tenant=uuid4())
    for which in (sent, elsewhere, str(uuid4())):
        answer = await api.admin.post(f"/dead-letters/{which}/resend")
        assert refused(answer, 404, "NotFoundError") == {"what": "dead letter", "id": which}
    ours = await a_dead_letter(api)
    refused(await api.stranger.post(f"/dead-letters/{ours}/resend"), 404, "NotFoundError")


async def test_many_are_sent_again_at_once(api):
    first, second, third = [await a_dead_letter(api) for _ in range(3)]
    text = await a_dead_letter(api, channel="sms", age=90)
    foreign = await a_dead_letter(api, tenant=uuid4())

    async def resend(**body):
        answer = await api.admin.post("/dead-letters/resend", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["resent"]

    assert await resend(ids=[first, second, foreign, str(uuid4())]) == 2
    assert await resend(ids=[first, second]) == 0
    assert set(await ids(api)) == {third, text}
    assert await resend(channel="sms", since=datetime.now(UTC).isoformat()) == 0
    assert await resend(channel="sms") == 1
    assert (await api.stranger.post("/dead-letters/resend", json={})).json() == {"resent": 0}
    assert await resend() == 1
    assert await ids(api) == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [({"ids": []}, "ids"), ({"channel": "pigeon"}, "channel"), ({"since": 7}, "since")],
)
async def test_what_can_not_be_is_refused_by_name(api, body, wrong):
    invalid(await api.admin.post("/dead-letters/resend", json=body), wrong)
    invalid(await api.admin.get("/dead-letters", params={"channel": "pigeon"}), "channel")
