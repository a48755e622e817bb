"""The importer brings every file to its end, whatever happens to it and meanwhile."""

import asyncio
import os
import signal
import sys
from uuid import UUID

import pytest

from application.access import Actor
from application.identity.accounts import SetMemberRoles
from application.scheduling.imports import ImportShifts
from application.scheduling.units import ChangeUnit, CloseUnit
from domain.scheduling.shift import Shift
from domain.scheduling.shift_import import ShiftImport
from domain.shared.errors import Unavailable
from infrastructure.imports import drafting, importer, queue
from infrastructure.imports.staged import Sent
from tests.infrastructure.nats.support import query
from tests.support.api import a_person, a_unit, importing
from tests.support.sheets import ROW, a_sheet, many_rows

COUNT = "SELECT count(*) FROM stored_events WHERE topic = %s"


@pytest.fixture(autouse=True)
async def unit(api):
    """The only one of its name."""
    unit_id = UUID(await a_unit(api))
    yield unit_id
    await api.run(CloseUnit(unit_id), api.actor("admin"))


async def staged(api, file):
    sent = Sent(file, "week.xlsx", dry_run=False, request_id="r", correlation_id="c", key=None)
    return await api.core.staging.stage(ImportShifts, sent, api.actor("coordinator"))


async def the_end(api, import_id, seconds=20):
    async with asyncio.timeout(seconds):
        while True:
            found = await api.core.staging.find(import_id, api.tenant_id)
            if found.has_ended:
                return found
            await asyncio.sleep(0.02)


def stored(database_url):
    """How many drafts, and how many imports, there are in the log."""
    kinds = (Shift.Drafted, ShiftImport.Imported)
    return tuple(query(database_url, COUNT, (kind.TOPIC,))[0][0] for kind in kinds)


async def test_one_that_is_killed_after_the_append_leaves_nothing_to_be_done_twice(
    api, database_url, tmp_path
):
    drafts, imports = stored(database_url)
    import_id = await staged(api, many_rows(20))
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "interfaces.workers", "importer"),
        env={
            **os.environ,
            "OPSTREAM_DATABASE_URL": database_url,
            "OPSTREAM_DATA_DIR": str(tmp_path),
            "OPSTREAM_FAILPOINTS": "import_stored=kill",
        },
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await asyncio.wait_for(worker.wait(), 30) == -signal.SIGKILL
    assert stored(database_url) == (drafts + 20, imports + 1)
    assert not (await api.core.staging.find(import_id, api.tenant_id)).has_ended
    # As if its lease's time had passed.
    query(database_url, "UPDATE imports SET leased_until = now()")
    async with importing(api.core.settings):
        ended = await the_end(api, import_id)
    assert (ended.state, ended.created, len(ended.shifts)) == ("done", 20, 20)
    assert stored(database_url) == (drafts + 20, imports + 1)


async def test_a_lease_is_kept_as_long_as_the_work_lasts(api, monkeypatch):
    held = asyncio.Event()

    async def dawdle(self):
        held.set()
        await asyncio.sleep(0.8)
        return await really(self)

    really = drafting.Drafting.done
    monkeypatch.setattr(drafting.Drafting, "done", dawdle)
    import_id = await staged(api, a_sheet(ROW))
    async with importing(api.core.settings, lease=0.3), importing(api.core.settings, lease=0.3):
        await held.wait()
        held.clear()
        assert (await the_end(api, import_id)).state == "done"
        assert not held.is_set(), "nobody else took it on"


async def test_what_goes_wrong_here_is_tried_three_times_and_then_told(api, monkeypatch):
    tries = []

    async def fail(self):
        tries.append(self)
        raise RuntimeError

    monkeypatch.setattr(drafting.Drafting, "done", fail)
    monkeypatch.setattr(queue, "LATER", 0.0)
    import_id = await staged(api, a_sheet(ROW))
    async with importing(api.core.settings):
        ended = await the_end(api, import_id)
    assert (ended.state, ended.failure["kind"], len(tries)) == ("failed", "unavailable", 3)


async def test_a_log_that_is_away_is_waited_for(api, monkeypatch):
    tries = []

    async def wait(self):
        tries.append(self)
        if len(tries) < importer.ATTEMPTS + 2:
            raise Unavailable("Not now.")
        return await really(self)

    really = drafting.Drafting.done
    monkeypatch.setattr(drafting.Drafting, "done", wait)
    monkeypatch.setattr(queue, "LATER", 0.0)
    import_id = await staged(api, a_sheet(ROW))
    async with importing(api.core.settings):
        assert (await the_end(api, import_id)).state == "done"
    assert len(tries) == importer.ATTEMPTS + 2


async def test_who_has_lost_the_role_meanwhile_imports_nothing(api, database_url):
    before = stored(database_url)
    import_id = await staged(api, a_sheet(ROW))
    await become(api, "staff")
    async with importing(api.core.settings):
        ended = await the_end(api, import_id)
    await become(api, "coordinator")
    assert (ended.state, ended.failure["kind"]) == ("refused", "forbidden")
    assert stored(database_url) == before


async def become(api, role):
    command = SetMemberRoles(api.accounts["coordinator"], (role,))
    await api.run(command, Actor.system(api.tenant_id))


async def meanwhile(api, monkeypatch, command):
    """Happens once, after the rows were held against what there was."""
    commands = [command]

    async def warm(self, planned):
        if commands:
            await api.run(commands.pop(), api.actor("admin"))
        await really(self, planned)

    really = drafting.Drafting._warm
    monkeypatch.setattr(drafting.Drafting, "_warm", warm)


async def test_a_unit_that_is_closed_meanwhile_is_told_as_closed(api, unit, monkeypatch):
    await meanwhile(api, monkeypatch, CloseUnit(unit))
    import_id = await staged(api, a_sheet(ROW))
    async with importing(api.core.settings):
        ended = await the_end(api, import_id)
    (problem,) = ended.failure["data"]["rows"]
    assert problem["reason"] == "the unit is closed: it gets no new shifts"


async def test_a_zone_that_is_changed_meanwhile_is_the_one_that_counts(api, unit, monkeypatch):
    await meanwhile(api, monkeypatch, ChangeUnit(unit, zone="Asia/Tokyo"))
    import_id = await staged(api, a_sheet(ROW))
    async with importing(api.core.settings):
        ended = await the_end(api, import_id)
    (shift,) = ended.shifts
    assert (shift["zone"], shift["start"]) == ("Asia/Tokyo", "2199-02-28T23:00:00+00:00")


async def test_hundreds_of_people_are_no_trouble(api):
    people = [f"p{number}@example.test" for number in range(40)]
    for email in people:
        await a_person(api, email=email)
    import_id = await staged(api, many_rows(120, people=people))
    async with importing(api.core.settings):
        ended = await the_end(api, import_id)
    assert (ended.state, ended.created) == ("done", 120)
    assert all(len(shift["people"]) == 1 for shift in ended.shifts)
