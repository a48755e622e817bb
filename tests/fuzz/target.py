"""What is fuzzed: documents, and somebody of each role to ask in their name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

NOBODY = "nobody"
"""The role of who has no token."""

Supply = Mapping[str, Mapping[str, list[str]]]
"""By operation, such as ``PATCH /shifts/{shift_id}``, and by field, such as ``path.shift_id`` or
``body.unit_id``: values with which there is something to be found."""


@dataclass(frozen=True)
class Caller:
    role: str
    token: str | None
    supply: Supply
    headers: Mapping[str, str]
    """Good values of documented headers."""
    files: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    """By operation and field of its form: a file that is taken, such as nobody makes by chance."""


@dataclass(frozen=True)
class Target:
    documents: Mapping[str, dict[str, Any]]
    """The OpenAPI document of each contract."""
    callers: Mapping[str, Caller]
    """By role."""
    may: Callable[[str, str], bool]
    """Whether a role may do an operation."""


def labels_of(document: Mapping[str, Any]) -> list[str]:
    """Every operation of a document, as ``POST /shifts``."""
    paths = document["paths"]
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
