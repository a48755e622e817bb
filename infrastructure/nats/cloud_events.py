"""One event as a CloudEvents 1.0 JSON message, and back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.shared.ids import PLATFORM, AccountId, CommandId, TenantId
from infrastructure.event_store.reader import LogEntry

_METADATA = ("actor", "command", "request_id", "correlation_id", "causation_id")
_NOBODY = str(PLATFORM)
_DATA = b',"data":'


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event as a consumer gets it, still undecoded."""

    position: int
    topic: str
    aggregate_id: UUID
    version: int
    tenant_id: TenantId
    command_id: CommandId
    actor: AccountId
    command: str
    request_id: str
    correlation_id: str
    causation_id: str | None
    recorded_at: datetime
    state: bytes | None
    """The event's own JSON; None when it was too large to be sent and stands in the log only."""


def subject_of(entry: LogEntry) -> str:
    """Topic ``scheduling.PersonAssigned`` gives ``events.<tenant>.scheduling.PersonAssigned``."""
    return f"events.{entry.tenant_id}.{entry.topic}"


def encode(entry: LogEntry, max_bytes: int) -> bytes:
    """The event's state goes in as it is stored. Past `max_bytes` only a reference to it goes."""
    envelope = orjson.dumps(_attributes(entry))
    if len(envelope) + len(entry.state) + 16 > max_bytes:
        return envelope[:-1] + b',"dataref":"/log/' + str(entry.position).encode() + b'"}'
    return envelope[:-1] + _DATA + entry.state + b"}"


def decode(payload: bytes) -> Delivered:
    """Raises ValueError when it is not a message of ours.

    One whose state is no JSON is, or everybody would wait for it for ever: its position has come.
    """
    try:
        return _delivered(payload)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not an event: {error!r}") from error


def _delivered(payload: bytes) -> Delivered:
    raw = _envelope_in(payload)
    return Delivered(
        position=int(raw["id"]),
        topic=raw["type"],
        aggregate_id=UUID(raw["subject"]),
        version=raw["aggregateversion"],
        tenant_id=TenantId(UUID(raw["tenantid"])),
        command_id=CommandId(UUID(raw["commandid"])),
        actor=AccountId(UUID(raw.get("actor", _NOBODY))),
        command=raw.get("command", ""),
        request_id=raw.get("requestid", ""),
        correlation_id=raw.get("correlationid", ""),
        causation_id=raw.get("causationid"),
        recorded_at=datetime.fromisoformat(raw["time"]),
        state=_state_in(payload) if _DATA in payload else None,
    )


def _envelope_in(payload: bytes) -> dict[str, Any]:
    """With or, where that can't be read, without the event's own state."""
    try:
        raw: dict[str, Any] = orjson.loads(payload)
    except orjson.JSONDecodeError:
        raw = orjson.loads(payload[: payload.index(_DATA)] + b"}")
    return raw


def _attributes(entry: LogEntry) -> dict[str, Any]:
    metadata = entry.metadata
    told = {name.replace("_", ""): metadata[name] for name in _METADATA if name in metadata}
    told = {name: value for name, value in told.items() if value is not None}
    return {
        "specversion": "1.0",
        "id": str(entry.position),
        "source": "opstream",
        "type": entry.topic,
        "subject": str(entry.originator_id),
        "time": entry.recorded_at.isoformat(),
        "datacontenttype": "application/json",
        "tenantid": str(entry.tenant_id),
        "aggregateversion": entry.version,
        "commandid": str(entry.command_id),
        **told,
    }


def _state_in(payload: bytes) -> bytes:
    """The bytes of ``data``, which `encode` puts last: numbers stay exactly as they were stored.

    No string before it can hold the marker: a quote inside of a string is escaped.
    """
    start = payload.index(_DATA) + len(_DATA)
    return payload[start:-1]
