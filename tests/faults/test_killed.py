"""Kill -9 of everything that `opstream serve` runs: it comes back by itself within 5 seconds."""

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.faults.history import clients_drafting_shifts
from tests.faults.lost import nothing_is_lost_or_doubled
from tests.support.served import Served, served, wait_for

pytestmark = pytest.mark.bed

RECOVERY = 5.0


async def test_one_api_is_killed_and_the_other_goes_on(killable: Served):
    async with clients_drafting_shifts(killable) as history:
        await asyncio.sleep(0.5)
        killable.kill("api")
        await _answered_again(history)
        await _both_apis_answer(killable)
    await nothing_is_lost_or_doubled(killable, history)


async def test_postgres_is_killed_and_comes_back(killable: Served):
    async with clients_drafting_shifts(killable) as history:
        await asyncio.sleep(0.5)
        killable.kill("postgres")
        await _answered_again(history)
    await nothing_is_lost_or_doubled(killable, history)


@pytest.mark.parametrize(
    ("role", "followers"),
    [("projector", "read model %"), ("relay", "%"), ("worker", "%"), ("nats", "%")],
)
async def test_who_follows_the_log_is_killed_and_catches_up(
    killable: Served, role: str, followers: str
):
    async with clients_drafting_shifts(killable) as history:
        await asyncio.sleep(0.5)
        killable.kill(role)
        await _catches_up(killable, followers)
    await nothing_is_lost_or_doubled(killable, history)


async def test_everything_is_killed_and_started_again(killable: Served):
    async with clients_drafting_shifts(killable) as history:
        await asyncio.sleep(0.5)
        killable.kill_everything()
        assert killable.leftovers() == []
    killable.start()
    await nothing_is_lost_or_doubled(killable, history)
    assert killable.stop() == 0
    assert killable.leftovers() == []
    killable.start()


@pytest.fixture(scope="module")
def killable(tmp_path_factory: pytest.TempPathFactory):
    """One system for all faults that need no preparation."""
    with served(Path(tmp_path_factory.mktemp("killable"))) as running:
        yield running


async def _answered_again(history):
    """Commands asked after the fault are answered, within the time for recovery."""
    known = len(history.acknowledged)
    await _within_recovery(lambda: len(history.acknowledged) > known + 8, "an answer")


async def _catches_up(system, followers, past=1):
    """All these followers come to where the log was after the fault; while clients go on, past it,
    or they might have been there when it happened.
    """
    ((head,),) = system.query("SELECT max(notification_id) FROM stored_events")

    def reached():
        position = "SELECT min(position) >= %s FROM checkpoints WHERE name LIKE %s"
        return system.query(position, head + past, followers) == [(True,)]

    await _within_recovery(reached, f"{followers} to catch up")


async def _both_apis_answer(system):
    """Both processes, old or new, write that they answered something after now."""
    before = {name: len(system.log_lines(name)) for name in ("api-1", "api-2")}

    def both():
        httpx.get(f"{system.url}/healthz", timeout=1)
        return all(len(system.log_lines(name)) > lines for name, lines in before.items())

    await _within_recovery(both, "both API processes")


async def _within_recovery(reached, what):
    await asyncio.to_thread(wait_for, reached, what, RECOVERY)
