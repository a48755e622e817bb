"""Whatever is sent, it is a client's mistake that names a field, and nothing is stored."""

import json
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.interfaces.http.documented import documented
from tests.support.api import (
    a_draft,
    a_person,
    a_role,
    a_shift,
    a_unit,
    assignment_of,
    new_shift,
    position,
    running_api,
)

ANY_TEXT = st.text(st.characters(), max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ANY_TEXT
    | st.sampled_from([str(uuid4()), "2199-03-01T08:00:00Z", "1999-01-01T00:00:00+14:00", "nurse"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)
UNIT = str(uuid4())
GOOD = {
    "POST /auth/login": {"email": "a@example.test", "password": "x"},
    "POST /units": {"name": "Ward", "zone": "Europe/Berlin"},
    "POST /people": {
        "name": "Ana",
        "email": "ana@example.test",
        "kind": "staff",
        "roles": ["nurse"],
        "account_id": None,
        "phone": "112 112",
        "weekly_hour_cap": 38.5,
        "hourly_rate": {"amount": 24.5, "currency": "EUR"},
    },
    "POST /roles": {"name": "porter", "description": "", "hourly_rate": None},
    "PATCH /roles/{role}": {"hourly_rate": {"amount": 24.5, "currency": "EUR"}},
    "POST /members": {"email": "a@example.test", "roles": ["staff"]},
    "PATCH /members/{unit}": {"roles": ["staff"]},
    "PATCH /units/{unit}": {"name": "Ward", "zone": "Europe/Berlin"},
    "PATCH /people/{person}": {
        "name": "Ana",
        "email": "ana@example.test",
        "kind": "staff",
        "roles": ["nurse"],
        "account_id": None,
        "phone": None,
        "weekly_hour_cap": None,
        "hourly_rate": None,
    },
    "POST /shifts": new_shift(UNIT),
    "PATCH /shifts/{draft}": new_shift(UNIT),
    "POST /shifts/{draft}/assign": {"person_ids": [UNIT]},
    "POST /assignments/{assignment}/status": {"status": "accepted", "person_id": None},
}
del GOOD["PATCH /shifts/{draft}"]["unit_id"]


def bodies(good):
    """A good one of which some is changed or added, or anything at all."""
    changes = st.dictionaries(st.sampled_from(list(good)) | ANY_TEXT, ANYTHING, max_size=2)
    return changes.map(lambda changed: {**good, **changed}) | changes | ANYTHING


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    async with running_api(a_database, a_folder, documented) as running:
        yield running


@pytest.fixture(scope="module")
async def ids(api):
    person = await a_person(api)
    shift = await a_shift(api, None, person)
    return {
        "draft": await a_draft(api),
        "assignment": assignment_of(shift, person),
        "unit": await a_unit(api),
        "role": await a_role(api, "driver"),
        "person": person,
    }


@pytest.mark.parametrize("operation", GOOD)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
async def test_no_body_does_any_harm(api, ids, operation, data):
    method, path = operation.split()
    before = await position(api)
    response = await api.admin.request(
        method,
        path.format(**ids),
        content=json.dumps(data.draw(bodies(GOOD[operation]))),
        headers={"Content-Type": "application/json"},
    )
    told = response.json()
    assert response.status_code < 500, told
    if response.status_code >= 400:
        assert set(told) == {"error", "message", "details"}
        assert await position(api) == before
    if told.get("error") == "ValidationError":
        assert response.status_code == 422
        assert told["details"]["fields"]
