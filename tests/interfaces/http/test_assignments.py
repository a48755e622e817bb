"""Answers to assignments: accepted, declined, handed on."""

from uuid import uuid4

import pytest

from tests.interfaces.http.answers import broken, invalid, refused
from tests.support.api import a_person, a_shift, assignment_of


@pytest.fixture
async def person(api):
    return await a_person(api, "volunteer")


@pytest.fixture
async def shift(api, person):
    """Each at an hour of its own, since its person can't be in two places."""
    return await a_shift(api, None, person)


@pytest.fixture
def answer(api, shift, person):
    def ask(status, client=None, of=None, **more):
        path = f"/assignments/{assignment_of(shift, of or person)}/status"
        return (client or api.volunteer).post(path, json={"status": status, **more})

    return ask


def statuses(response):
    assert response.status_code == 200, response.text
    return {one["person_id"]: one["status"] for one in response.json()["assignments"]}


@pytest.mark.parametrize("word", ["Accepted", "accepted", "ACCEPTED"])
async def test_the_assignee_accepts(api, answer, shift, person, word):
    response = await answer(word)
    assert statuses(response) == {person: "accepted"}
    assert (response.json()["id"], response.json()["taken"]) == (shift, 1)
    listed = await api.coordinator.get("/shifts", params={"person_id": person})
    assert listed.json()["items"] == [response.json()]


async def test_the_assignee_declines_and_the_place_is_free(api, answer, shift, person):
    response = await answer("Declined")
    assert (statuses(response), response.json()["taken"]) == ({person: "declined"}, 0)
    other = await a_person(api)
    body = {"person_ids": [other]}
    assigned = await api.coordinator.post(f"/shifts/{shift}/assign", json=body)
    assert statuses(assigned) == {person: "declined", other: "pending"}


async def test_an_accepted_place_can_be_given_back(answer, person):
    await answer("accepted")
    assert statuses(await answer("declined")) == {person: "declined"}


async def test_a_place_is_handed_to_somebody_who_has_yet_to_accept(answer, person, api):
    other = await a_person(api, "staff")
    assert statuses(await answer("Reassigned", person_id=other)) == {
        person: "reassigned",
        other: "pending",
    }
    assert statuses(await answer("accepted", api.staff, of=other))[other] == "accepted"


async def test_a_coordinator_answers_for_anybody(api, answer, person):
    assert statuses(await answer("Accepted", api.coordinator)) == {person: "accepted"}


@pytest.mark.parametrize(
    ("first", "then", "rule"),
    [
        ("accepted", "accepted", "AlreadyAnswered"),
        ("declined", "accepted", "AlreadyAnswered"),
        ("declined", "declined", "AlreadyAnswered"),
    ],
)
async def test_an_answer_is_given_once(answer, first, then, rule):
    await answer(first)
    assert broken(await answer(then), rule)[0]["status"] == first


async def test_a_place_can_not_be_handed_to_somebody_unfit(api, answer, person):
    cook = await a_person(api, roles=["cook"])
    broken(await answer("reassigned", person_id=cook), "RoleMissing")
    assert statuses(await answer("accepted")) == {person: "accepted"}


async def test_a_place_can_not_be_handed_to_nobody(answer):
    stranger = str(uuid4())
    details = refused(await answer("reassigned", person_id=stranger), 404, "NotFoundError")
    assert details == {"what": "person", "id": stranger}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "status"),
        ({"status": "maybe"}, "status"),
        ({"status": 1}, "status"),
        ({"status": None}, "status"),
        ({"status": "reassigned"}, "person_id"),
        ({"status": "accepted", "person_id": str(uuid4())}, "person_id"),
        ({"status": "reassigned", "person_id": "x"}, "person_id"),
        ({"status": "accepted", "why": "so"}, "why"),
    ],
)
async def test_an_answer_that_can_not_be_read_is_named(api, body, field):
    response = await api.volunteer.post(f"/assignments/{uuid4()}/status", json=body)
    invalid(response, field)


async def test_an_assignment_is_named_by_its_id(api):
    invalid(
        await api.volunteer.post("/assignments/x/status", json={"status": "a"}),
        *("assignment_id", "status"),
    )
