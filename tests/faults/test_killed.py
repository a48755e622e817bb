"""Kill -9 of everything, one after the other: it comes back by itself within 5 seconds."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from tests.faults.checker import nothing_is_lost_or_doubled
from tests.faults.history import clients_drafting_shifts
from tests.support.served import Served, served, wait_for

RECOVERY = 5.0


async def test_the_api_is_killed_between_append_and_answer(tmp_path: Path):
    # Each API process dies right after its 60th batch is stored, and so does its successor.
    with served(tmp_path, OPSTREAM_FAILPOINTS="after_commit=kill@60") as system:
        async with clients_drafting_shifts(system) as history:
            await _until(lambda: _restarts(system, "api") >= 2)
        assert history.unknown, "nobody was left without an answer"
        await asyncio.to_thread(system.wait_until_ready, RECOVERY)
        await nothing_is_lost_or_doubled(system, history)


async def test_the_projector_is_killed_in_the_middle_of_a_batch(tmp_path: Path):
    with served(tmp_path, OPSTREAM_FAILPOINTS="mid_flush=kill@300") as system:
        async with clients_drafting_shifts(system) as history:
            await _until(lambda: _restarts(system, "projector") >= 2)
        await nothing_is_lost_or_doubled(system, history)


@pytest.mark.parametrize("role", ["api", "projector", "worker", "postgres", "nats"])
async def test_any_process_is_killed_and_comes_back(killable: Served, role: str):
    async with clients_drafting_shifts(killable) as history:
        await asyncio.sleep(0.5)
        killable.kill(role)
        took = await asyncio.to_thread(_answered_again, history)
        await asyncio.sleep(0.3)
    assert took <= RECOVERY
    await nothing_is_lost_or_doubled(killable, history)


async def test_nats_loses_its_store(killable: Served):
    async with clients_drafting_shifts(killable) as history:
        await asyncio.sleep(0.5)
        killable.kill("nats")
        shutil.rmtree(killable.data_dir / "nats", ignore_errors=True)
        await asyncio.sleep(1)
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


def _answered_again(history):
    """Seconds until a command is answered that was asked after the fault."""
    known = len(history.acknowledged)
    return wait_for(lambda: len(history.acknowledged) > known + 8, "an answer")


async def _until(reached):
    await asyncio.to_thread(wait_for, reached, "the fault to happen")


def _restarts(system, name):
    return len(re.findall(rf"^{name}(-\d)?: ended with code -9", system.output(), re.MULTILINE))
