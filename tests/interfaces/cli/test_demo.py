"""The demo data is made once, wherever its making was interrupted."""

from contextlib import asynccontextmanager

import psycopg
import pytest

from domain.identity.account import EmailAddress
from domain.shared.ids import PLATFORM
from infrastructure.bootstrap import core
from infrastructure.settings import Settings
from interfaces.cli import demo

ALL = {
    "identity.TenantFounded": 1,
    "identity.AccountRegistered": 10,
    "identity.EmailClaimed": 10,
    "identity.MemberJoined": 10,
    "scheduling.UnitOpened": 2,
    "scheduling.RoleAdded": 2,
    "scheduling.PersonAdded": 8,
    "scheduling.ShiftsImported": 1,
    "scheduling.ShiftDrafted": 24,
    "scheduling.AvailabilityStated": 1,
    "scheduling.ShiftPublished": 17,
    "scheduling.PersonAssigned": 15,
    "scheduling.WarningsRaised": 1,
    "scheduling.AssignmentAccepted": 1,
    "scheduling.AssignmentDeclined": 1,
    "scheduling.PlaceClaimed": 1,
    "scheduling.ShiftCancelled": 1,
    "scheduling.ShiftPatternDesigned": 1,
    "work.UserTypeAdded": 5,
    "work.TaskTypeAdded": 5,
    "work.EligibilityMapped": 23,
    "work.ProfileMade": 5,
    "work.OccasionPlanned": 2,
    "work.OccasionMemberAdded": 6,
    "workflow.TemplateDrawn": 1,
    "workflow.InstanceStarted": 1,
    "workflow.NodeFinished": 2,
    "workflow.NodesSettled": 2,
    "work.TaskPlanned": 11,
    "work.TaskMoved": 5,
    "work.TaskUnlocked": 4,
    "work.TaskPicked": 1,
}


class Killed(BaseException):
    pass


@pytest.fixture
async def parts(database_url, tmp_path, monkeypatch):
    async with core(Settings(database_url=database_url, data_dir=tmp_path)) as parts:

        @asynccontextmanager
        async def same(_):
            yield parts

        monkeypatch.setattr(demo, "core", same)
        yield parts


def killed_after_each_step(parts, monkeypatch):
    """Each step that is new ends its start."""
    run, set_password = parts.dispatcher.run, parts.passwords.set
    done = set()

    def once(step):
        if step not in done:
            done.add(step)
            raise Killed

    async def run_and_die(command, request, view):
        told = await run(command, request, view)
        once(told.position)
        return told

    async def set_and_die(account_id, password):
        if account_id not in done:  # which takes its time
            await set_password(account_id, password)
        once(account_id)

    monkeypatch.setattr(parts.dispatcher, "run", run_and_die)
    monkeypatch.setattr(parts.passwords, "set", set_and_die)


async def test_whatever_start_was_interrupted_the_next_goes_on(parts, database_url, monkeypatch):
    killed_after_each_step(parts, monkeypatch)
    starts, complete = 0, False
    while not complete:
        starts += 1
        assert starts < 200
        try:
            await demo.create(parts.settings)
            complete = True
        except Killed:
            pass
    assert starts > 25
    assert stored(database_url) == ALL
    for email in demo.EMAILS:
        assert await parts.passwords.fits(await account_of(parts, email), demo.PASSWORD)


async def test_a_start_that_finds_everything_makes_nothing(parts, database_url):
    await demo.create(parts.settings)
    assert stored(database_url) == ALL
    await demo.create(parts.settings)
    assert stored(database_url) == ALL


async def account_of(parts, email):
    address = await parts.log.read(EmailAddress, EmailAddress.id_of(email), PLATFORM)
    return address.account_id


def stored(database_url):
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT topic, count(*) FROM stored_events "
            # How many months the week touches is a matter of the day on which it is made.
            "WHERE topic NOT LIKE 'scheduling.Agenda%' GROUP BY topic"
        )
        return dict(rows.fetchall())
