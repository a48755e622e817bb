"""Logging in, the limit on it, and who one is then."""

from dataclasses import replace
from uuid import UUID

import pytest

from application.access import Actor
from application.identity.accounts import RegisterAccount
from domain.identity.roles import permissions_of
from domain.shared.ids import PLATFORM, AccountId
from infrastructure.identity import passwords
from interfaces.http.app import build_app
from tests.interfaces.http.answers import invalid, refused
from tests.interfaces.http.documented import documented
from tests.support.api import a_person, a_shift, assignment_of, running_api

SECRET = " correct horse ä "
WRONG = {
    "error": "AuthenticationError",
    "message": "The e-mail address or the password is wrong.",
    "details": {},
}


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    async with running_api(a_database, a_folder, documented) as running:
        await running.core.passwords.set(running.accounts["volunteer"], SECRET)
        system = Actor.system(PLATFORM)
        lonely = await running.run(RegisterAccount("lonely@example.test", "Lonely"), system)
        running.accounts["lonely"] = AccountId(lonely)
        await running.core.passwords.set(AccountId(lonely), SECRET)
        yield running


@pytest.fixture(scope="module")
async def limited(another_database, a_folder):
    """With the limit as it comes."""
    async with running_api(
        another_database, a_folder, documented, login_rate="5/minute"
    ) as running:
        yield running


@pytest.fixture
async def beside(limited):
    """Another API process on the same database."""
    app = build_app(limited.core.settings)
    async with app.router.lifespan_context(app):
        yield replace(limited, app=app, core=app.state.core)


def log_in(api, email="volunteer@example.test", password=SECRET, address="10.0.0.1"):
    client = api.client(None, address)
    return client.post("/auth/login", json={"email": email, "password": password})


@pytest.mark.parametrize("email", ["volunteer@example.test", " Volunteer@EXAMPLE.test "])
async def test_who_knows_the_password_gets_a_token(api, email):
    response = await log_in(api, email)
    body = response.json()
    assert (response.status_code, body) == (
        200,
        {"access_token": body["access_token"], "token_type": "bearer", "expires_in": 900},
    )
    me = await api.client(body["access_token"]).get("/me")
    assert me.json()["id"] == str(api.accounts["volunteer"])


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("volunteer@example.test", SECRET.strip()),
        ("volunteer@example.test", ""),
        ("volunteer@example.test", "\x00"),
        ("nobody@example.test", SECRET),
        ("staff@example.test", SECRET),
        ("lonely@example.test", SECRET),
        ("", ""),
        ("' OR 1=1 --", "x"),
    ],
    ids=["wrong", "none", "NUL", "unknown", "without a password", "no member", "empty", "SQL"],
)
async def test_all_others_are_told_the_same_after_the_same_work(api, monkeypatch, email, password):
    verified = []
    verify = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda *args: verified.append(1) or verify(*args))
    response = await log_in(api, email, password)
    assert (response.status_code, response.json()) == (401, WRONG)
    assert verified == [1]


async def test_a_password_may_be_a_kilobyte(api):
    await api.core.passwords.set(api.accounts["auditor"], "é" * 512)
    assert (await log_in(api, "auditor@example.test", "é" * 512)).status_code == 200
    invalid(await log_in(api, "auditor@example.test", "é" * 512 + "x"), "password")


async def test_an_account_has_five_attempts_in_a_minute_wherever_they_come_from(limited):
    for left in (4, 3, 2, 1, 0):
        response = await log_in(limited, "ana@example.test", "x", f"10.1.0.{left}")
        assert response.json() == WRONG
    response = await log_in(limited, " ANA@example.test", "x", "10.1.0.9")
    details = refused(response, 429, "RateLimitError")
    assert response.json() == {
        "error": "RateLimitError",
        "message": "Too many attempts; wait before the next.",
        "details": {"retry_after": details["retry_after"]},
    }
    assert 50 <= details["retry_after"] <= 60
    assert response.headers["retry-after"] == str(details["retry_after"])
    assert response.headers["ratelimit-limit"] == "5"
    assert response.headers["ratelimit-remaining"] == "0"
    assert response.headers["ratelimit-reset"] == response.headers["retry-after"]
    other = await log_in(limited, "ben@example.test", "x", "10.1.0.9")
    assert other.status_code == 401


async def test_an_address_has_five_attempts_in_a_minute_whomever_they_name(limited):
    left = []
    for number in range(5):
        response = await log_in(limited, f"{number}@example.test", "x", "10.2.0.1")
        assert response.status_code == 401
        left.append(response.headers.get("ratelimit-remaining"))
    refused(await log_in(limited, "5@example.test", "x", "10.2.0.1"), 429, "RateLimitError")
    assert (await log_in(limited, "5@example.test", "x", "10.2.0.2")).status_code == 401
    assert left == ["4", "3", "2", "1", "0"]


async def test_two_processes_count_as_one(limited, beside):
    left = []
    for number in range(5):
        api = (limited, beside)[number % 2]
        response = await log_in(api, "dora@example.test", "x", f"10.6.0.{number}")
        assert response.status_code == 401
        left.append(response.headers["ratelimit-remaining"])
    assert left == ["4", "3", "2", "1", "0"]
    for api in (limited, beside):
        refused(await log_in(api, "dora@example.test", "x", "10.6.0.9"), 429, "RateLimitError")


async def test_the_right_password_does_not_help_past_the_limit(limited):
    await limited.core.passwords.set(limited.accounts["volunteer"], SECRET)
    for _ in range(5):
        await log_in(limited, password="x", address="10.3.0.1")
    refused(await log_in(limited, address="10.3.0.2"), 429, "RateLimitError")


async def test_what_is_no_attempt_does_not_count(limited):
    client = limited.client(None, "10.4.0.1")
    for _ in range(10):
        invalid(await client.post("/auth/login", json={}), "email", "password")
    assert (await log_in(limited, "cleo@example.test", "x", "10.4.0.1")).status_code == 401


async def test_a_success_tells_what_is_left(limited):
    await limited.core.passwords.set(limited.accounts["coordinator"], SECRET)
    email = (await limited.coordinator.get("/me")).json()["email"]
    response = await log_in(limited, email, address="10.5.0.1")
    assert response.headers["ratelimit-remaining"] == "4"


async def test_who_one_is(api):
    person = await a_person(api, "staff", name="Nora")
    shift = await a_shift(api, None, person)
    assert (await api.staff.get("/me")).json() == {
        "id": str(api.accounts["staff"]),
        "email": "staff@example.test",
        "name": "Staff",
        "tenant": {"id": str(api.tenant_id), "name": "ours"},
        "roles": ["staff"],
        "permissions": sorted(str(each) for each in permissions_of(["staff"])),
        "person_id": person,
        "assignments": [
            {
                "assignment_id": assignment_of(shift, person),
                "shift_id": shift,
                "role": "nurse",
                "start": "2199-03-01T08:00:00+01:00",
                "end": "2199-03-01T16:00:00+01:00",
                "status": "pending",
                "shift_status": "published",
            }
        ],
    }


async def test_an_account_need_not_be_a_person(api):
    me = (await api.auditor.get("/me")).json()
    assert (me["person_id"], me["assignments"]) == (None, [])
    assert me["permissions"] == sorted(str(each) for each in permissions_of(["auditor"]))
    assert UUID(me["id"]) == api.accounts["auditor"]
