"""What no command waits for (reports, calendars) is waited for by whoever reads it."""

import pytest

from infrastructure.postgres.projector.runner import BACKGROUND
from infrastructure.registry import awaited_read_models, background_read_models
from tests.interfaces.http.documented import documented
from tests.support.api import a_shift, a_unit, projecting, running_api

PATIENCE = 3.0
DAYS = {"from": "2199-01-01", "to": "2199-12-31"}
MORNING = {"start": "2199-03-01T08:00:00+01:00", "end": "2199-03-01T12:00:00+01:00"}


@pytest.fixture
async def api(database_url, tmp_path):
    """Only what answers wait for is projected at first."""
    settings = {"read_wait_seconds": PATIENCE}
    async with running_api(
        database_url, tmp_path, documented, models=awaited_read_models(), **settings
    ) as running:
        yield running


@pytest.fixture
def in_the_background(database_url):
    return projecting(database_url, background_read_models(), BACKGROUND)


def test_reports_calendars_and_what_is_due_are_in_the_background():
    assert [model.name for model in background_read_models()] == [
        "reporting.staffing",
        "scheduling.calendar",
        "scheduling.due",
    ]
    assert {model.name for model in awaited_read_models()} >= {"scheduling.shifts"}


async def filled(api):
    answer = await api.auditor.get("/reports/fill", params=DAYS)
    assert answer.status_code == 200, answer.text
    return answer.headers.get("opstream-reads"), answer.json()["total"]


async def test_whoever_reads_a_report_sees_all_that_was_done_before(api, in_the_background):
    unit = await a_unit(api)
    async with in_the_background:
        for done in range(1, 4):
            await a_shift(api, unit, **MORNING)
            assert await filled(api) == (None, 1), done


async def test_a_report_that_stays_behind_is_said_to_be(api, in_the_background, monkeypatch):
    async with in_the_background:
        assert await filled(api) == (None, 0)
    monkeypatch.setitem(api.core.settings.__dict__, "read_wait_seconds", 0.1)
    await a_shift(api, **MORNING)
    assert await filled(api) == ("behind", 0)
