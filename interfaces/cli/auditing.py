"""What auditors and operators ask of the log: rebuild, verify, replay."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from eventsourcing.persistence import MapperDeserialisationError

from domain.shared.aggregate import Aggregate
from domain.shared.errors import Failure, Invalid, NotFound, Unavailable
from infrastructure import garbage
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import LogEntry, history_of
from infrastructure.postgres.audit_check import UNREADABLE, audited_position, verify_audit
from infrastructure.postgres.projector import beside
from infrastructure.postgres.projector.comparing import Comparison
from infrastructure.postgres.urls import bounded_conninfo
from infrastructure.registry import read_models
from infrastructure.sealing.evidence import Evidence
from interfaces.cli import checkpoints
from interfaces.cli.telling import console, progress
from projections.audit.states import state_of
from projections.read_model import ReadModel

_NEVER_PROJECTED = """
SELECT name FROM unnest(%s::text[]) AS wanted(name) WHERE name NOT IN (SELECT name FROM checkpoints)
"""

_PARKED_EVENTS = """
SELECT read_model, position, topic, error FROM parked_events WHERE read_model = ANY(%s)
ORDER BY position, read_model
"""
_PARKED_MESSAGES = """
SELECT consumer, position, topic, error FROM parked_messages ORDER BY position, consumer
"""
_TOLD = 5
"""Of what is parked, told one by one."""


async def rebuild(database_url: str, name: str | None) -> None:
    """Raises Invalid when no read model has the name, Unavailable when no worker filled it."""
    garbage.calm()
    chosen = _chosen(name)
    await _require_projected(database_url, chosen)
    for model in chosen:
        with progress(f"rebuilding {model.name}") as on_progress:
            comparison = await beside.rebuild(database_url, EventMapper(), model, on_progress)
        _report(model, comparison, "replaced")


async def verify(database_url: str, evidence: Evidence | None = None) -> bool:
    """Whether log and audit trail are what was signed, all read models and the audit trail are
    what the log says, and nothing is parked. `infrastructure.sealing.checking` says what is found
    by which witness; without `evidence`, signatures and the file stay out.

    Raises Unavailable when no worker ever filled them, Invalid when the file can't be read.
    """
    garbage.calm()
    await _require_projected(database_url, read_models())
    clean = sound = await checkpoints.verify(database_url, evidence or Evidence())
    for model in read_models():
        clean &= await _verify_model(database_url, model, sound=sound)
    clean &= await _nothing_is_parked(database_url)
    return await _verify_audit(database_url) and clean


async def _verify_model(database_url: str, model: ReadModel, *, sound: bool) -> bool:
    """A log that is not sound may hold what no code can fold."""
    with progress(f"verifying {model.name}") as on_progress:
        try:
            comparison = await beside.verify(database_url, EventMapper(), model, on_progress)
        except (Failure, psycopg.OperationalError):
            raise
        except Exception as error:
            if sound and not isinstance(error, UNREADABLE):
                raise
            comparison = None
    if comparison is None:
        console.print(f"verified {model.name}: not possible, the log has rows that can't be folded")
        return False
    return _report(model, comparison, "verified")


async def replay(
    database_url: str, aggregate_id: UUID, until: int | None, at: str | None, *, as_json: bool
) -> None:
    """What follows an event that can't be read is told without a state, which nobody knows.

    Raises NotFound, or Invalid when the time can't be read.
    """
    moment = moment_of("--at", at)
    async with await psycopg.AsyncConnection.connect(bounded_conninfo(database_url)) as connection:
        history = await history_of(connection, aggregate_id)
    if not history:
        raise NotFound("aggregate", aggregate_id)
    mapper = EventMapper()
    state: Aggregate | None = None
    unreadable: MapperDeserialisationError | None = None
    for entry in history:
        if (until is not None and entry.version > until) or (moment and entry.recorded_at > moment):
            break
        try:
            state = entry.event(mapper).mutate(state) if unreadable is None else None
        except MapperDeserialisationError as error:
            state, unreadable = None, error
            step = _step(entry, {}) | {"unreadable": f"{type(error).__name__}: {error}"}
        else:
            step = _step(entry, state_of(state) or {})
        _tell(step, as_json=as_json)


def _step(entry: LogEntry, state: dict[str, Any]) -> dict[str, Any]:
    return {
        "position": entry.position,
        "version": entry.version,
        "event": entry.topic,
        "recorded_at": entry.recorded_at.astimezone(UTC),
        "actor": entry.metadata.get("actor"),
        "command": entry.metadata.get("command"),
        "request_id": entry.metadata.get("request_id"),
        "data": _data(entry),
        "state": state,
    }


def _data(entry: LogEntry) -> Any:
    try:
        return orjson.loads(entry.state)
    except orjson.JSONDecodeError:
        return entry.state.decode(errors="replace")


def _tell(step: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        console.print_json(orjson.dumps(step).decode(), indent=None)
        return
    console.print(
        f"v{step['version']}  {step['recorded_at']:%Y-%m-%d %H:%M:%S.%f %Z}  {step['event']}"
        f"  by {step['actor']}  ({step['command']}, request {step['request_id']})",
        markup=False,
    )
    for name, value in step["state"].items():
        console.print(f"      {name}: {orjson.dumps(value).decode()}", markup=False)
    if "unreadable" in step:
        console.print(f"      can't be read: {step['unreadable']}", markup=False)


def moment_of(option: str, text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(f"{option} {text} is not an ISO 8601 time.", {}) from None
    if moment and moment.tzinfo is None:
        raise Invalid(f"{option} {text} has no offset, such as {text}Z or {text}+01:00.", {})
    return moment


def _chosen(name: str | None) -> list[ReadModel]:
    chosen = [model for model in read_models() if name in {None, model.name}]
    if not chosen:
        known = ", ".join(model.name for model in read_models())
        raise Invalid(f"There is no read model {name}; there are {known}.", {})
    return chosen


async def _require_projected(database_url: str, models: Sequence[ReadModel]) -> None:
    names = [model.checkpoint for model in models]
    async with await psycopg.AsyncConnection.connect(bounded_conninfo(database_url)) as connection:
        missing = await (await connection.execute(_NEVER_PROJECTED, (names,))).fetchall()
    if missing:
        listed = ", ".join(name for (name,) in missing)
        raise Unavailable(f"No worker has filled {listed} yet; start one first.")


def _report(model: ReadModel, comparison: Comparison, done: str) -> bool:
    differing = comparison.differing
    rows_differ = "1 row differs" if differing == 1 else f"{differing} rows differ"
    verdict = rows_differ if differing else "all as the log says"
    console.print(
        f"{done} {model.name}: {comparison.rows} rows at position {comparison.position}, {verdict}"
    )
    for difference in comparison.differences:
        row = orjson.dumps(difference.row, default=str).decode()
        console.print(f"  {difference.table}, only in {difference.side}: {row}", markup=False)
    return not differing


async def _nothing_is_parked(database_url: str) -> bool:
    """Tells how many events each side has set aside, and the first of them."""
    names = [model.checkpoint for model in read_models()]
    async with await psycopg.AsyncConnection.connect(bounded_conninfo(database_url)) as connection:
        events = await (await connection.execute(_PARKED_EVENTS, (names,))).fetchall()
        messages = await (await connection.execute(_PARKED_MESSAGES)).fetchall()
    for what, parked in (("read models", events), ("consumers", messages)):
        if parked:
            console.print(f"parked by {what}: {len(parked)}")
        for who, position, topic, error in parked[:_TOLD]:
            kind = error.partition("(")[0]
            console.print(f"  {who}, position {position}, {topic}: {kind}", markup=False)
    return not events and not messages


async def _verify_audit(database_url: str) -> bool:
    async with await psycopg.AsyncConnection.connect(
        bounded_conninfo(database_url, statement_timeout_ms=0), autocommit=True
    ) as connection:
        broken = await verify_audit(connection)
        rows = await audited_position(connection)
    verdict = "as the log says, chain unbroken" if broken is None else f"broken at {broken}"
    console.print(f"verified audit trail: {rows} rows, {verdict}")
    return broken is None
