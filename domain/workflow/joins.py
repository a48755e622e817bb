"""Joins: when a node that has parents may be begun.

The EventFlow document knows one, ALL. ANY, AT_LEAST and skipped branches go beyond it: who skips a
node says that nobody needs it, so it holds up nobody, and what could only have come of skipped
nodes is skipped itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class JoinKind(StrEnum):
    ALL = "all"
    """Every parent that is not skipped is done, and one is at least."""
    ANY = "any"
    """One parent is done."""
    AT_LEAST = "at_least"
    """So many parents are done."""


@dataclass(frozen=True)
class Join:
    kind: JoinKind = JoinKind.ALL
    count: int | None = None
    """Of AT_LEAST: how many."""


ALL, ANY = Join(JoinKind.ALL), Join(JoinKind.ANY)


def at_least(count: int) -> Join:
    return Join(JoinKind.AT_LEAST, count)


class NodeState(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    """Unlocked: its task is to do, or somebody is at it."""
    DONE = "done"
    SKIPPED = "skipped"

    @property
    def is_over(self) -> bool:
        return self in {NodeState.DONE, NodeState.SKIPPED}


class Verdict(StrEnum):
    OPEN = "open"
    SATISFIED = "satisfied"
    IMPOSSIBLE = "impossible"
    """Too many parents are skipped: the node is, too."""


def verdict(join: Join, parents: Iterable[NodeState]) -> Verdict:
    """What a node's parents say of it; nothing is in the way of one that has none."""
    total = done = skipped = 0
    for state in parents:
        total += 1
        done += state is NodeState.DONE
        skipped += state is NodeState.SKIPPED
    if total == 0:
        return Verdict.SATISFIED
    left = total - skipped
    needed = needed_of(join, left)
    if done >= needed:
        return Verdict.SATISFIED
    return Verdict.OPEN if left >= needed else Verdict.IMPOSSIBLE


def needed_of(join: Join, left: int) -> int:
    """How many parents must be done, of those that are not skipped."""
    match join.kind:
        case JoinKind.ALL:
            return max(1, left)
        case JoinKind.ANY:
            return 1
        case JoinKind.AT_LEAST:
            return join.count or 1
