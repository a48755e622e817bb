"""What a command answered, as it is kept beside its idempotency key."""

from typing import Any
from uuid import UUID

from eventsourcing.utils import get_topic, resolve_topic

from application.ports import Answer, Version
from domain.shared.errors import Failure, Kind


def as_json(answer: Answer) -> dict[str, Any]:
    if answer.failure is not None:
        failure = answer.failure
        return {"kind": failure.kind, "message": failure.message, "data": failure.data}
    versions = [[get_topic(v.kind), v.id, v.version] for v in answer.versions]
    return {"many": answer.many, "versions": versions}


def from_json(kept: dict[str, Any], position: int) -> Answer:
    if "kind" in kept:
        failure = Failure.again(Kind(kept["kind"]), kept["message"], kept["data"])
        return Answer(position=position, failure=failure)
    versions = tuple(
        Version(resolve_topic(topic), UUID(aggregate_id), version)
        for topic, aggregate_id, version in kept["versions"]
    )
    return Answer(versions, kept["many"], position)
