"""Faults of Postgres."""

from tests.faults.registry import Stage, scenario


@scenario()
async def postgres_killed(stage: Stage) -> None:
    """Postgres dies and is started again."""
    stage.bed.kill("postgres")
    await stage.some_are_answered()
