"""What schemathesis is told: which checks, how much, and where to find things."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from schemathesis.config import SchemathesisConfig

from tests.fuzz.target import NOBODY, Caller

Json = dict[str, Any]

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
    "unsupported_method",
    "allow_header_conformance",
)
REFUSALS = ("400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429")
"""Of what the document forbids; a list of more items than it may have can be too much, too: 413."""
SUPPLIED = 0.7
"""How likely a field has a value under which there is something."""
REFUSED = 5
"""Who has a token and is refused for the role asks this many times less."""

_OWN_IDS: Json = {"extra-data-sources": {"responses": False}}
OF_THEIR_OWN: Json = {"phases": dict.fromkeys(("examples", "coverage", "fuzzing"), _OWN_IDS)}
"""What is supplied is what an operation is asked about, and not any id that was answered before:
what one retires or ends is what others need.
"""

TOKEN_ALONE = {"keys-to-sanitize": ["Authorization"], "sensitive-markers": ["authorization"]}
"""What is left out of a request that is shown; all else is needed to send it again."""


@dataclass(frozen=True)
class Budget:
    examples: int
    """Arbitrary requests per operation and role, beside the examples and the bounds of fields."""
    seed: int
    bounds: Collection[str] | None = None
    """The roles that ask for every bound of every field; all if it is not said."""
    stateful: bool = False
    """Also follow ids out of answers into further requests."""


def configuration(
    url: str, caller: Caller, budget: Budget, refused: Collection[str]
) -> SchemathesisConfig:
    """`refused` are the operations that the caller may not do."""
    dictionaries: Json = {}
    # Nobody's requests are cheap, and none of what they say may be looked at.
    brief = () if caller.role == NOBODY else refused
    everywhere = _bound(dictionaries, {f"header.{n}": [v] for n, v in caller.headers.items()})
    operations = [
        {
            "include-name": label,
            "parameters": everywhere | _bound(dictionaries, caller.supply.get(label, {}), label),
            **(_briefly(budget) if label in brief else OF_THEIR_OWN),
        }
        for label in sorted({*caller.supply, *brief})
    ]
    token = caller.token
    return SchemathesisConfig.from_dict(
        {
            "seed": budget.seed,
            "base-url": url,
            "headers": {} if token is None else {"Authorization": f"Bearer {token}"},
            "continue-on-failure": True,
            "cache": {"enabled": False},
            "output": {"sanitization": TOKEN_ALONE},
            "checks": {
                "enabled": False,
                **{check: {"enabled": True} for check in CHECKS},
                "negative_data_rejection": {"enabled": True, "expected-statuses": list(REFUSALS)},
            },
            "phases": {
                "coverage": {"enabled": budget.bounds is None or caller.role in budget.bounds},
                "stateful": {"enabled": budget.stateful},
            },
            "generation": {"max-examples": budget.examples, "database": "none"},
            "dictionaries": dictionaries,
            "parameters": everywhere,
            "operations": operations,
        }
    )


def _bound(dictionaries: Json, fields: Any, label: str = "") -> Json:
    """Bindings of fields to dictionaries, which are added."""
    bound = {}
    for field, values in fields.items():
        if values:
            name = f"{label} {field}"
            dictionaries[name] = {"values": list(values)}
            bound[field] = {"dictionary": name, "probability": SUPPLIED}
    return bound


def _briefly(budget: Budget) -> Json:
    few = max(1, budget.examples // REFUSED)
    return {"phases": {"coverage": {"enabled": False}}, "generation": {"max-examples": few}}
