"""A calendar behind a secret address."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from icalendar import Calendar

from tests.interfaces.http.answers import refused
from tests.support.api import a_person, a_shift, a_unit, assignment_of
from tests.support.logs import logged

SOON = (datetime.now(UTC) + timedelta(days=40)).replace(hour=8, minute=0, second=0, microsecond=0)
TIMES = {"start": SOON.isoformat(), "end": (SOON + timedelta(hours=6)).isoformat()}


@pytest.fixture(scope="module")
async def person(api):
    """The volunteer's."""
    return await a_person(api, "volunteer")


@pytest.fixture
async def path(api, person):
    """Of a new calendar."""
    assert person
    answer = await api.volunteer.post("/calendar/me")
    return answer.json()["url"].removeprefix("http://api")


async def events(api, path):
    """The events of the calendar by their UID."""
    answer = await api.nobody.get(path)
    assert answer.status_code == 200, answer.text
    found = Calendar.from_ical(answer.text).walk("VEVENT")
    return {str(event["uid"]): event for event in found}


def told(event):
    return str(event["status"]), int(event["sequence"])


@pytest.mark.parametrize(
    ("who", "status"), [("nobody", 401), ("auditor", 404), ("coordinator", 404), ("staff", 404)]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_it_is_for_those_for_whom_there_is_a_person(api, who, status, method):
    answer = await api.clients[who].request(method, "/calendar/me")
    assert answer.status_code == status


async def test_an_address_is_told_once_and_kept_only_as_a_hash(api, person, a_database):
    before = datetime.now(UTC)
    answer = await api.volunteer.post("/calendar/me")
    body = answer.json()
    assert (answer.status_code, set(body)) == (201, {"url", "created_at"})
    secret = re.fullmatch(r"http://api/calendar/([\w-]{43})\.ics", body["url"]).group(1)
    assert before <= datetime.fromisoformat(body["created_at"]) <= datetime.now(UTC)
    kept = await api.volunteer.get("/calendar/me")
    assert kept.json() == {"active": True, "created_at": body["created_at"]}
    with psycopg.connect(a_database) as connection:
        row = connection.execute(
            "SELECT tenant_id, person_id FROM calendar_feeds WHERE secret_hash = %s",
            (hashlib.sha256(secret.encode()).digest(),),
        ).fetchone()
        assert row == (api.tenant_id, UUID(person))
        everything = connection.execute("SELECT * FROM calendar_feeds").fetchall()
    assert secret not in str(everything)


async def test_whoever_has_the_address_reads_the_calendar(api, person, path):
    unit = await a_unit(api)
    shift = await a_shift(api, unit, person, **TIMES)
    answer = await api.nobody.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private"
    uid = f"{assignment_of(shift, person)}@opstream"
    event = (await events(api, path))[uid]
    assert told(event) == ("TENTATIVE", 0)
    assert (event["summary"], event["location"]) == ("nurse", "Ward 1")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (SOON, SOON + timedelta(hours=6))
    assert event["dtstart"].params["tzid"] == "Europe/Berlin"


async def test_what_becomes_of_a_place_is_shown_with_a_greater_number(api, person, path):
    unit = await a_unit(api)
    start = SOON + timedelta(days=2)
    times = {"start": start.isoformat(), "end": (start + timedelta(hours=6)).isoformat()}
    shift = await a_shift(api, unit, person, **times)
    uid = f"{assignment_of(shift, person)}@opstream"
    answer = f"/assignments/{assignment_of(shift, person)}/status"
    seen = [told((await events(api, path))[uid])]
    for act in (
        lambda: api.volunteer.post(answer, json={"status": "accepted"}),
        lambda: api.admin.patch(f"/units/{unit}", json={"name": "Attic"}),
        lambda: api.coordinator.post(f"/shifts/{shift}/cancel", json={"reason": "Flooded."}),
    ):
        assert (await act()).is_success
        seen.append(told((await events(api, path))[uid]))
    assert seen == [("TENTATIVE", 0), ("CONFIRMED", 1), ("CONFIRMED", 2), ("CANCELLED", 3)]
    assert (await events(api, path))[uid]["location"] == "Attic"


async def test_who_has_the_newest_is_not_sent_it_again(api, path):
    first = await api.nobody.get(path)
    tag = first.headers["etag"]
    for seen in (tag, f'"other", W/{tag}', "*"):
        again = await api.nobody.get(path, headers={"If-None-Match": seen})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await api.nobody.get(path, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


async def test_a_new_address_ends_the_one_before(api, path):
    new = (await api.volunteer.post("/calendar/me")).json()["url"]
    assert (await api.nobody.get(new)).status_code == 200
    assert (await api.nobody.get(path)).status_code == 404


async def test_a_revoked_address_is_as_if_it_had_never_been(api, path):
    revoked = await api.volunteer.delete("/calendar/me")
    assert (revoked.status_code, revoked.json()) == (200, {"active": False, "created_at": None})
    assert (await api.volunteer.get("/calendar/me")).json() == revoked.json()
    assert (await api.volunteer.delete("/calendar/me")).is_success
    bodies = [
        refused(await api.nobody.get(address), 404, "NotFoundError")
        for address in (path, "/calendar/a.ics", f"/calendar/{'x' * 43}.ics", "/calendar/%00.ics")
    ]
    assert bodies == [{"what": "calendar", "id": "at this address"}] * 4


async def test_a_token_is_of_no_use_there(api):
    for client in (api.admin, api.volunteer):
        assert (await client.get("/calendar/a.ics")).status_code == 404


async def test_an_address_ends_when_its_owner_leaves_or_is_another(api, path, person):
    account = api.accounts["volunteer"]
    assert (await api.nobody.get(path)).status_code == 200
    for leave, back in (
        (
            ("DELETE", f"/people/{person}", None),
            ("POST", f"/people/{person}/reactivate", None),
        ),
        (
            ("DELETE", f"/members/{account}", None),
            ("POST", "/members", {"email": "volunteer@example.test", "roles": ["volunteer"]}),
        ),
        (
            ("PATCH", f"/people/{person}", {"account_id": str(api.accounts["staff"])}),
            ("PATCH", f"/people/{person}", {"account_id": str(account)}),
        ),
    ):
        for (method, where, body), status in ((leave, 404), (back, 200)):
            assert (await api.admin.request(method, where, json=body)).is_success
            await _roles_are_known(api)
            assert (await api.nobody.get(path)).status_code == status, where


async def _roles_are_known(api):
    """They are looked for a few times a second; a test need not wait for it."""
    async with api.core.pool.connection() as connection:
        await api.core.roles._changes.look(connection)


async def test_the_secret_is_in_no_log_and_no_metric(api, path):
    secret = path.rsplit("/", 1)[1].removesuffix(".ics")
    with logged() as lines:
        await api.nobody.get(path)
        await api.nobody.get(f"{path}?token=x")
        await api.nobody.post(path)
    assert [line["route"] for line in lines if line["event"] == "request"] == [
        "/calendar/{secret}.ics"
    ] * 3
    assert secret not in str(lines)
    assert secret not in (await api.nobody.get("/metrics")).text
