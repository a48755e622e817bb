"""Holds log, audit trail and checkpoints against each other, and finds the first that is wrong.

Witness by witness, this is what is found:

- Up to the newest checkpoint, every change of a row, and rows deleted, added, swapped or cut off,
  in the log and in the audit trail: by the running hashes that are signed. The very row is told by
  the digests kept beside a checkpoint; when those were tampered with too, the span is told.
- A checkpoint that was changed, forged, deleted or left out: by its signature, by the hash of the
  one before, and because table and file hold the same.
- Everything rewritten consistently, the table included: by the file; and if that was rewritten as
  well, with the key, by a copy and a public key kept elsewhere. Without those it can't be found.
- After the newest checkpoint (a minute at most, by default): holes; a log that was cut off below
  what the read models, the consumers, the trail or an idempotency key have seen; and, in the other
  parts of `opstream verify`, what read models and audit trail say otherwise than the log. An event
  there that was changed in a way that neither shows, or cut off together with all of these, is not.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from infrastructure.sealing import store
from infrastructure.sealing.checkpoint import NOTHING, Checkpoint
from infrastructure.sealing.digests import SIZE
from infrastructure.sealing.evidence import (
    Evidence,
    Examined,
    Finding,
    Numbered,
    contradiction,
    difference,
    examined,
    examined_copy,
)
from infrastructure.sealing.ledgers import LOG, TRAIL, Ledger
from infrastructure.sealing.walking import Claim, Walk

# One statement: what others have seen and how far the log is, at one moment.
_AHEAD = """
SELECT newest.position, seen, witnesses.position FROM (
    SELECT name AS seen, position FROM checkpoints
    UNION ALL SELECT 'audit trail', max(position) FROM audit_trail
    UNION ALL SELECT 'idempotency key', max(position) FROM idempotency_keys
) AS witnesses, (
    SELECT coalesce(max(notification_id), 0) AS position FROM stored_events
) AS newest
WHERE witnesses.position > newest.position
ORDER BY witnesses.position DESC, seen LIMIT 1
"""

Connection = psycopg.AsyncConnection[Any]
OnProgress = Callable[[int, int], None]
"""Told how many of how many rows were looked at."""


@dataclass(frozen=True)
class Outcome:
    findings: Sequence[Finding]
    """The first of each: log, trail, table, file, kept copies."""
    checkpoints: int
    """How many the database has."""
    sealed: int
    """The position of the log up to which checkpoints speak."""
    newest: int
    """The position of the log's newest event."""


async def check(
    connection: Connection,
    evidence: Evidence,
    on_progress: OnProgress = lambda _done, _total: None,
) -> Outcome:
    """Needs no quiet: the log may grow and checkpoints may be made meanwhile."""
    async with store.reading(connection):
        table = await store.lines(connection)
        sizes = await store.sizes(connection)
        file = evidence.file() if evidence.file else None
    sources, findings = _sources(evidence, table, file)
    known = _by_number(sources)
    findings.append(_wrong_sizes(known, sizes))
    tell = await _counting(connection, on_progress)
    log = Walk(connection, LOG, _of_log(sources), _spans(known, LOG), tell)
    trail = Walk(connection, TRAIL, _of_trail(sources), _spans(known, TRAIL), tell)
    broken = [await log.first_break() or await _cut_off(connection), await trail.first_break()]
    told = [*broken, log.wrong_digests, trail.wrong_digests, *findings]
    return Outcome(
        [finding for finding in told if finding],
        len(table),
        max((claim.position for claim in log.claims), default=0),
        log.newest,
    )


def _sources(
    evidence: Evidence, table: Sequence[Numbered], file: Sequence[str] | None
) -> tuple[list[Examined], list[Finding | None]]:
    sources = [examined("checkpoints", table, evidence.trusted)]
    findings = [sources[0].finding]
    if file is not None:
        sources.append(examined("checkpoint file", enumerate(file, 1), evidence.trusted))
        findings += [sources[-1].finding, difference(table, file)]
    for kept in evidence.kept:
        sources.append(examined_copy(kept, evidence.trusted))
        findings += [sources[-1].finding, contradiction(table, kept)]
    return sources, findings


def _by_number(sources: Iterable[Examined]) -> dict[int, Checkpoint]:
    known = {0: NOTHING}
    for source in sources:
        for checkpoint in source.good:
            known.setdefault(checkpoint.number, checkpoint)
    return known


def _wrong_sizes(
    known: Mapping[int, Checkpoint], sizes: Mapping[int, tuple[int, int]]
) -> Finding | None:
    for number, (log, trail) in sizes.items():
        one, before = known.get(number), known.get(number - 1)
        if one is None or before is None:
            continue
        events, rows = one.position - before.position, one.trail_position - before.trail_position
        if (log, trail) != (SIZE * events, SIZE * rows):
            return Finding("checkpoints", number, "has not as many digests as it has rows")
    return None


def _of_log(sources: Iterable[Examined]) -> list[Claim]:
    return _in_order(
        Claim(each.position, each.log_hash, source.source, each.number)
        for source in sources
        for each in source.good
    )


def _of_trail(sources: Iterable[Examined]) -> list[Claim]:
    return _in_order(
        Claim(each.trail_position, each.trail_hash, source.source, each.number)
        for source in sources
        for each in source.good
    )


def _in_order(claims: Iterable[Claim]) -> list[Claim]:
    return sorted(claims, key=lambda claim: (claim.position, claim.number))


def _spans(known: Mapping[int, Checkpoint], ledger: Ledger) -> dict[tuple[int, int], int]:
    spans = {}
    for number, one in known.items():
        if before := known.get(number - 1):
            span = (before.position, one.position)
            if ledger is TRAIL:
                span = (before.trail_position, one.trail_position)
            if span[0] < span[1]:
                spans[span] = number
    return spans


async def _counting(connection: Connection, on_progress: OnProgress) -> Callable[[int], None]:
    done, total = 0, await LOG.newest(connection) + await TRAIL.newest(connection)

    def more(rows: int) -> None:
        nonlocal done
        done += rows
        on_progress(done, max(done, total))

    return more


async def _cut_off(connection: Connection) -> Finding | None:
    row = await (await connection.execute(_AHEAD)).fetchone()
    if row is None:
        return None
    newest, witness, position = row
    what = f"everything from here on is missing ({witness} has seen {position})"
    return Finding(LOG.name, newest + 1, what)
