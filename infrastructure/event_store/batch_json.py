"""A batch of appends as the arguments of the SQL function that stores it."""

from collections.abc import Sequence
from typing import Any

import orjson

from application.ports import Append
from infrastructure.event_store.answers import as_json


def batch_json(
    wanted: Sequence[tuple[Append, Sequence[dict[str, Any]]]],
) -> tuple[str, str, str]:
    """Commands, their events and what they relied on, as the rows that `append_commands` takes."""
    commands: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    reads: list[dict[str, Any]] = []
    for number, (append, stored) in enumerate(wanted):
        commands.append(_command_row(number, append))
        for event in stored:
            events.append({"command": number, "place": len(events), **event})
        reads.extend(
            {
                "command": number,
                "command_id": append.stamp.command_id,
                "originator_id": read.id,
                "originator_version": read.version,
            }
            for read in append.reads
        )
    return _json(commands), _json(events), _json(reads)


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


def _command_row(number: int, append: Append) -> dict[str, Any]:
    stamp = append.stamp
    row: dict[str, Any] = {
        "n": number,
        "id": stamp.command_id,
        "tenant_id": stamp.actor.tenant_id,
        "account_id": stamp.actor.account_id,
        "metadata": {
            "command": stamp.command,
            "actor": stamp.actor.account_id,
            "request_id": stamp.request_id,
            "correlation_id": stamp.correlation_id,
            "causation_id": stamp.causation_id,
        },
    }
    if append.key is not None and append.answer is not None:
        row["key"] = append.key.key
        row["fingerprint"] = append.key.fingerprint.hex()
        row["answer"] = as_json(append.answer)
    return row
