"""What opstream does by itself, shown to admins."""

from datetime import UTC, datetime, timedelta

import pytest

from infrastructure.jobs import runs
from infrastructure.jobs.timetable import TIMETABLE
from tests.interfaces.http.answers import invalid, page, refused

SLOT = datetime(2026, 11, 2, 2, tzinfo=UTC)


@pytest.mark.parametrize("who", ["coordinator", "staff", "volunteer", "auditor"])
async def test_only_admins_see_jobs(api, who):
    details = refused(await api.clients[who].get("/jobs"), 403, "PermissionError")
    assert details == {"needs": "jobs:read:all"}


async def test_jobs_are_shown_with_their_last_and_next_slots(api):
    rhythm = TIMETABLE["weekly-hours"]
    later = SLOT + timedelta(days=3)
    async with api.core.pool.connection() as connection:
        for slot in (SLOT, later):
            await runs.begin(connection, "weekly-hours", rhythm, slot, slot)
        await runs.end(connection, "weekly-hours", later, 1, later, "Unavailable")
    before = datetime.now(UTC)
    shown = (await api.admin.get("/jobs")).json()
    slots = {rhythm.next(before), rhythm.next(datetime.now(UTC))}
    (job,) = [each for each in shown["items"] if each["name"] == "weekly-hours"]
    assert datetime.fromisoformat(job.pop("next_slot")) in slots
    assert job == {
        "name": "weekly-hours",
        "when": "daily at 02:00 UTC",
        "last": {
            "slot": "2026-11-05T02:00:00Z",
            "slots": 3,
            "state": "failed",
            "attempts": 1,
            "started_at": "2026-11-05T02:00:00Z",
            "ended_at": "2026-11-05T02:00:00Z",
            "error": "Unavailable",
        },
    }
    assert shown == page(*shown["items"])
    assert [each["name"] for each in shown["items"]] == [*TIMETABLE]
    assert [each["last"] for each in shown["items"] if each["name"] == "sweep"] == [None]


async def test_jobs_have_pages(api):
    shown = (await api.admin.get("/jobs", params={"page": 2, "pageSize": 2})).json()
    assert [each["name"] for each in shown["items"]] == [*TIMETABLE][2:4]
    assert (shown["page"], shown["page_size"], shown["total"]) == (2, 2, len(TIMETABLE))
    invalid(await api.admin.get("/jobs", params={"page": 0}), "page")
