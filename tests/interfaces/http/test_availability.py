"""When people can work: stated, seen, replaced, and heeded."""

import pytest

from tests.interfaces.http.answers import broken, invalid
from tests.support.api import a_person, a_shift

MONDAYS = {
    "zone": "Europe/Berlin",
    "weekly": [{"weekday": 1, "start": "06:00:00", "end": "20:00:00"}],
    "blackouts": [
        {
            "start": "2199-03-04T00:00:00+01:00",
            "end": "2199-03-05T00:00:00+01:00",
            "reason": "Wedding",
        }
    ],
}
"""March 1st of 2199, the day of every shift here, is a Friday."""


@pytest.fixture(scope="module")
async def person(api):
    """The volunteer's."""
    return await a_person(api, "volunteer")


@pytest.fixture
async def version(api, person):
    """Nothing restricts the person, as of this version."""
    assert person
    answer = await put(api, {"zone": "UTC"})
    return int(answer.headers["etag"].strip('"'))


async def put(api, body=MONDAYS, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.volunteer.put("/availability/me", json=body, headers=named)


async def assign(api, shift, person):
    return await api.coordinator.post(f"/shifts/{shift}/assign", json={"person_ids": [person]})


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("auditor", 403), ("admin", 404)])
async def test_it_is_for_those_who_work(api, who, status):
    assert (await api.clients[who].get("/availability/me")).status_code == status
    answer = await api.clients[who].put("/availability/me", json=MONDAYS)
    assert answer.status_code == status


async def test_what_was_never_said_is_no_restriction(api, person):
    answer = await api.volunteer.get("/availability/me")
    assert answer.headers["etag"] == '"0"'
    assert answer.json() == {
        "person_id": person,
        "stated": False,
        "zone": None,
        "weekly": None,
        "blackouts": [],
    }
    shift = await a_shift(api, start="2199-03-08T08:00:00Z", end="2199-03-08T16:00:00Z")
    assert (await assign(api, shift, person)).status_code == 200


async def test_the_whole_document_is_stated_and_read_at_once(api, person):
    answer = await put(api)
    expected = {"person_id": person, "stated": True, **MONDAYS}
    assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, expected, '"1"')
    for mine in (
        await api.volunteer.get("/availability/me"),
        await api.coordinator.get(f"/people/{person}/availability"),
    ):
        assert (mine.json(), mine.headers["etag"]) == (expected, '"1"')


async def test_who_has_not_seen_the_newest_changes_nothing(api, version):
    seen = f'"{version}"'
    assert (await put(api, If_Match=seen)).status_code == 200
    late = await put(api, MONDAYS | {"weekly": None}, If_Match=seen)
    assert late.status_code == 412
    assert late.json()["error"] == "PreconditionFailed"
    assert late.json()["details"] == {"version": version + 1}
    assert (await api.volunteer.get("/availability/me")).json()["weekly"] == MONDAYS["weekly"]
    newest = await put(api, MONDAYS | {"weekly": None}, If_Match=f'"{version + 1}"')
    assert (newest.json()["weekly"], newest.headers["etag"]) == (None, f'"{version + 2}"')


@pytest.mark.usefixtures("version")
async def test_without_an_etag_whatever_there_is_is_replaced(api):
    for headers in ({}, {"If_Match": "*"}):
        answer = await put(api, MONDAYS | {"weekly": []}, **headers)
        assert answer.json()["weekly"] == []


async def test_what_is_said_again_is_no_change(api, version):
    for _ in range(2):
        assert (await put(api)).headers["etag"] == f'"{version + 1}"'


async def test_nobody_speaks_for_others_but_coordinators(api, person):
    ben = await a_person(api, "staff")
    theirs = f"/people/{ben}/availability"
    assert (await api.volunteer.get(theirs)).status_code == 403
    assert (await api.volunteer.put(theirs, json=MONDAYS)).status_code == 403
    assert (await api.volunteer.put(f"/people/{person}/availability", json=MONDAYS)).is_success
    assert (await api.coordinator.put(theirs, json=MONDAYS)).is_success
    assert (await api.stranger.put(theirs, json=MONDAYS)).status_code == 404


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"weekly": [{"weekday": 0, "start": "06:00", "end": "07:00"}]}, "weekly.0.weekday"),
        ({"weekly": [{"weekday": 1, "start": 3600, "end": "07:00"}]}, "weekly.0.start"),
        ({"weekly": [{"weekday": 1, "start": "06:00+01:00", "end": "07:00"}]}, "weekly.0.start"),
        ({"weekly": [{"weekday": 1, "start": "25:00", "end": "07:00"}]}, "weekly.0.start"),
        (
            {"blackouts": [{"start": "2199-03-04", "end": "2199-03-05T00:00:00Z"}]},
            "blackouts.0.start",
        ),
        ({"also": 1}, "also"),
    ],
    ids=str,
)
async def test_what_can_not_be_read_is_named(api, change, field):
    invalid(await put(api, MONDAYS | change), field)


@pytest.mark.usefixtures("person")
async def test_a_blackout_ends_after_it_starts(api):
    backwards = {"start": "2199-03-05T00:00:00Z", "end": "2199-03-04T00:00:00Z"}
    invalid(await put(api, MONDAYS | {"blackouts": [backwards]}), "blackouts")


@pytest.mark.usefixtures("person")
async def test_an_etag_of_somebody_else_is_refused(api):
    invalid(await put(api, If_Match="W/abc"), "If-Match")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, "OutsideAvailability"),
        (
            {
                "weekly": None,
                "blackouts": [{"start": "2199-03-01T14:59:00Z", "end": "2199-03-01T20:00:00Z"}],
            },
            "BlackedOut",
        ),
    ],
    ids=["Mondays only", "a blackout over its last minute"],
)
async def test_nobody_is_put_where_he_or_she_can_not_work(api, person, change, rule):
    shift = await a_shift(api)
    await put(api, MONDAYS | change)
    broken(await assign(api, shift, person), rule)
