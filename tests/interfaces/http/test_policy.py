"""What a tenant lays down for its shifts."""

import pytest

from tests.interfaces.http.answers import broken, invalid
from tests.support.api import a_person, a_shift

DEFAULT = {"minimum_rest_hours": 11.0, "swaps_need_approval": False}


async def test_nothing_is_laid_down_at_first(api):
    assert (await api.admin.get("/policy")).json() == DEFAULT


@pytest.mark.parametrize(
    ("who", "sees", "changes"),
    [("nobody", 401, 401), ("staff", 403, 403), ("coordinator", 200, 403), ("admin", 200, 200)],
)
async def test_coordinators_see_it_and_admins_change_it(api, who, sees, changes):
    assert (await api.clients[who].get("/policy")).status_code == sees
    answer = await api.clients[who].patch("/policy", json={"minimum_rest_hours": 9})
    assert answer.status_code == changes


async def test_what_is_left_out_stays(api):
    await api.admin.patch("/policy", json=DEFAULT)
    answer = await api.admin.patch("/policy", json={"swaps_need_approval": True})
    assert answer.json() == DEFAULT | {"swaps_need_approval": True}
    await api.admin.patch("/policy", json={"minimum_rest_hours": 8.5})
    changed = {"minimum_rest_hours": 8.5, "swaps_need_approval": True}
    assert (await api.admin.get("/policy")).json() == changed
    assert (await api.stranger.get("/policy")).json() == DEFAULT


@pytest.mark.parametrize("hours", [-1, 169, "11", None, True])
async def test_a_rest_is_a_number_of_hours(api, hours):
    answer = await api.admin.patch("/policy", json={"minimum_rest_hours": hours})
    invalid(answer, "minimum_rest_hours")


@pytest.mark.parametrize(("rest", "allowed"), [(11, False), (10, True), (0, True)])
async def test_the_rest_between_two_shifts_is_kept(api, rest, allowed):
    await api.admin.patch("/policy", json={"minimum_rest_hours": rest})
    person = await a_person(api)
    await a_shift(api, None, person)
    # The first ends at 15:00Z; this one begins ten hours later.
    early = await a_shift(api, start="2199-03-02T01:00:00Z", end="2199-03-02T09:00:00Z")
    answer = await api.coordinator.post(f"/shifts/{early}/assign", json={"person_ids": [person]})
    if allowed:
        assert answer.status_code == 200
    else:
        (reason,) = broken(answer, "TooLittleRest")
        assert (reason["rest_hours"], reason["minimum_rest_hours"]) == (10.0, 11.0)
