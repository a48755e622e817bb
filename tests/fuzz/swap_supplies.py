"""Swaps made beforehand, so that each can be taken, approved, rejected or withdrawn."""

from collections.abc import Iterator

from tests.support.api import Api, a_shift, assignment_of

FEW = 3
"""Of each kind: what is withdrawn or exchanged can't be so again."""

Days = Iterator[dict[str, str]]
Supplies = dict[str, dict[str, list[str]]]


async def swap_supplies(api: Api, unit: str, person: str, other: str, days: Days) -> Supplies:
    """For an account that acts for the person, or for nobody."""
    own = [await _place(api, unit, person, days) for _ in range(3 * FEW)]
    theirs = [await _place(api, unit, other, days) for _ in range(3 * FEW)]
    mine = [await _offer(api, place) for place in own[:FEW]]
    offered = [await _offer(api, place) for place in theirs]
    await api.admin.patch("/policy", json={"swaps_need_approval": True})
    for swap_id in offered[FEW:]:
        body = {"assignment_id": await _place(api, unit, person, days)}
        taken = await api.coordinator.post(f"/swaps/{swap_id}/accept", json=body)
        assert taken.status_code == 200, taken.text
    await api.admin.patch("/policy", json={"swaps_need_approval": False})
    return {
        "POST /swaps": {"body.assignment_id": own[FEW : 2 * FEW], "body.to_person_id": [other]},
        "GET /swaps/{swap_id}": {"path.swap_id": [*mine, *offered]},
        "POST /swaps/{swap_id}/accept": {
            "path.swap_id": offered[:FEW],
            "body.assignment_id": own[2 * FEW :],
        },
        "POST /swaps/{swap_id}/approve": {"path.swap_id": offered[FEW : 2 * FEW]},
        "POST /swaps/{swap_id}/reject": {"path.swap_id": offered[2 * FEW :]},
        "POST /swaps/{swap_id}/withdraw": {"path.swap_id": mine},
    }


async def _place(api: Api, unit: str, person: str, days: Days) -> str:
    """An assignment of the person, on a day of its own."""
    return assignment_of(await a_shift(api, unit, person, **next(days)), person)


async def _offer(api: Api, assignment: str) -> str:
    made = await api.coordinator.post("/swaps", json={"assignment_id": assignment})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])
