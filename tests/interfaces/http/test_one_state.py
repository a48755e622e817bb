"""What one answer tells fits together, whatever is written while it is read."""

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.support.api import a_draft, a_person, a_shift, a_unit, assignment_of


@pytest.fixture
def after_each_statement(monkeypatch):
    """Have something happen, and be shown, between two statements of a query."""
    execute = AsyncConnection.execute
    acts = []

    async def then_act(self, *arguments, **named):
        result = await execute(self, *arguments, **named)
        waiting, acts[:] = acts[:], []
        for act in waiting:
            await act()
        return result

    monkeypatch.setattr(AsyncConnection, "execute", then_act)
    return acts.append


async def test_the_places_taken_are_those_of_the_assignments(api, after_each_statement):
    person, unit = await a_person(api), await a_unit(api)
    shift = await a_shift(api, unit, person)
    path = f"/assignments/{assignment_of(shift, person)}/status"

    async def once_more():
        after_each_statement(decline)

    async def decline():
        response = await api.coordinator.post(path, json={"status": "declined"})
        assert response.status_code == 200

    after_each_statement(once_more)
    answer = await api.coordinator.get("/shifts", params={"unit_id": unit})
    (listed,) = answer.json()["items"]
    assert (listed["taken"], statuses(listed)) in [(1, ["pending"]), (0, ["declined"])]


def statuses(shift):
    return [one["status"] for one in shift["assignments"]]


async def test_the_total_is_that_of_the_items(api, after_each_statement):
    unit = await a_unit(api)
    await a_draft(api, unit)

    async def draft():
        await a_draft(api, unit)

    after_each_statement(draft)
    answer = (await api.coordinator.get("/shifts", params={"unit_id": unit})).json()
    assert answer["total"] == len(answer["items"])


@pytest.mark.parametrize(
    "path", ["/shifts", "/units", "/people", "/members", "/audit-logs", "/shifts?pageSize=1"]
)
async def test_a_page_is_read_by_one_statement(api, path, monkeypatch):
    await a_shift(api, None, await a_person(api))
    execute, asked = AsyncConnection.execute, []

    async def counted(self, *arguments, **named):
        asked.append(arguments)
        return await execute(self, *arguments, **named)

    monkeypatch.setattr(AsyncConnection, "execute", counted)
    response = await api.admin.get(path)
    assert response.status_code == 200
    assert len(asked) == 1
