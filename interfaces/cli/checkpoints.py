"""Signed checkpoints for people: printed to be kept elsewhere, and held against log and trail."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import psycopg

from domain.shared.errors import Invalid
from infrastructure.postgres.urls import bounded_conninfo
from infrastructure.sealing import store
from infrastructure.sealing.checking import Outcome, check
from infrastructure.sealing.checkpoint import Checkpoint, NotACheckpointError
from infrastructure.sealing.evidence import Evidence, Kept
from infrastructure.sealing.file import CheckpointFile
from infrastructure.sealing.keys import known_key, trusted_keys
from infrastructure.settings import Settings, WrongSettingsError
from interfaces.cli.telling import console, progress


async def show(database_url: str, since: datetime | None) -> None:
    """All of them, or those made at a time or later, one line of JSON each."""
    async with await _connect(database_url) as connection:
        for _, line in await store.lines(connection):
            if since is None or _made_at(line) >= since:
                sys.stdout.write(f"{line}\n")


def show_public_key(settings: Settings) -> None:
    """Raises WrongSettingsError when there is no key yet, or none that can be read."""
    key = known_key(settings)
    if key is None:
        raise WrongSettingsError(
            "There is no key here yet; a worker's sealer makes it, or set "
            "OPSTREAM_CHECKPOINT_PRIVATE_KEY."
        )
    sys.stdout.write(f"{orjson.dumps(key.as_jwks()).decode()}\n")


def evidence_of(settings: Settings, copies: Sequence[Path], keys: Sequence[Path]) -> Evidence:
    """What there is to check with. The file beside the database may only be absent where a kept
    copy is there instead.

    Raises Invalid when a copy can't be read, WrongSettingsError when a key can't.
    """
    file = CheckpointFile(settings.checkpoints)
    is_compared = file.path.exists() or not copies
    return Evidence(
        trusted=trusted_keys(settings, keys),
        file=(lambda: _lines_of(file)) if is_compared else None,
        kept=[_kept(path) for path in copies],
    )


async def verify(database_url: str, evidence: Evidence) -> bool:
    """Whether everything is as it was signed; tells what is not."""
    with progress("verifying event log") as on_progress:
        async with await _connect(database_url) as connection:
            outcome = await check(connection, evidence, on_progress)
    console.print(f"verified checkpoints: {_verdict(outcome)}")
    for finding in outcome.findings:
        console.print(f"  {finding}", markup=False)
    return not outcome.findings


def _verdict(outcome: Outcome) -> str:
    covered = f"{outcome.checkpoints}, of events up to {outcome.sealed} of {outcome.newest}"
    if outcome.findings:
        return f"{covered}, broken:"
    if not outcome.checkpoints:
        return "none yet, a worker's sealer makes them"
    return f"{covered}, everything as it was signed"


async def _connect(database_url: str) -> psycopg.AsyncConnection[Any]:
    conninfo = bounded_conninfo(database_url, statement_timeout_ms=0, application="opstream verify")
    return await psycopg.AsyncConnection.connect(conninfo, autocommit=True)


def _made_at(line: str) -> datetime:
    """One that can't be read is told whatever the time: keep it, and ask `opstream verify`."""
    try:
        return datetime.fromisoformat(Checkpoint.read(line).made_at)
    except NotACheckpointError:
        return datetime.max.replace(tzinfo=UTC)


def _kept(path: Path) -> Kept:
    try:
        return Kept.read(path)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", {}) from error
    except NotACheckpointError as error:
        raise Invalid(f"{path}: {error}", {}) from error


def _lines_of(file: CheckpointFile) -> list[str]:
    try:
        return file.lines()
    except OSError as error:
        raise Invalid(f"{file.path}: {error.strerror}", {}) from error
