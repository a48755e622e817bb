"""A leader in a process of its own, which stops in the middle of its job to be killed."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import structlog

from application.scheduling.units import OpenUnit
from domain.shared.ids import TenantId, derived_id
from infrastructure.settings import Settings
from interfaces.workers.housekeeping import Housekeeping
from interfaces.workers.jobs.turn import Turn

MONDAY = datetime(2026, 11, 2, 10, 5, tzinfo=UTC)
UNITS = ("Attic", "Cellar", "Kitchen", "Ward")
TENANT = TenantId(derived_id("tenant of a leader that dies"))


def open_units(stop_after):
    """A job that opens all units, or only so many."""

    async def job(desk, slot):
        turn = Turn(desk, slot, TENANT)
        for number, name in enumerate(UNITS):
            if number == stop_after:
                sys.stdout.write("half done\n")
                sys.stdout.flush()
                await asyncio.sleep(60)
            await turn.do(OpenUnit(name, "UTC"), name)
        return len(UNITS)

    return job


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    settings = Settings(database_url=sys.argv[1], data_dir=Path("/nowhere"))
    asyncio.run(Housekeeping(settings, {"weekly-hours": open_units(2)}, lambda: MONDAY).run())
