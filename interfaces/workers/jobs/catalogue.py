"""Every job by its name in the timetable."""

from collections.abc import Mapping

from infrastructure.bootstrap import Desk
from infrastructure.postgres.housekeeping import sweep
from infrastructure.postgres.projector.retired import drop_retired
from infrastructure.registry import read_models
from interfaces.workers.jobs.shifts import (
    complete_past_shifts,
    discard_stale_drafts,
    draft_ahead,
    remind_people,
)
from interfaces.workers.jobs.turn import Job, Slot, in_each_tenant
from interfaces.workers.jobs.weekly_hours import recalculate_weekly_hours


async def sweep_what_has_expired(desk: Desk, _: Slot) -> int:
    """The one job that gives no commands: what it deletes was never in the log."""
    async with desk.pool.connection() as connection:
        swept = await sweep(connection, desk.settings.idempotency_days)
        return swept + await drop_retired(connection, read_models())


JOBS: Mapping[str, Job] = {
    "draft-ahead": in_each_tenant(draft_ahead),
    "weekly-hours": in_each_tenant(recalculate_weekly_hours),
    "stale-drafts": in_each_tenant(discard_stale_drafts),
    "completion": in_each_tenant(complete_past_shifts),
    "reminders": in_each_tenant(remind_people),
    "sweep": sweep_what_has_expired,
}
