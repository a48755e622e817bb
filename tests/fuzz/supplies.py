"""Things made beforehand, so that operations find what they are asked for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from application.access import Actor
from application.identity.accounts import RegisterAccount, SetMemberRoles
from domain.shared.ids import AccountId, PersonId
from infrastructure.calendar_feeds import Feed
from tests.fuzz.eventflow_supplies import eventflow_supplies
from tests.fuzz.swap_supplies import swap_supplies
from tests.fuzz.target import Supply
from tests.support.api import (
    WORK,
    Api,
    a_draft,
    a_past_shift,
    a_pattern,
    a_person,
    a_role,
    a_shift,
    a_unit,
    an_import,
    assignment_of,
)
from tests.support.messages import a_dead_letter, a_notification
from tests.support.sheets import ROW, a_sheet

EACH = 10
"""Things of each kind, for each role: what is published or answered can't be so again."""
PASSWORD = "a secret of the fuzzers"
START, END = "2199-03-01T08:00:00+01:00", "2199-03-01T16:00:00+01:00"

AVAILABILITY = {
    "body.zone": ["Europe/Berlin", "UTC"],
    "header.If-Match": ["*"],
}


async def supplies(api: Api, role: str) -> Supply:
    """What an account of this role may use up."""
    accounts = [str(api.accounts[role])] if role in api.accounts else []
    if accounts:
        await api.core.passwords.set(api.accounts[role], PASSWORD)
    unit = await a_unit(api)
    person = await a_person(api, role if accounts else None)
    others = [await a_person(api, name=f"Other {number}") for number in range(EACH)]
    units = [await a_unit(api) for _ in range(2)]
    roles = [await a_role(api, f"{role} {number}") for number in range(2)]
    spare = [await a_person(api, name=f"Spare {number}") for number in range(2)]
    strangers = [await _account(api) for _ in range(EACH)]
    members = [await _member(api) for _ in range(2 * EACH)]
    days = _days()
    drafts = [await a_draft(api, unit, **next(days)) for _ in range(3 * EACH)]
    past = [await a_past_shift(api, unit) for _ in range(EACH)]
    capped = [await a_person(api, weekly_hour_cap=1) for _ in range(EACH)]
    warned = [(await a_shift(api, unit, each, **next(days)), each) for each in capped]
    own = person if role in {"staff", "volunteer"} else None
    open_ = [await a_shift(api, unit, **next(days)) for _ in range(EACH)]
    claimable = [await a_shift(api, unit, **next(days)) for _ in range(EACH)]
    swaps = await swap_supplies(api, unit, person, others[0], days)
    vacant = [await a_shift(api, unit, **next(days), headcount=9) for _ in range(EACH)]
    taken = [await a_shift(api, unit, person, **next(days)) for _ in range(EACH)]
    told = [await a_notification(api, role) for _ in range(EACH)] if accounts else []
    given_up = [await a_dead_letter(api) for _ in range(EACH)]
    imports = [await an_import(api) for _ in range(2)]
    times = {"body.start": [START], "body.end": [END]}
    return {
        "POST /auth/login": {
            "body.email": [f"{role if accounts else 'admin'}@example.test"],
            "body.password": [PASSWORD],
        },
        "GET /people": {"query.role": ["nurse"], "query.search": ["Other"]},
        "POST /people": {
            "body.account_id": accounts,
            "body.roles[*]": list(WORK),
            **_rate("body.hourly_rate"),
        },
        "GET /roles": {"query.search": ["nurse"]},
        "POST /roles": {
            "body.name": [f"{role} new {number}" for number in range(EACH)],
            **_rate("body.hourly_rate"),
        },
        "GET /roles/{role_id}": {"path.role_id": roles},
        "PATCH /roles/{role_id}": {
            "path.role_id": roles[:1],
            "body.name": [f"{role} 0"],
            **_rate("body.hourly_rate"),
        },
        "DELETE /roles/{role_id}": {"path.role_id": roles},
        "POST /roles/{role_id}/reopen": {"path.role_id": roles},
        "POST /units": {"body.zone": ["Europe/Berlin", "UTC", "Pacific/Apia"]},
        "GET /members": {"query.search": ["Member"]},
        "POST /members": {"body.email": [email for email, _ in strangers]},
        "PATCH /members/{account_id}": {"path.account_id": members[:EACH]},
        "DELETE /members/{account_id}": {"path.account_id": members[EACH:]},
        **await _identities(api),
        "GET /units": {"query.search": ["Ward"]},
        "GET /units/{unit_id}": {"path.unit_id": units},
        "PATCH /units/{unit_id}": {"path.unit_id": units, "body.zone": ["UTC"]},
        "DELETE /units/{unit_id}": {"path.unit_id": units},
        "POST /units/{unit_id}/reopen": {"path.unit_id": units},
        "GET /people/{person_id}": {"path.person_id": spare},
        "PATCH /people/{person_id}": {
            "path.person_id": spare,
            "body.account_id": accounts,
            "body.roles[*]": list(WORK),
            **_rate("body.hourly_rate"),
        },
        "DELETE /people/{person_id}": {"path.person_id": spare},
        "POST /people/{person_id}/reactivate": {"path.person_id": spare},
        "GET /shifts": {"query.unit_id": [unit], "query.person_id": [person]},
        "POST /shifts": {"body.unit_id": [unit], "body.role": list(WORK), **times},
        "PATCH /shifts/{shift_id}": {
            "path.shift_id": drafts[:EACH],
            "body.role": list(WORK),
            **times,
        },
        **swaps,
        **await eventflow_supplies(api, role),
        "GET /shifts/open": {"query.unit_id": [unit]},
        "POST /shifts/{shift_id}/claim": {"path.shift_id": claimable},
        "GET /shifts/{shift_id}": {"path.shift_id": [*drafts, *vacant]},
        "GET /shifts/{shift_id}/candidates": {"path.shift_id": vacant},
        "DELETE /shifts/{shift_id}": {"path.shift_id": drafts[2 * EACH :]},
        "POST /shifts/{shift_id}/cancel": {"path.shift_id": open_},
        "POST /shifts/{shift_id}/complete": {"path.shift_id": past},
        "POST /shifts/{shift_id}/publish": {"path.shift_id": drafts[EACH : 2 * EACH]},
        "POST /shifts/{shift_id}/assign": {
            "path.shift_id": vacant,
            "body.person_ids[*]": others,
        },
        "POST /assignments/{assignment_id}/status": {
            "path.assignment_id": [assignment_of(shift, person) for shift in taken],
            "body.person_id": others,
        },
        "POST /assignments/{assignment_id}/override": {
            "path.assignment_id": [assignment_of(*each) for each in warned],
        },
        "PUT /availability/me": AVAILABILITY,
        "GET /people/{person_id}/availability": {"path.person_id": spare},
        "PUT /people/{person_id}/availability": {
            "path.person_id": [own] if own else spare,
            **AVAILABILITY,
        },
        "GET /calendar/{secret}.ics": {"path.secret": [await _secret(api)]},
        "POST /notifications/{notification_id}/read": {"path.notification_id": told},
        "PUT /notification-preferences/me": {"header.If-Match": ["*"]},
        "POST /dead-letters/{dead_letter_id}/resend": {"path.dead_letter_id": given_up},
        **await _patterns(api, unit, others),
        **await _weeks(api, unit, days),
        "GET /import/{import_id}": {"path.import_id": imports},
        "GET /import/{import_id}/shifts": {"path.import_id": imports},
        "GET /audit-logs": {"query.entity_id": taken, "query.entity": ["Shift"]},
    }


async def _identities(api: Api) -> dict[str, dict[str, list[str]]]:
    """Each of a subject's ids goes with the one member."""
    member, path = await _member(api), "/members/{account_id}/identities"
    linked = [await _linked(api, member) for _ in range(EACH)]
    which = {"path.account_id": [member]}
    return {
        f"GET {path}": which,
        f"POST {path}": which,
        f"DELETE {path}/{{identity_id}}": {**which, "path.identity_id": linked},
    }


async def _linked(api: Api, member: str) -> str:
    body = {"subject": str(uuid4())}
    linked = await api.admin.post(f"/members/{member}/identities", json=body)
    return str(linked.json()["id"])


async def _patterns(api: Api, unit: str, people: list[str]) -> dict[str, dict[str, list[str]]]:
    patterns = [await a_pattern(api, unit) for _ in range(EACH)]
    rule = {"body.rrule": ["FREQ=DAILY"], "body.first_day": ["2027-03-01"]}
    which = {"path.pattern_id": patterns}
    going_on = {"path.pattern_id": patterns[2:]}
    return {
        "GET /shift-patterns": {"query.unit_id": [unit], "query.role": ["nurse"]},
        "POST /shift-patterns": {"body.unit_id": [unit], "body.people[*]": people, **rule},
        "GET /shift-patterns/{pattern_id}": which,
        "PATCH /shift-patterns/{pattern_id}": going_on | rule,
        "DELETE /shift-patterns/{pattern_id}": {"path.pattern_id": patterns[:2]},
        "GET /shift-patterns/{pattern_id}/occurrences": {
            **which,
            "query.from": ["2027-03-01"],
            "query.to": ["2027-03-31"],
        },
        "POST /shift-patterns/{pattern_id}/drafts": {
            **going_on,
            "body.from": ["2027-03-01"],
            "body.to": ["2027-03-31"],
        },
    }


async def _weeks(
    api: Api, unit: str, days: Iterator[dict[str, str]]
) -> dict[str, dict[str, list[str]]]:
    drafts = [await a_draft(api, unit, **next(days)) for _ in range(EACH)]
    return {
        "POST /shifts/publish": {"body.shift_ids[*]": drafts},
        "POST /shifts/copy-week": {
            "body.unit_id": [unit],
            "body.from_week": ["2198-W01", "2198-W02"],
            "body.to_week": ["2197-W01", "2197-W02"],
        },
    }


def _rate(field: str) -> dict[str, list[str]]:
    return {f"{field}.currency": ["EUR", "USD"]}


async def _secret(api: Api) -> str:
    """Of the calendar of somebody who does not ask, and so does not end it."""
    account = await _member(api)
    person = PersonId(UUID(await a_person(api, account_id=account)))
    feed = Feed(api.tenant_id, person, AccountId(UUID(account)))
    return await api.core.feeds.begin(feed, datetime.now(UTC))


async def files(api: Api) -> dict[str, dict[str, bytes]]:
    """What can be imported, by operation and field."""
    return {"POST /import/shifts": {"file": a_sheet((await a_unit(api), *ROW[1:]))}}


async def _account(api: Api) -> tuple[str, AccountId]:
    email = f"{uuid4().hex}@example.test"
    command = RegisterAccount(email, "Member")
    return email, AccountId(await api.run(command, Actor.system(api.tenant_id)))


async def _member(api: Api) -> str:
    _, account_id = await _account(api)
    await api.run(SetMemberRoles(account_id, ("staff",)), Actor.system(api.tenant_id))
    return str(account_id)


def _days() -> Iterator[dict[str, str]]:
    """Working hours, each on a day of their own."""
    start = datetime(2198, 1, 1, 8, tzinfo=UTC)
    while True:
        yield {"start": start.isoformat(), "end": (start + timedelta(hours=8)).isoformat()}
        start += timedelta(days=1)
