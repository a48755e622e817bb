"""Swaps: offered, taken, approved, rejected, withdrawn; shown to whom they concern."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
import pytest

from interfaces.http.scheduler.common import AN_ID
from tests.interfaces.http.answers import broken, invalid, page, refused
from tests.support.api import a_person, a_shift, a_unit, an_account, assignment_of, somebody

MORNING = {"start": "2199-03-01T06:00:00+01:00", "end": "2199-03-01T14:00:00+01:00"}
EVENING = {"start": "2199-03-03T14:00:00+01:00", "end": "2199-03-03T22:00:00+01:00"}


@dataclass
class Holder:
    """Somebody with an account who is on a shift."""

    client: httpx.AsyncClient
    person: str
    shift: str
    times: dict[str, str]

    @property
    def assignment(self):
        return assignment_of(self.shift, self.person)

    def place(self, unit):
        return {
            "assignment_id": self.assignment,
            "shift_id": self.shift,
            "person_id": self.person,
            "unit_id": unit,
            "role": "nurse",
            **self.times,
        }


async def a_holder(api, unit, times, role="volunteer", **changes):
    client, person = await somebody(api, role, **changes)
    shift = await a_shift(api, unit, person, **times)
    return Holder(client, person, shift, times)


@pytest.fixture
async def unit(api):
    return await a_unit(api)


@pytest.fixture
async def ana(api, unit):
    return await a_holder(api, unit, MORNING)


@pytest.fixture
async def ben(api, unit):
    return await a_holder(api, unit, EVENING, "staff")


@pytest.fixture
async def approval(api):
    """While a test runs a coordinator has to approve."""
    await api.admin.patch("/policy", json={"swaps_need_approval": True})
    yield
    await api.admin.patch("/policy", json={"swaps_need_approval": False})


async def offer(holder, **more):
    body = {"assignment_id": holder.assignment, **more}
    response = await holder.client.post("/swaps", json=body)
    assert response.status_code == 201, response.text
    return response.json()


def accept(holder, swap):
    path, body = f"/swaps/{swap['id']}/accept", {"assignment_id": holder.assignment}
    return holder.client.post(path, json=body)


async def holders_of(api, shift):
    found = (await api.coordinator.get(f"/shifts/{shift}")).json()
    return {one["person_id"]: one["status"] for one in found["assignments"]}


async def test_nobody_swaps_or_approves_for_others(ana, ben):
    swap = await offer(ana)
    for answer in (
        await ben.client.post("/swaps", json={"assignment_id": ana.assignment}),
        await ana.client.post(
            f"/swaps/{swap['id']}/accept", json={"assignment_id": ben.assignment}
        ),
        await ben.client.post(f"/swaps/{swap['id']}/withdraw"),
    ):
        assert refused(answer, 403, "PermissionError") == {}
    for answer in (
        await ana.client.post(f"/swaps/{swap['id']}/approve"),
        await ana.client.post(f"/swaps/{swap['id']}/reject", json={"reason": "So."}),
    ):
        assert refused(answer, 403, "PermissionError") == {"needs": "swaps:approve:all"}


async def test_a_place_is_offered_and_shown_to_who_could_take_it(api, unit, ana, ben):
    swap = await offer(ana, note=" A wedding. ")
    assert swap == {
        "id": str(UUID(swap["id"])),
        "status": "offered",
        "offered": ana.place(unit),
        "in_return": None,
        "to_person_id": None,
        "note": "A wedding.",
        "reason": None,
    }
    for client in (ana.client, ben.client, api.coordinator, api.admin):
        assert (await client.get(f"/swaps/{swap['id']}")).json() == swap
        assert swap in (await client.get("/swaps", params={"status": "offered"})).json()["items"]
    assert (await ana.client.get("/swaps", params={"status": "taken"})).json() == page()


async def test_a_swap_is_not_there_for_who_could_not_take_it(api, ana, ben):
    cook, _ = await somebody(api, roles=["cook"])
    swap = await offer(ana, to_person_id=await a_person(api))
    for client in (cook, ben.client, api.stranger):
        which = {"what": "swap", "id": swap["id"]}
        answer = await client.get(f"/swaps/{swap['id']}")
        assert refused(answer, 404, "NotFoundError") == which
        assert swap not in (await client.get("/swaps")).json()["items"]


async def test_an_account_that_acts_for_nobody_is_told_so(api):
    client, account_id = await an_account(api, "staff")
    nobody = {"what": "person of the account", "id": str(account_id)}
    for path in ("/swaps", f"/swaps/{uuid4()}"):
        assert refused(await client.get(path), 404, "NotFoundError") == nobody


async def test_two_exchange_their_places(api, unit, ana, ben):
    swap = await offer(ana, to_person_id=ben.person)
    response = await accept(ben, swap)
    exchanged = {**swap, "status": "exchanged", "in_return": ben.place(unit)}
    assert (response.status_code, response.json()) == (200, exchanged)
    assert await holders_of(api, ana.shift) == {ana.person: "swapped", ben.person: "accepted"}
    assert await holders_of(api, ben.shift) == {ben.person: "swapped", ana.person: "accepted"}
    for client in (ana.client, ben.client):
        assert (await client.get(f"/swaps/{swap['id']}")).json() == exchanged
    upcoming = (await ana.client.get("/me")).json()["assignments"]
    assert [(one["shift_id"], one["status"]) for one in upcoming] == [
        (ana.shift, "swapped"),
        (ben.shift, "accepted"),
    ]


@pytest.mark.usefixtures("approval")
async def test_a_coordinator_approves_where_the_policy_wants_it(api, unit, ana, ben):
    swap = await offer(ana)
    response = await accept(ben, swap)
    taken = {**swap, "status": "taken", "in_return": ben.place(unit)}
    assert (response.status_code, response.json()) == (200, taken)
    assert await holders_of(api, ana.shift) == {ana.person: "pending"}
    assert (
        taken in (await api.coordinator.get("/swaps", params={"status": "taken"})).json()["items"]
    )
    response = await api.coordinator.post(f"/swaps/{swap['id']}/approve")
    assert (response.status_code, response.json()) == (200, {**taken, "status": "exchanged"})
    assert await holders_of(api, ana.shift) == {ana.person: "swapped", ben.person: "accepted"}


@pytest.mark.usefixtures("approval")
async def test_a_coordinator_rejects_and_says_why(api, unit, ana, ben):
    swap = await offer(ana)
    await accept(ben, swap)
    path, body = f"/swaps/{swap['id']}/reject", {"reason": "The ward needs her."}
    response = await api.coordinator.post(path, json=body)
    rejected = {**swap, "status": "rejected", "in_return": ben.place(unit), **body}
    assert (response.status_code, response.json()) == (200, rejected)
    assert (await ana.client.get(f"/swaps/{swap['id']}")).json() == rejected
    assert await holders_of(api, ana.shift) == {ana.person: "pending"}


@pytest.mark.usefixtures("approval")
async def test_what_does_not_hold_any_more_is_told_of_either_side(api, ana, ben):
    swap = await offer(ana)
    await accept(ben, swap)
    await api.admin.patch(f"/people/{ana.person}", json={"roles": ["cook"]})
    await api.coordinator.post(f"/shifts/{ben.shift}/cancel", json={"reason": "Flooded."})
    response = await api.coordinator.post(f"/swaps/{swap['id']}/approve")
    assert broken(response, "NotOpen", "RoleMissing") == [
        {
            "rule": "NotOpen",
            "message": "The shift is not open: it is cancelled.",
            "person_id": ben.person,
            "shift_id": ben.shift,
            "status": "cancelled",
        },
        {
            "rule": "RoleMissing",
            "message": "The person does not have the role nurse.",
            "person_id": ana.person,
            "shift_id": ben.shift,
            "role": "nurse",
        },
    ]


async def test_an_offer_is_withdrawn_and_can_be_made_again(ana, ben):
    swap = await offer(ana)
    again = await ana.client.post("/swaps", json={"assignment_id": ana.assignment})
    told = {"person_id": ana.person, "swap_id": swap["id"]}
    assert broken(again, "AlreadyOffered")[0].items() >= told.items()
    response = await ana.client.post(f"/swaps/{swap['id']}/withdraw")
    assert (response.status_code, response.json()) == (200, {**swap, "status": "withdrawn"})
    assert broken(await accept(ben, swap), "NotOnOffer")[0]["status"] == "withdrawn"
    broken(await ana.client.post(f"/swaps/{swap['id']}/withdraw"), "SwapIsOver")
    await offer(ana)


async def test_who_gives_the_place_back_lets_the_offer_lapse(ana):
    swap = await offer(ana)
    await ana.client.post(f"/assignments/{ana.assignment}/status", json={"status": "declined"})
    shown = await ana.client.get(f"/swaps/{swap['id']}")
    assert shown.json() == {**swap, "status": "lapsed"}


async def test_the_same_offer_again_gets_the_same_answer(ana):
    body, headers = {"assignment_id": ana.assignment}, {"Idempotency-Key": "my swap"}
    first = await ana.client.post("/swaps", json=body, headers=headers)
    again = await ana.client.post("/swaps", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/swaps", {}, "assignment_id"),
        ("/swaps", {"assignment_id": "x"}, "assignment_id"),
        ("/swaps", {"assignment_id": str(uuid4()), "to_person_id": 1}, "to_person_id"),
        ("/swaps", {"assignment_id": str(uuid4()), "note": "x" * 1001}, "note"),
        ("/swaps", {"assignment_id": str(uuid4()), "note": None}, "note"),
        ("/swaps", {"assignment_id": str(uuid4()), "why": "so"}, "why"),
        (f"/swaps/{AN_ID}/accept", {}, "assignment_id"),
        ("/swaps/x/accept", {"assignment_id": str(uuid4())}, "swap_id"),
        (f"/swaps/{AN_ID}/reject", {}, "reason"),
        (f"/swaps/{AN_ID}/reject", {"reason": " "}, "reason"),
    ],
)
async def test_what_can_not_be_read_is_named(api, path, body, field):
    invalid(await api.coordinator.post(path, json=body), field)


async def test_a_status_that_there_is_not_is_named(api):
    invalid(await api.coordinator.get("/swaps", params={"status": "open"}), "status")


async def test_what_never_was_is_not_found(api, ana):
    which, assignment = str(uuid4()), {"assignment_id": ana.assignment}
    for path, body in (("accept", assignment), ("approve", None), ("withdraw", None)):
        answer = await api.coordinator.post(f"/swaps/{which}/{path}", json=body)
        assert refused(answer, 404, "NotFoundError") == {"what": "swap", "id": which}
    for path in ("/swaps", f"/swaps/{which}/accept"):
        answer = await api.coordinator.post(path, json={"assignment_id": which})
        assert refused(answer, 404, "NotFoundError") == {"what": "assignment", "id": which}


async def test_swaps_come_in_pages_the_newest_first(api, unit):
    client, person = await somebody(api, roles=["cook"])
    swaps = []
    for day in "567":
        times = {"start": f"2199-03-0{day}T06:00Z", "end": f"2199-03-0{day}T14:00Z", "role": "cook"}
        holder = Holder(client, person, await a_shift(api, unit, person, **times), times)
        swaps.insert(0, await offer(holder, to_person_id=await a_person(api)))
    second = (await client.get("/swaps", params={"page": 2, "pageSize": 2})).json()
    assert second == page(swaps[2], number=2, size=2, total=3)
