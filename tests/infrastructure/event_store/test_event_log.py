"""The log as the application sees it: the same on Postgres as in memory."""

import asyncio

import pytest

from application.attempt import Request
from application.dispatch import Dispatcher
from application.ports import IdempotencyKey, Version, VersionConflict
from application.scheduling.assignments import AssignPeople
from application.scheduling.shifts import ChangeShift, PublishShift
from application.scheduling.units import OpenUnit
from domain.identity.tenant import Tenant
from domain.scheduling.agenda import Agenda
from domain.scheduling.person import Person
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange
from domain.scheduling.unit import Unit
from domain.shared.aggregate import Aggregate
from domain.shared.errors import NotFound, RuleBroken, Unavailable
from domain.shared.ids import PLATFORM, PersonId
from domain.shared.moment import happening_at
from infrastructure.postgres import outages
from tests.infrastructure.event_store.conftest import process
from tests.support.appends import append_of, unit, version_of
from tests.support.given import counted_ids
from tests.support.logs import logged
from tests.support.memory import MemoryLog
from tests.support.scheduling import (
    ADMIN,
    ANA,
    BEN,
    COORDINATOR,
    FOREIGN,
    MORNING,
    NOW,
    OTHER,
    SHIFT,
    TENANT,
    agenda,
    draft,
    person,
    published,
)

KEY = IdempotencyKey("monday", b"\x00\xff")


@pytest.fixture(params=["postgres", "memory"])
def log(request):
    """The two must not be told apart."""
    return MemoryLog() if request.param == "memory" else request.getfixturevalue("event_log")


async def stored(log, *things, tenant=TENANT):
    return await log.append(append_of(*things, tenant=tenant))


async def test_what_is_stored_can_be_taken_and_read(log):
    await stored(log, draft(), person())
    assert await log.read(Person, ANA, TENANT) == _quiet(person())
    assert await log.take(Shift, SHIFT, TENANT) == _quiet(draft())


async def test_what_is_not_there_is_none(log):
    assert await log.take(Shift, SHIFT, TENANT) is None
    assert await log.read(Shift, SHIFT, TENANT) is None


@pytest.mark.parametrize("known", [False, True], ids=["from the log", "from the cache"])
async def test_what_belongs_to_another_tenant_is_none(log, known):
    await stored(log, draft())
    if known:
        await log.read(Shift, SHIFT, TENANT)
    assert await log.take(Shift, SHIFT, FOREIGN) is None
    assert await log.read(Shift, SHIFT, FOREIGN) is None
    assert await log.take(Shift, SHIFT, TENANT) is not None


@pytest.mark.parametrize("known", [False, True], ids=["from the log", "from the cache"])
async def test_what_is_of_another_kind_is_none(log, known):
    await stored(log, draft())
    if known:
        await log.read(Shift, SHIFT, TENANT)
    assert await log.take(Person, SHIFT, TENANT) is None
    assert await log.read(Person, SHIFT, TENANT) is None
    assert await log.take(Shift, SHIFT, TENANT) is not None


async def test_an_aggregate_can_be_seen_as_it_was(log):
    shift = draft()
    await stored(log, shift)
    with happening_at(NOW):
        shift.publish()
    await stored(log, shift)
    assert (await log.at(Version(Shift, SHIFT, 1), TENANT)).is_draft
    assert (await log.at(Version(Shift, SHIFT, 2), TENANT)).is_published


async def test_what_belongs_to_the_platform_can_be_seen_from_any_tenant(log):
    with happening_at(NOW):
        tenant = Tenant(id=TENANT, name="Demo")
    await stored(log, tenant, tenant=PLATFORM)
    assert (await log.at(Version(Tenant, TENANT, 1), TENANT)).name == "Demo"


async def test_another_tenants_past_is_not_found(log):
    await stored(log, draft())
    with pytest.raises(NotFound):
        await log.at(Version(Shift, SHIFT, 1), FOREIGN)


async def test_the_newest_is_known_to_be_so(log):
    shift = draft()
    await stored(log, shift)
    seen = version_of(shift)
    assert await log.is_newest([])
    assert await log.is_newest([seen])
    with happening_at(NOW):
        shift.publish()
    await stored(log, shift)
    assert not await log.is_newest([seen])
    assert await log.is_newest([version_of(shift)])


async def test_an_answer_is_remembered_under_its_key(log):
    ward = unit()
    position = await log.append(append_of(ward, key=KEY))
    fingerprint, answer = await log.answered("monday", COORDINATOR.account_id, TENANT)
    assert fingerprint == KEY.fingerprint
    assert (answer.versions, answer.many) == ((Version(Unit, ward.id, 1),), False)
    assert answer.position == position


async def test_a_key_is_not_known_elsewhere(log):
    await log.append(append_of(unit(), key=KEY))
    assert await log.answered("tuesday", COORDINATOR.account_id, TENANT) is None
    assert await log.answered("monday", ANA, TENANT) is None
    assert await log.answered("monday", COORDINATOR.account_id, FOREIGN) is None


async def test_what_somebody_else_stored_is_a_conflict(log):
    await stored(log, draft())
    with pytest.raises(VersionConflict):
        await stored(log, draft())


def dispatcher(log, ids=counted_ids()):  # noqa: B008 - shared on purpose
    return Dispatcher(log, lambda: NOW, lambda: next(ids), lambda _: None)


async def test_the_dispatcher_tells_the_same_story_on_both(log):
    run = dispatcher(log).run
    request = Request(ADMIN, "request-1", key=KEY)
    await stored(log, draft(), person(ANA), person(BEN))
    opened = await run(OpenUnit("Ward 1", "Europe/Berlin"), request, lambda unit: unit.name)
    assert await run(OpenUnit("Ward 1", "Europe/Berlin"), request, lambda unit: unit.name) == opened
    plain = Request(COORDINATOR, "request-2")
    done = await run(PublishShift(SHIFT), plain, lambda shift: shift.version)
    assert (done.result, done.position) == (2, 5)
    done = await run(AssignPeople(SHIFT, (ANA,)), plain, lambda shift: shift.taken)
    assert (done.result, done.position) == (1, 8)
    with pytest.raises(RuleBroken, match="places"):
        await run(AssignPeople(SHIFT, (BEN,)), plain, lambda shift: shift.taken)


async def test_one_process_sees_what_another_has_stored(event_log, another_process):
    request = Request(COORDINATOR, "request-1")
    here, there = dispatcher(event_log), dispatcher(another_process)
    await stored(event_log, draft())
    for headcount in range(2, 8):
        process = (here, there)[headcount % 2]
        await process.run(
            ChangeShift(SHIFT, PlanChange(headcount=headcount)), request, lambda shift: shift
        )
    await here.run(PublishShift(SHIFT), request, lambda shift: shift)
    with pytest.raises(RuleBroken, match="Only a draft"):
        await there.run(ChangeShift(SHIFT, PlanChange(headcount=9)), request, lambda shift: shift)
    shift = await another_process.read(Shift, SHIFT, TENANT)
    assert (shift.headcount, shift.version) == (7, 8)


async def test_two_processes_race_for_three_places(event_log, another_process):
    everybody = [person(PersonId(unit().id)) for _ in range(20)]
    await stored(event_log, published(headcount=3), *everybody)
    processes = [dispatcher(event_log), dispatcher(another_process)]
    request = Request(COORDINATOR, "race")
    results = await asyncio.gather(
        *(
            processes[number % 2].run(AssignPeople(SHIFT, (who.id,)), request, lambda shift: shift)
            for number, who in enumerate(everybody)
        ),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, RuleBroken)]
    assert len(refused) == 17
    assert (await event_log.at(Version(Shift, SHIFT, 5), TENANT)).taken == 3


async def test_two_shifts_race_for_one_person(event_log, another_process):
    await stored(event_log, published(), published(id=OTHER), person(ANA))
    request = Request(COORDINATOR, "race")
    results = await asyncio.gather(
        dispatcher(event_log).run(AssignPeople(SHIFT, (ANA,)), request, lambda shift: shift),
        dispatcher(another_process).run(AssignPeople(OTHER, (ANA,)), request, lambda shift: shift),
        return_exceptions=True,
    )
    assert sorted(isinstance(result, RuleBroken) for result in results) == [False, True]


def grown(hers, events):
    """So many events of booking and releasing."""
    with happening_at(NOW):
        while hers.version < events:
            hers.book(SHIFT, MORNING)
            if hers.version < events:
                hers.release(SHIFT)
    return hers


async def snapshots(connection):
    cursor = await connection.execute("SELECT originator_id, originator_version FROM snapshots")
    return await cursor.fetchall()


async def finished(event_log):
    await asyncio.gather(*event_log._snapshotting)


async def test_a_long_stream_gets_a_snapshot_when_it_is_given_back(event_log, connection):
    hers = grown(agenda(), Aggregate.SNAPSHOT_EVERY)
    await stored(event_log, hers)
    event_log.put([hers], TENANT)
    await finished(event_log)
    assert await snapshots(connection) == [(hers.id, 100)]


async def test_a_long_stream_gets_a_snapshot_when_it_is_loaded(event_log, connection):
    hers = grown(agenda(), 150)
    await stored(event_log, hers)
    await event_log.read(Agenda, hers.id, TENANT)
    await finished(event_log)
    assert await snapshots(connection) == [(hers.id, 150)]


async def test_a_short_stream_gets_none(event_log, connection):
    hers = grown(agenda(), 99)
    await stored(event_log, hers)
    await event_log.read(Agenda, hers.id, TENANT)
    event_log.put([hers], TENANT)
    await finished(event_log)
    assert await snapshots(connection) == []


@pytest.fixture
async def with_a_snapshot(database_url, mapper):
    """An agenda of 130 events with a snapshot at 100, and a process that has not seen it."""
    hers = grown(agenda(), 100)
    async with process(database_url, mapper) as event_log:
        await stored(event_log, hers)
        event_log.put([hers], TENANT)
        await finished(event_log)
        await stored(event_log, grown(hers, 130))
    return hers


@pytest.fixture
def decoded(mapper, monkeypatch):
    """The versions of the events that are read."""
    versions = []
    decode = mapper.to_domain_event

    def count(stored_event):
        versions.append(stored_event.originator_version)
        return decode(stored_event)

    monkeypatch.setattr(mapper, "to_domain_event", count)
    return versions


async def test_a_snapshot_shortens_the_way(event_log, with_a_snapshot, decoded):
    assert await event_log.take(Agenda, with_a_snapshot.id, TENANT) == with_a_snapshot
    assert decoded == list(range(101, 131))


async def test_the_past_before_a_snapshot_is_read_from_the_start(
    event_log, with_a_snapshot, decoded
):
    past = await event_log.at(Version(Agenda, with_a_snapshot.id, 99), TENANT)
    assert past.version == 99
    assert decoded == list(range(1, 100))


async def test_the_past_after_a_snapshot_is_read_from_it(event_log, with_a_snapshot, decoded):
    past = await event_log.at(Version(Agenda, with_a_snapshot.id, 102), TENANT)
    assert past.version == 102
    assert decoded == [101, 102]


async def test_a_snapshot_is_no_way_around_the_tenant(event_log, with_a_snapshot):
    assert await event_log.take(Agenda, with_a_snapshot.id, FOREIGN) is None


async def test_a_snapshot_of_an_older_shape_is_not_used(
    event_log, with_a_snapshot, decoded, monkeypatch
):
    monkeypatch.setattr(Agenda, "SNAPSHOT_VERSION", 2)
    assert await event_log.take(Agenda, with_a_snapshot.id, TENANT) == with_a_snapshot
    assert decoded == list(range(1, 131))


SPOILT = {
    "an aggregate that moved": ("topic = 'attic:Agenda'", "TopicError"),
    "a dataclass that moved": (
        "state = convert_to(replace(convert_from(state, 'UTF8'), 'domain.', 'attic.'), 'UTF8')",
        "TopicError",
    ),
    "no JSON": ("state = '{'", "JSONDecodeError"),
    "no fields": ("state = '{}'", "KeyError"),
}


@pytest.mark.parametrize(("change", "error"), SPOILT.values(), ids=SPOILT)
async def test_a_snapshot_that_can_not_be_restored_is_replaced(
    event_log, with_a_snapshot, connection, decoded, change, error
):
    await connection.execute(f"UPDATE snapshots SET originator_version = 130, {change}")
    with logged() as lines:
        assert await event_log.take(Agenda, with_a_snapshot.id, TENANT) == with_a_snapshot
    assert decoded == list(range(1, 131))
    assert [(line["event"], line["error"]) for line in lines] == [("snapshot.not_restored", error)]
    await finished(event_log)
    decoded.clear()
    past = await event_log.at(Version(Agenda, with_a_snapshot.id, 130), TENANT)
    assert (past, decoded) == (with_a_snapshot, [])


async def test_an_older_snapshot_does_not_replace_a_newer_one(
    event_log, with_a_snapshot, connection
):
    old = grown(agenda(), 50)
    event_log._snapshot_soon(old)
    await finished(event_log)
    assert await snapshots(connection) == [(with_a_snapshot.id, 100)]


TERMINATE_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()"""


async def test_a_short_outage_is_waited_out(event_log, connection):
    await stored(event_log, draft())
    await connection.execute(TERMINATE_OTHERS)
    assert await event_log.read(Shift, SHIFT, TENANT) == _quiet(draft())


async def test_an_outage_beyond_patience_makes_the_log_unavailable(
    event_log, connection, monkeypatch
):
    monkeypatch.setattr(outages, "PATIENCE", 0)
    await connection.execute(TERMINATE_OTHERS)
    with pytest.raises(Unavailable):
        await event_log.read(Shift, SHIFT, TENANT)


def _quiet(thing):
    thing.pending_events.clear()
    return thing
