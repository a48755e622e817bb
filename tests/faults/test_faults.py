"""Short rounds of `uv run faults`, on one bed, for CI."""

import pytest

from tests.faults.bed import a_bed
from tests.faults.rounds import play
from tests.faults.scenarios import SCENARIOS

SHORT = (
    "api_killed_after_commit",
    "answer_lost_after_commit",
    "worker_killed_mid_flush",
    "leader_of_two_killed",
    "listen_backend_killed",
    "line_cut",
    "nats_store_deleted",
    "nats_bit_flipped",
    "duplicated_and_shuffled",
    "nonsense_delivered",
    "poison_in_the_log",  # the last, for it stays there
)


RECOVERY = 5.0
"""Seconds; source: "What must be shown", 4, of the walking skeleton."""
RECOVERS = {
    "api_killed_after_commit",
    "answer_lost_after_commit",
    "worker_killed_mid_flush",
    "leader_of_two_killed",
    "nats_store_deleted",
}


@pytest.fixture(scope="module")
async def bed():
    async with a_bed() as made:
        yield made


@pytest.mark.bed
@pytest.mark.parametrize("name", SHORT)
async def test_nothing_is_lost_doubled_or_skipped(bed, name):
    report = await play(bed, SCENARIOS[name], f"pytest {name}")
    assert report.violations == []
    assert report.recovered <= RECOVERY or name not in RECOVERS


def test_every_scenario_says_what_happens():
    assert len(SCENARIOS) >= 40
    assert [one.name for one in SCENARIOS.values() if not one.about] == []
