"""Walks through a ledger from its first row on, past everything that checkpoints say of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import psycopg

from infrastructure.sealing import store
from infrastructure.sealing.digests import (
    GENESIS,
    MISSING,
    SEVERAL,
    first_difference,
    folded,
    unpacked,
)
from infrastructure.sealing.evidence import Finding
from infrastructure.sealing.ledgers import LOG, STEP, Ledger

Connection = psycopg.AsyncConnection[Any]

_WHAT = {MISSING: "is missing", SEVERAL: "is there more than once"}


@dataclass(frozen=True)
class Claim:
    """That the running hash is this one at a position."""

    position: int
    hash: str
    source: str
    number: int


@dataclass
class Walk:
    connection: Connection
    ledger: Ledger
    claims: Sequence[Claim]
    """In order of position."""
    spans: Mapping[tuple[int, int], int]
    """The checkpoint that has the digests of the rows after one position and up to another."""
    on_progress: Callable[[int], None]
    """Told how many more rows were looked at."""
    newest: int = 0
    wrong_digests: Finding | None = field(default=None, init=False)
    """The first checkpoint whose digests are not those of the rows that it sealed."""

    async def first_break(self) -> Finding | None:
        self.newest = await self.ledger.newest(self.connection)
        if stray := await self.ledger.stray(self.connection):
            return Finding(self.ledger.name, 0, f"{stray} rows have no place in the order")
        running, at = GENESIS, 0
        agreed: dict[str, int] = {}
        for position, claims in groupby(self.claims, key=lambda claim: claim.position):
            found = await self._read(at, position)
            reached = folded(running, found)
            known = await self._known(at, position)
            for claim in claims:
                if claim.hash != reached or len(found) < position - at:
                    proven = known if known and folded(running, known) == claim.hash else None
                    return self._located(claim, at, found, proven, agreed.get(claim.source, 0))
                agreed[claim.source] = position
            self._compare_digests(at, position, found, known)
            running, at = reached, position
        return await self._hole_after(at)

    async def _read(self, after: int, until: int) -> list[bytes]:
        """As many as there are."""
        until, found = min(until, self.newest), []
        while after < until:
            step = min(until, after + STEP)
            found += await self.ledger.digests(self.connection, after, step)
            self.on_progress(step - after)
            after = step
        return found

    async def _known(self, after: int, until: int) -> list[bytes] | None:
        number = self.spans.get((after, until))
        stored = await store.digests_of(self.connection, number) if number else None
        if stored is None:
            return None
        log, trail = stored
        return unpacked(log if self.ledger is LOG else trail)

    def _compare_digests(
        self, after: int, until: int, found: list[bytes], known: list[bytes] | None
    ) -> None:
        if known is not None and known != found:
            wrong = Finding(
                "checkpoints", self.spans[after, until], "has the digests of other rows"
            )
            self.wrong_digests = self.wrong_digests or wrong

    def _located(
        self,
        claim: Claim,
        after: int,
        found: list[bytes],
        proven: list[bytes] | None,
        agreed: int,
    ) -> Finding:
        """The first row that is not what it was when the checkpoint was signed. Without digests
        that it vouches for, only what the same source said before can be believed.
        """
        since = f"since checkpoint {claim.number} was signed ({claim.source})"
        index = (
            _first_gap(found, claim.position - after)
            if proven is None
            else (first_difference(found, proven))
        )
        if index is None:
            what = f"this row or one up to position {claim.position} was changed {since}"
            return Finding(self.ledger.name, agreed + 1, what)
        what = "everything from here on is missing"
        if index < len(found):
            what = _WHAT.get(found[index], "was changed")
            if proven is not None and proven[index] == MISSING:
                what = "was added"
        return Finding(self.ledger.name, after + 1 + index, f"{what} {since}")

    async def _hole_after(self, position: int) -> Finding | None:
        """Where checkpoints say nothing yet, positions must have no gaps all the same."""
        while position < self.newest:
            found = await self._read(position, min(position + STEP, self.newest))
            if (index := _first_gap(found, len(found))) is not None:
                what = _WHAT[found[index]]
                return Finding(self.ledger.name, position + 1 + index, what)
            position += len(found)
        return None


def _first_gap(found: Sequence[bytes], wanted: int) -> int | None:
    for index, digest in enumerate(found):
        if digest in _WHAT:
            return index
    return len(found) if len(found) < wanted else None
