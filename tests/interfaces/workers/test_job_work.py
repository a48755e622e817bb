"""What each job does, on the real log, read models and projector."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from application.access import Actor
from application.scheduling import digests
from application.scheduling.shifts import CompleteShift, DraftShift
from domain.shared.errors import Unavailable
from domain.shared.ids import ShiftId, UnitId
from interfaces.workers.jobs import turn, weekly_hours
from interfaces.workers.jobs.catalogue import JOBS
from interfaces.workers.jobs.turn import Slot, TenantsFailedError, in_each_tenant
from tests.infrastructure.nats.support import query
from tests.support.api import (
    PAST,
    a_draft,
    a_past_shift,
    a_person,
    a_shift,
    a_unit,
    assignment_of,
    position,
    running_api,
)
from tests.support.logs import logged

NOW = datetime.now(UTC).replace(microsecond=0)
SOON = {
    "start": (NOW + timedelta(hours=3)).isoformat(),
    "end": (NOW + timedelta(hours=9)).isoformat(),
}


@pytest.fixture(scope="module")
def a_database(new_database):
    with new_database() as url:
        yield url


@pytest.fixture(scope="module")
async def api(a_database, tmp_path_factory):
    async with running_api(a_database, tmp_path_factory.mktemp("data")) as running:
        yield running


async def run(api, job, hours=0):
    """The job as its leader runs it, so many hours from now; answers with how much was done, once
    reads show it.
    """
    moment = NOW + timedelta(hours=hours)
    done = await JOBS[job](api.core, Slot(job, moment, moment))
    assert await api.core.watch.reached(await position(api), 5)
    return done


def happened(a_database, shift_id):
    """The latest event of a shift: what, who, and by which command."""
    rows = query(
        a_database,
        "SELECT topic, metadata->>'actor', metadata->>'request_id' FROM stored_events "
        "WHERE originator_id = %s ORDER BY originator_version DESC LIMIT 1",
        (shift_id,),
    )
    return rows[0]


async def test_past_shifts_are_completed_once(api, a_database):
    past, open_ = await a_past_shift(api), await a_shift(api)
    assert await run(api, "completion") == 1
    assert await run(api, "completion", hours=1) == 0
    topic, actor, request = happened(a_database, past)
    assert topic == "scheduling.ShiftCompleted"
    assert (UUID(actor).int, request) == (0, f"job:completion:{NOW:%Y-%m-%dT%H:%MZ}")
    assert happened(a_database, open_)[0] == "scheduling.ShiftPublished"


async def test_what_somebody_completed_first_keeps_nobody_else_from_it(api, a_database):
    """The read models may be behind: the log decides."""
    first, second = await a_past_shift(api), await a_past_shift(api)
    places = [(PAST, ShiftId(UUID(each))) for each in (first, second)]
    assert (await api.coordinator.post(f"/shifts/{first}/complete")).is_success

    async def batch(after):
        return places if after is None else []

    moment = NOW + timedelta(hours=2)
    mine = turn.Turn(api.core, Slot("completion", moment, moment), api.tenant_id)
    assert await mine.do_each(batch, CompleteShift) == 1
    assert await mine.do_each(batch, CompleteShift) == 1, "of the same slot, so told again"
    assert happened(a_database, second)[0] == "scheduling.ShiftCompleted"


async def test_people_are_reminded_once_of_what_begins_soon(api, a_database):
    unit = await a_unit(api)
    ana, ben = await a_person(api), await a_person(api)
    soon = await a_shift(api, unit, ana, **SOON)
    late = await a_shift(api, unit, ben)
    for shift, person in ((soon, ana), (late, ben)):
        answer = f"/assignments/{assignment_of(shift, person)}/status"
        assert (await api.coordinator.post(answer, json={"status": "accepted"})).is_success
    assert await run(api, "reminders") == 1
    assert await run(api, "reminders", hours=1) == 0
    assert happened(a_database, soon)[0] == "scheduling.ShiftReminded"
    assert happened(a_database, late)[0] == "scheduling.AssignmentAccepted"


async def test_patterns_are_drafted_ahead_once(api):
    pattern = {
        "unit_id": await a_unit(api),
        "role": "nurse",
        "rrule": "FREQ=WEEKLY;BYDAY=MO",
        "first_day": str(NOW.date()),
        "start": "06:00",
        "end": "14:00",
        "headcount": 1,
        "weeks_ahead": 3,
    }
    answer = await api.coordinator.post("/shift-patterns", json=pattern)
    assert answer.status_code == 201, answer.text
    wanted = {"unit_id": pattern["unit_id"], "status": "draft"}
    for hours in (0, 24):
        assert await run(api, "draft-ahead", hours=hours) == 1
        assert (await api.coordinator.get("/shifts", params=wanted)).json()["total"] in {3, 4}


async def test_stale_drafts_are_discarded(api, a_database):
    unit = await a_unit(api)
    over = await a_draft(api, unit, start=PAST.isoformat(), end=f"{PAST:%Y-%m-%d}T16:00Z")
    fresh = await a_draft(api, unit)
    command = DraftShift(UnitId(UUID(unit)), "nurse", NOW, NOW + timedelta(days=5), 1, {})
    old = await api.run(command, Actor.system(api.tenant_id), at=lambda: NOW - timedelta(days=401))
    assert await run(api, "stale-drafts") == 2
    assert {happened(a_database, each)[0] for each in (over, old)} == {"scheduling.ShiftDiscarded"}
    assert happened(a_database, fresh)[0] == "scheduling.ShiftDrafted"


async def test_the_digest_tells_the_worst_first(api, a_database, monkeypatch):
    for module in (digests, weekly_hours):
        monkeypatch.setattr(module, "MOST_PEOPLE", 1)
    unit = await a_unit(api)
    cap = {"weekly_hour_cap": 2}
    ana, ben = await a_person(api, **cap), await a_person(api, **cap)
    await a_shift(api, unit, ana, **{**SOON, "end": (NOW + timedelta(hours=27)).isoformat()})
    await a_shift(api, unit, ben, **SOON)
    await a_shift(api, unit, **SOON)
    issued = "SELECT convert_from(state, 'UTF8')::json FROM stored_events WHERE topic = %s"
    assert await run(api, "weekly-hours") == 2, "tenants"
    assert await run(api, "weekly-hours") == 2, "of the same slot, so told again"
    ((digest,),) = query(a_database, issued, ("scheduling.DigestIssued",))
    assert {line["person_id"] for line in digest["hours"]} == {ana}
    assert digest["left_out"] == 1
    assert digest["hours"][0]["name"] == "Ana"
    assert {"unit_id": unit, "name": "Ward 1", "shifts": 1, "places": 1} in digest["open_places"]
    assert digest["day"] == str(NOW.date())


async def test_a_tenant_that_fails_keeps_no_other_from_its_turn(api):
    served = []

    async def work(mine):
        served.append(mine.tenant_id)
        if mine.tenant_id == api.tenant_id:
            raise ZeroDivisionError("not to be told")
        return 1

    with logged() as lines, pytest.raises(TenantsFailedError):
        await in_each_tenant(work)(api.core, Slot("test", NOW, NOW))
    assert len(served) == 2
    (line,) = [line for line in lines if line["event"] == "job.tenant_failed"]
    assert (line["tenant"], line["error"]) == (str(api.tenant_id), "ZeroDivisionError")


async def test_where_the_read_models_are_behind_nothing_is_done(api, monkeypatch):
    monkeypatch.setattr(turn, "PATIENCE", 0.01)

    async def behind(*_):
        await asyncio.sleep(0)
        return False

    monkeypatch.setattr(turn, "everything_reached", behind)
    with pytest.raises(Unavailable):
        await run(api, "completion", hours=3)
