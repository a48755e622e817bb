"""How one wants to be told: stated, seen, replaced; by oneself alone."""

import pytest

from tests.interfaces.http.answers import invalid, refused
from tests.support.api import ROLES

PATH = "/notification-preferences/me"
NIGHT = {"start": "22:00:00", "end": "06:30:00", "zone": "Europe/Berlin"}
QUIET = {"email": False, "sms": True, "quiet_hours": NIGHT}


async def put(client, body, **headers):
    return await client.put(
        PATH, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


async def test_without_a_word_mail_is_sent_at_any_time(api):
    answer = await api.auditor.get(PATH)
    assert answer.headers["etag"] == '"0"'
    expected = {"stated": False, "email": True, "sms": False, "quiet_hours": None}
    assert answer.json() == expected


async def test_the_whole_document_is_stated_and_read_at_once(api):
    answer = await put(api.staff, QUIET)
    expected = {"stated": True, **QUIET}
    assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, expected, '"1"')
    assert (await api.staff.get(PATH)).json() == expected
    answer = await put(api.staff, {})
    assert answer.json() == {"stated": True, "email": True, "sms": False, "quiet_hours": None}


async def test_who_has_not_seen_the_newest_changes_nothing(api):
    seen = (await put(api.volunteer, {"sms": True})).headers["etag"]
    assert (await put(api.volunteer, QUIET, If_Match=seen)).status_code == 200
    late = await put(api.volunteer, {}, If_Match=seen)
    refused(late, 412, "PreconditionFailed")
    assert (await api.volunteer.get(PATH)).json()["sms"] is True


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_has_his_or_her_own(api, role):
    before = {other: (await api.clients[other].get(PATH)).json() for other in ROLES}
    await put(api.clients[role], QUIET | {"sms": not before[role]["sms"]})
    for other in ROLES:
        now = (await api.clients[other].get(PATH)).json()
        assert (now == before[other]) == (other != role)


async def test_nobody_says_it_for_others(api):
    refused(await api.nobody.get(PATH), 401, "AuthenticationError")
    refused(await put(api.nobody, QUIET), 401, "AuthenticationError")
    path = f"/notification-preferences/{api.accounts['staff']}"
    assert (await api.admin.put(path, json=QUIET)).status_code == 404


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"email": "yes"}, "email"),
        ({"phone": True}, "phone"),
        ({"quiet_hours": NIGHT | {"zone": "Europe/Atlantis"}}, "quiet_hours.zone"),
        ({"quiet_hours": NIGHT | {"start": 22}}, "quiet_hours.start"),
        ({"quiet_hours": NIGHT | {"end": "22:00"}}, "quiet_hours"),
        ({"quiet_hours": {"start": "22:00", "zone": "UTC"}}, "quiet_hours.end"),
    ],
)
async def test_what_can_not_be_is_refused_by_name(api, body, wrong):
    invalid(await put(api.staff, body), wrong)
