"""Aggregates to and from snapshots: their state as JSON that knows its types."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, cast
from uuid import UUID

import orjson
import structlog
from eventsourcing.utils import get_topic, resolve_topic

from domain.shared.aggregate import Aggregate
from infrastructure.logging import told

A = TypeVar("A", bound=Aggregate)

_SCALARS: dict[type, tuple[str, Callable[[Any], str], Callable[[str], Any]]] = {
    UUID: ("uuid", str, UUID),
    datetime: ("datetime", datetime.isoformat, datetime.fromisoformat),
    date: ("date", date.isoformat, date.fromisoformat),
    time: ("time", time.isoformat, time.fromisoformat),
    Decimal: ("decimal", str, Decimal),
}
_JSON_BITS = 63
"""Integers that orjson writes as numbers."""
_COLLECTIONS: dict[type, str] = {tuple: "tuple", set: "set", frozenset: "frozenset"}
_READERS = {tag: read for tag, _, read in _SCALARS.values()} | {"int": int}
_MAKERS: dict[str, Callable[[list[Any]], Any]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}

log = structlog.get_logger()


def state_of(aggregate: Aggregate) -> bytes:
    """The state without id, version and pending events, which the snapshot's row holds."""
    fields = {
        name: value
        for name, value in vars(aggregate).items()
        if name not in {"_id", "_version", "_pending_events"}
    }
    return orjson.dumps({"of": aggregate.SNAPSHOT_VERSION, "fields": _encode(fields)})


def found_in(topic: str, aggregate_id: UUID, version: int, state: bytes) -> Aggregate | None:
    """The aggregate as it was, or None when the snapshot is of no use to this program.

    It names classes by their modules: whoever moves one must not have to know that.
    """
    try:
        return restored(resolve_topic(topic), aggregate_id, version, state)
    except Exception as error:  # noqa: BLE001 - the events tell the same, whatever it was
        log.warning("snapshot.not_restored", aggregate_id=str(aggregate_id), error=told(error))
        return None


def restored(kind: type[A], aggregate_id: UUID, version: int, state: bytes) -> A | None:
    """The aggregate as it was, or None when its class has changed shape since."""
    stored = orjson.loads(state)
    if stored["of"] != kind.SNAPSHOT_VERSION:
        return None
    aggregate = object.__new__(kind)
    aggregate.__dict__.update(_decode(stored["fields"]))
    aggregate.__dict__.update(_id=aggregate_id, _version=version, _pending_events=[])
    return aggregate


def _encode(value: Any) -> Any:
    if isinstance(value, Enum):
        return {"$enum": [get_topic(type(value)), value.value]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"$object": [get_topic(type(value)), fields]}
    if isinstance(value, dict):
        return _encode_dict(value)
    return [_encode(item) for item in value] if isinstance(value, list) else _encode_plain(value)


def _encode_plain(value: Any) -> Any:
    if type(value) in _SCALARS:
        tag, write, _ = _SCALARS[type(value)]
        return {f"${tag}": write(value)}
    if type(value) is int and value.bit_length() > _JSON_BITS:
        return {"$int": str(value)}
    if type(value) in _COLLECTIONS:
        return {f"${_COLLECTIONS[type(value)]}": [_encode(item) for item in value]}
    return value


def _encode_dict(value: dict[Any, Any]) -> Any:
    if all(isinstance(key, str) and not key.startswith("$") for key in value):
        return {key: _encode(item) for key, item in value.items()}
    return {"$dict": [[_encode(key), _encode(item)] for key, item in value.items()]}


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (tag := next(iter(value))).startswith("$"):
        return _decode_tagged(tag[1:], value[tag])
    return {key: _decode(item) for key, item in value.items()}


def _decode_tagged(tag: str, inner: Any) -> Any:
    match tag:
        case "enum":
            return resolve_topic(inner[0])(inner[1])
        case "object":
            return resolve_topic(inner[0])(**_decode(inner[1]))
        case "dict":
            return {_decode(key): _decode(item) for key, item in inner}
        case "datetime":
            # UTC is one object everywhere else, and so it is here.
            moment = datetime.fromisoformat(inner)
            return moment.astimezone(UTC) if moment.utcoffset() == UTC.utcoffset(None) else moment
        case _ if tag in _READERS:
            return _READERS[tag](inner)
        case _:
            return _MAKERS[tag](cast("list[Any]", _decode(inner)))
