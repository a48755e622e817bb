"""The workflows that are started: a small one, a large one, and tasks that wait for nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

KINDS = 5
"""Nodes take turns with so many task types."""


@dataclass(frozen=True)
class Shape:
    """`nodes` in an order in which they can be done; an edge is (parent, child)."""

    name: str
    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...] = ()

    @cached_property
    def parents(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {node: [] for node in self.nodes}
        for parent, child in self.edges:
            found[child].append(parent)
        return found

    @property
    def waiting(self) -> int:
        """How many nodes wait for another one at first."""
        return sum(bool(parents) for parents in self.parents.values())


def layered(name: str, nodes: int, edges: int) -> Shape:
    """Each node waits for those right before it, until there are so many edges."""
    names = tuple(f"n{number:04}" for number in range(nodes))
    pairs = _near(names)
    return Shape(name, names, tuple(next(pairs) for _ in range(edges)))


def flat(name: str, nodes: int) -> Shape:
    return layered(name, nodes, 0)


def _near(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """All pairs, the nearest first; never a cycle."""
    for distance in range(1, len(names)):
        yield from zip(names, names[distance:], strict=False)


SMALL = layered("10 nodes", 10, 15)
LARGE = layered("1,000 nodes", 1_000, 5_000)
