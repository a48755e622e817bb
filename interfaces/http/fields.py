"""Types of request fields that several contracts share: bad input stops here, by name."""

import math
import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

from domain.shared.keeping import KEPT
from domain.shared.texts import LONGEST_TEXT
from domain.shared.zones import zones

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
DEEPEST, LARGEST = 16, 16_384
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
"""What Postgres has no place for: NUL, and halves of a character."""
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
SAFE_INTEGER = 2**53 - 1
"""Beyond it, JSON numbers are not the same number in every language."""


class Body(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def example(**fields: Any) -> ConfigDict:
    """The configuration of a body whose document shows these fields."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


def _storable(text: str) -> str:
    if _NOT_STORABLE.search(text):
        raise ValueError("contains characters that can't be stored")
    return text


def _in_range(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"must be between the years {EARLIEST.year} and {LATEST.year}")
    return moment


def _written_as_a_day(value: object) -> object:
    """A number would be read as seconds since 1970."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("must be a day in ISO 8601, such as 2027-03-01")
    return value


def _day_in_range(day: date) -> date:
    if not EARLIEST.date() <= day < LATEST.date():
        raise ValueError(f"must be between the years {EARLIEST.year} and {LATEST.year}")
    return day


def _written_out(value: object) -> object:
    """A number would be read as seconds since 1970, and be almost right."""
    if not isinstance(value, str) or "-" not in value[:5]:
        raise ValueError("must be a time in ISO 8601, with its offset")
    return value


def _written_clock(value: object) -> object:
    """A clock on a wall shows neither seconds nor offsets."""
    if not isinstance(value, str) or not re.fullmatch(_CLOCK, value):
        raise ValueError("must be a time of day, such as 22:00")
    return value


def _zone(name: str) -> str:
    if name not in zones():
        raise ValueError("is not an IANA time zone")
    return name


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    _check(value, depth=0)
    if len(orjson.dumps(value)) > LARGEST:
        raise ValueError(f"is larger than {LARGEST} bytes as JSON")
    return value


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"is nested deeper than {DEEPEST}")
    if isinstance(value, str):
        _storable(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _storable(key)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
    elif isinstance(value, int) and abs(value) > SAFE_INTEGER:
        raise ValueError("contains an integer beyond 2^53")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("contains a number that is not finite")


def left_out() -> Any:
    """The default of a field of a change: what is left out is kept, and null is not that."""
    return Field(default_factory=lambda: KEPT)


Storable = AfterValidator(_storable)
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    Storable,
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT),
    Storable,
]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    ),
    Storable,
]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_range)]
Day = Annotated[date, BeforeValidator(_written_as_a_day), AfterValidator(_day_in_range)]
WallTime = Annotated[
    time,
    BeforeValidator(_written_clock),
    WithJsonSchema({"type": "string", "pattern": _CLOCK, "examples": ["22:00"]}),
]
"""What the clock on a wall shows."""
Whole = Annotated[int, Strict()]
"""A JSON number without a fraction; no text and no truth value passes for one."""
Zone = Annotated[str, AfterValidator(_zone)]
Notes = Annotated[dict[str, Any], AfterValidator(_plain)]
