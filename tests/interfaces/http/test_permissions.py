"""Who may do what: each operation, each role."""

from datetime import date, timedelta
from itertools import count
from uuid import uuid4

import pytest

from application.access import Actor
from application.identity.accounts import RegisterAccount, SetMemberRoles
from tests.interfaces.http.answers import refused
from tests.support.api import (
    ROLES,
    a_draft,
    a_pattern,
    a_person,
    a_role,
    a_shift,
    a_unit,
    an_import,
    assignment_of,
    new_pattern,
    new_shift,
    position,
)
from tests.support.messages import a_dead_letter
from tests.support.sheets import ROW, a_sheet

COORDINATORS = {"admin", "coordinator"}
REPORTED = COORDINATORS | {"auditor"}
WORKERS = {"staff", "volunteer"}
ANSWERING = COORDINATORS | {"volunteer"}
"""The assignment asked about is the volunteer's, so that staff has no say in it."""

OPERATIONS = {
    "GET /me": set(ROLES),
    "GET /units": COORDINATORS,
    "POST /units": {"admin"},
    "GET /people": COORDINATORS,
    "POST /people": {"admin"},
    "GET /units/{id}": COORDINATORS,
    "PATCH /units/{id}": {"admin"},
    "DELETE /units/{id}": {"admin"},
    "POST /units/{id}/reopen": {"admin"},
    "GET /people/{id}": COORDINATORS,
    "PATCH /people/{id}": {"admin"},
    "DELETE /people/{id}": {"admin"},
    "POST /people/{id}/reactivate": {"admin"},
    "GET /roles": COORDINATORS,
    "POST /roles": {"admin"},
    "GET /roles/{id}": COORDINATORS,
    "PATCH /roles/{id}": {"admin"},
    "DELETE /roles/{id}": {"admin"},
    "POST /roles/{id}/reopen": {"admin"},
    "GET /members/roles": {"admin"},
    "GET /members": {"admin"},
    "POST /members": {"admin"},
    "PATCH /members/{id}": {"admin"},
    "DELETE /members/{id}": {"admin"},
    "GET /members/{id}/identities": {"admin"},
    "POST /members/{id}/identities": {"admin"},
    "DELETE /members/{id}/identities/{id}": {"admin"},
    "GET /shifts": COORDINATORS,
    "POST /shifts": COORDINATORS,
    "PATCH /shifts/{id}": COORDINATORS,
    "POST /shifts/{id}/publish": COORDINATORS,
    "POST /shifts/{id}/assign": COORDINATORS,
    "POST /assignments/{id}/status": ANSWERING,
    "GET /notifications": set(ROLES),
    "GET /notification-preferences/me": set(ROLES),
    "PUT /notification-preferences/me": set(ROLES),
    "GET /dead-letters": {"admin"},
    "POST /dead-letters/{id}/resend": {"admin"},
    "POST /dead-letters/resend": {"admin"},
    "POST /shifts/copy-week": COORDINATORS,
    "POST /shifts/publish": COORDINATORS,
    "GET /shift-patterns": COORDINATORS,
    "POST /shift-patterns": COORDINATORS,
    "GET /shift-patterns/{id}": COORDINATORS,
    "PATCH /shift-patterns/{id}": COORDINATORS,
    "DELETE /shift-patterns/{id}": COORDINATORS,
    "GET /shift-patterns/{id}/occurrences?from=2027-03-01&to=2027-03-31": COORDINATORS,
    "POST /shift-patterns/{id}/drafts": COORDINATORS,
    "GET /shifts/open": WORKERS,
    "POST /shifts/{id}/claim": WORKERS,
    "GET /swaps": COORDINATORS | WORKERS,
    "POST /swaps": ANSWERING,
    "GET /swaps/{id}": COORDINATORS | WORKERS,
    "POST /swaps/{id}/accept": ANSWERING,
    "POST /swaps/{id}/approve": COORDINATORS,
    "POST /swaps/{id}/reject": COORDINATORS,
    "POST /swaps/{id}/withdraw": ANSWERING,
    "POST /import/shifts": COORDINATORS,
    "GET /import": COORDINATORS,
    "GET /import/shifts/template": COORDINATORS,
    "GET /import/{id}": COORDINATORS,
    "GET /import/{id}/shifts": COORDINATORS,
    "GET /audit-logs": {"admin", "auditor"},
    "GET /reports/hours": REPORTED,
    "GET /reports/fill": REPORTED,
    "GET /reports/answers": REPORTED,
}
"""Source: the document's table, column "Auth Scope", and its
"Admin Module"."""


async def a_change(api):
    return await a_draft(api), {"headcount": 2}


async def a_publication(api):
    return await a_draft(api), None


async def a_staffing(api):
    return await a_shift(api), {"person_ids": [await a_person(api)]}


async def an_answer(api):
    person = await a_person(api, "volunteer")
    return assignment_of(await a_shift(api, None, person), person), {"status": "declined"}


async def an_open_shift(api):
    for role in WORKERS:
        await a_person(api, role)
    return await a_shift(api, None, headcount=2, **next(HOURS)), None


async def a_place_to_swap(api):
    person = await a_person(api, "volunteer")
    times = next(HOURS)
    return assignment_of(await a_shift(api, None, person, **times), person)


async def a_place_to_offer(api):
    await a_person(api, "staff")
    return None, {"assignment_id": await a_place_to_swap(api)}


async def an_offer(api):
    """Of the volunteer's, to nobody else."""
    to = await a_person(api)
    body = {"assignment_id": await a_place_to_swap(api), "to_person_id": to}
    return (await api.coordinator.post("/swaps", json=body)).json()["id"], None


async def an_offer_to_anybody(api):
    for role in WORKERS:
        await a_person(api, role)
    return (await an_offer_to_accept(api))[0], None


async def an_offer_to_accept(api):
    """Which only the volunteer could take."""
    somebody = await a_person(api)
    offered = assignment_of(await a_shift(api, None, somebody, **next(HOURS)), somebody)
    which = (await api.coordinator.post("/swaps", json={"assignment_id": offered})).json()["id"]
    return which, {"assignment_id": await a_place_to_swap(api)}


async def a_swap_to_approve(api):
    await api.admin.patch("/policy", json={"swaps_need_approval": True})
    which, body = await an_offer_to_accept(api)
    await api.coordinator.post(f"/swaps/{which}/accept", json=body)
    await api.admin.patch("/policy", json={"swaps_need_approval": False})
    return which, {"reason": "So."}


async def an_account(api):
    email = f"{uuid4().hex}@example.test"
    return email, await api.run(RegisterAccount(email, "New"), Actor.system(api.tenant_id))


async def one_import(api):
    """There is no importer here, and only so many may wait."""
    async with api.core.pool.connection() as connection:
        await connection.execute("DELETE FROM imports")
    return await an_import(api), None


async def somebody_new(api):
    return None, {"email": (await an_account(api))[0], "roles": ["staff"]}


async def one_member(api):
    _, account_id = await an_account(api)
    await api.run(SetMemberRoles(account_id, ("staff",)), Actor.system(api.tenant_id))
    return account_id, {"roles": ["auditor"]}


async def a_subject_to_link(api):
    return (await one_member(api))[0], {"subject": str(uuid4())}


async def a_subject_to_unlink(api):
    member, body = await a_subject_to_link(api)
    linked = await api.admin.post(f"/members/{member}/identities", json=body)
    return (member, linked.json()["id"]), None


async def one_unit(api):
    return await a_unit(api), {"name": "Attic"}


async def a_new_role(_):
    return None, {"name": f"role {uuid4()}"}


async def one_role(api):
    return await a_role(api, f"role {uuid4()}"), {"description": "Cuts bread"}


async def one_person(api):
    return await a_person(api), {"name": "Anna"}


async def one_dead_letter(api):
    return await a_dead_letter(api), {}


async def drafts_to_publish(api):
    return None, {"shift_ids": [await a_draft(api)]}


async def one_pattern(api):
    return await a_pattern(api), {"headcount": 2}


async def days_to_draft(api):
    return await a_pattern(api), {"from": "2027-03-01", "to": "2027-03-31"}


async def a_pattern_to_design(api):
    return None, new_pattern(await a_unit(api))


async def a_shift_to_draft(api):
    return None, new_shift(await a_unit(api))


def hours_of_their_own():
    """For who must be free: nobody is in two places."""
    for number in count():
        day = date(2100, 1, 1) + timedelta(days=2 * number)
        yield {"start": f"{day}T08:00Z", "end": f"{day}T16:00Z"}


HOURS = hours_of_their_own()

GOOD = {
    "POST /units": (None, {"name": "Ward", "zone": "Europe/Berlin"}),
    "POST /people": (None, {"name": "Ana", "email": "ana@example.test", "kind": "staff"}),
    "GET /import/{id}": one_import,
    "GET /import/{id}/shifts": one_import,
    "POST /members": somebody_new,
    "PATCH /members/{id}": one_member,
    "DELETE /members/{id}": one_member,
    "GET /members/{id}/identities": one_member,
    "POST /members/{id}/identities": a_subject_to_link,
    "DELETE /members/{id}/identities/{id}": a_subject_to_unlink,
    "GET /units/{id}": one_unit,
    "PATCH /units/{id}": one_unit,
    "DELETE /units/{id}": one_unit,
    "POST /units/{id}/reopen": one_unit,
    "POST /roles": a_new_role,
    "GET /roles/{id}": one_role,
    "PATCH /roles/{id}": one_role,
    "DELETE /roles/{id}": one_role,
    "POST /roles/{id}/reopen": one_role,
    "GET /people/{id}": one_person,
    "PATCH /people/{id}": one_person,
    "DELETE /people/{id}": one_person,
    "POST /people/{id}/reactivate": one_person,
    "POST /shifts/copy-week": (None, {"from_week": "2199-W09", "to_week": "2199-W10"}),
    "POST /shifts/publish": drafts_to_publish,
    "POST /shift-patterns": a_pattern_to_design,
    "GET /shift-patterns/{id}": one_pattern,
    "PATCH /shift-patterns/{id}": one_pattern,
    "DELETE /shift-patterns/{id}": one_pattern,
    "GET /shift-patterns/{id}/occurrences?from=2027-03-01&to=2027-03-31": one_pattern,
    "POST /shift-patterns/{id}/drafts": days_to_draft,
    "POST /shifts": a_shift_to_draft,
    "PATCH /shifts/{id}": a_change,
    "POST /shifts/{id}/publish": a_publication,
    "POST /shifts/{id}/assign": a_staffing,
    "POST /assignments/{id}/status": an_answer,
    "PUT /notification-preferences/me": (None, {"sms": True}),
    "POST /dead-letters/{id}/resend": one_dead_letter,
    "POST /dead-letters/resend": (None, {"channel": "sms"}),
    "GET /shifts/open": an_open_shift,
    "POST /shifts/{id}/claim": an_open_shift,
    "GET /swaps": an_open_shift,
    "POST /swaps": a_place_to_offer,
    "GET /swaps/{id}": an_offer_to_anybody,
    "POST /swaps/{id}/accept": an_offer_to_accept,
    "POST /swaps/{id}/approve": a_swap_to_approve,
    "POST /swaps/{id}/reject": a_swap_to_approve,
    "POST /swaps/{id}/withdraw": an_offer,
}
"""An id for the path, or several, and a body."""
OF_ANOTHER = {"POST /shifts", "POST /shifts/publish", "POST /shift-patterns", "POST /swaps"}
"""Their bodies name what belongs to a tenant."""

FORMS = {
    "POST /import/shifts": {
        "files": {"file": ("week.xlsx", a_sheet(ROW))},
        "headers": {"Prefer": "respond-async"},
    },
}
"""What is not sent as JSON."""

BODILESS = ("/reopen", "/reactivate", "/publish", "/claim", "/approve", "/withdraw")


@pytest.fixture(params=OPERATIONS)
async def asking(request, api):
    """A request that anybody who may make it would have answered well."""
    method, path = request.param.split()
    good = GOOD.get(request.param, (None, None))
    which, body = await good(api) if callable(good) else good
    for each in which if isinstance(which, tuple) else (which,):
        path = path.replace("{id}", str(each), 1)
    bodiless = method in {"GET", "DELETE"} or (which is not None and path.endswith(BODILESS))
    sent = {"json": None if bodiless else body} | FORMS.get(request.param, {})
    return request.param, lambda client: client.request(method, path, **sent)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_do_what_the_document_says_and_no_more(api, asking, role):
    operation, ask = asking
    before = await position(api)
    response = await ask(api.clients[role])
    if role in OPERATIONS[operation]:
        assert response.status_code in {200, 201, 202}, response.text
    else:
        refused(response, 403, "PermissionError")
        assert await position(api) == before


async def test_without_a_token_nothing_is_answered(api, asking):
    before = await position(api)
    response = await asking[1](api.nobody)
    refused(response, 401, "AuthenticationError")
    assert response.headers["www-authenticate"] == "Bearer"
    assert await position(api) == before


async def test_the_admin_of_another_tenant_finds_nothing_here(api, asking):
    operation, ask = asking
    before = await position(api)
    response = await ask(api.stranger)
    if operation.endswith("/claim"):
        refused(response, 403, "PermissionError")
    elif "{id}" in operation or operation in OF_ANOTHER:
        refused(response, 404, "NotFoundError")
        assert await position(api) == before


@pytest.mark.parametrize("path", ["/units", "/roles", "/people", "/shifts", "/shift-patterns"])
async def test_lists_show_nothing_of_another_tenant(api, path):
    await a_shift(api, None, await a_person(api))
    await a_pattern(api)
    ours = (await api.admin.get(path)).json()["items"]
    theirs = (await api.stranger.get(path)).json()["items"]
    assert not {item["id"] for item in ours} & {item["id"] for item in theirs}


@pytest.mark.parametrize("role", ["nobody", "volunteer"])
@pytest.mark.parametrize(
    "content", [b"{", b"", b"[" * 100_000, b"\xff", b'{"role": 1}', b" " * 2_000_000]
)
async def test_who_may_not_send_a_body_learns_nothing_about_it(api, role, content):
    headers = {"Content-Type": "application/json"}
    response = await api.clients[role].post("/shifts", content=content, headers=headers)
    if role == "nobody":
        refused(response, 401, "AuthenticationError")
    else:
        assert refused(response, 403, "PermissionError") == {"needs": "shifts:write:all"}


@pytest.mark.parametrize(
    "path", ["/shifts/{}/publish", "/shifts/{}/assign", "/assignments/{}/status"]
)
async def test_what_never_was_is_not_found(api, path):
    bodies = {"status": {"status": "accepted"}, "assign": {"person_ids": [str(uuid4())]}}
    body = bodies.get(path.rsplit("/", 1)[1])
    which = str(uuid4())
    response = await api.coordinator.post(path.format(which), json=body)
    what = "assignment" if "assignments" in path else "shift"
    assert refused(response, 404, "NotFoundError") == {"what": what, "id": which}


async def test_a_person_of_another_tenant_can_not_be_assigned(api):
    body = {"name": "Zoe", "email": "zoe@example.test", "kind": "staff", "roles": ["nurse"]}
    foreign = (await api.stranger.post("/people", json=body)).json()["id"]
    shift = await a_shift(api)
    response = await api.coordinator.post(f"/shifts/{shift}/assign", json={"person_ids": [foreign]})
    assert refused(response, 404, "NotFoundError") == {"what": "person", "id": foreign}


async def test_only_the_assignee_or_a_coordinator_answers(api):
    person = await a_person(api, "volunteer")
    assignment = assignment_of(await a_shift(api, None, person), person)
    path, body = f"/assignments/{assignment}/status", {"status": "Accepted"}
    refused(await api.staff.post(path, json=body), 403, "PermissionError")
    assert (await api.volunteer.post(path, json=body)).status_code == 200
    declined = await api.coordinator.post(path, json={"status": "Declined"})
    assert declined.json()["assignments"][0]["status"] == "declined"
