"""One event as a CloudEvents 1.0 JSON message, and back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NotRequired
from uuid import UUID

import orjson
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from domain.shared.ids import PLATFORM, AccountId, CommandId, TenantId
from infrastructure.event_store.reader import LogEntry

_METADATA = {
    name: name.replace("_", "")
    for name in ("actor", "command", "request_id", "correlation_id", "causation_id")
}
"""What is told of who did it, by the names in the log."""
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
    # `encode` puts the state last, and its bytes stay exactly as they were stored. No string before
    # it can hold the marker: a quote inside of a string is escaped.
    head, marker, rest = payload.partition(_DATA)
    told = _envelope.validate_json(head + b"}" if marker else payload)
    return Delivered(
        position=told["id"],
        topic=told["type"],
        aggregate_id=told["subject"],
        version=told["aggregateversion"],
        tenant_id=TenantId(told["tenantid"]),
        command_id=CommandId(told["commandid"]),
        actor=AccountId(told.get("actor", PLATFORM)),
        command=told.get("command", ""),
        request_id=told.get("requestid", ""),
        correlation_id=told.get("correlationid", ""),
        causation_id=told.get("causationid"),
        recorded_at=told["time"],
        state=rest[:-1] if marker else None,
    )


class _Envelope(TypedDict):
    """The attributes that we read of a message; pydantic's compiled code makes the values."""

    id: int
    type: str
    subject: UUID
    time: datetime
    tenantid: UUID
    aggregateversion: int
    commandid: UUID
    actor: NotRequired[UUID]
    command: NotRequired[str]
    requestid: NotRequired[str]
    correlationid: NotRequired[str]
    causationid: NotRequired[str | None]


_envelope = TypeAdapter(_Envelope)


def _attributes(entry: LogEntry) -> dict[str, Any]:
    metadata = entry.metadata
    told = {_METADATA[name]: value for name, value in metadata.items() if name in _METADATA}
    return {
        "specversion": "1.0",
        "id": str(entry.position),
        "source": "opstream",
        "type": entry.topic,
        "subject": entry.originator_id,
        "time": entry.recorded_at,
        "datacontenttype": "application/json",
        "tenantid": entry.tenant_id,
        "aggregateversion": entry.version,
        "commandid": entry.command_id,
        **{name: value for name, value in told.items() if value is not None},
    }
