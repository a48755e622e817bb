"""The library's synchronous recorders over our tables, so that its tools can read our log.

opstream itself never writes through them; they exist to be proven by the library's own test cases
and to open the log to `eventsourcing`'s projections and notification logs.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import orjson
from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking, TrackingRecorder
from eventsourcing.postgres import (
    PostgresApplicationRecorder,
    PostgresDatastore,
    PostgresTrackingRecorder,
)
from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg.sql import SQL

_APPEND = SQL("SELECT outcome, last_position FROM append_commands(%s::json)")
_NOBODY = str(UUID(int=0))
_ADVANCE = SQL("""
INSERT INTO checkpoints (name, position) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET position = EXCLUDED.position, updated_at = clock_timestamp()
WHERE checkpoints.position < EXCLUDED.position RETURNING position
""")
_REACHED = SQL("SELECT position AS max FROM checkpoints WHERE name = %s")


class OpstreamRecorder(PostgresApplicationRecorder):
    """Appends through the same SQL function, under the same lock, as opstream's group commit."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        if datastore.enable_db_functions:
            raise ValueError(
                "POSTGRES_ENABLE_DB_FUNCTIONS takes no lock: tailing readers would lose events."
            )
        super().__init__(datastore, events_table_name="stored_events")
        # Alembic makes our tables; this leaves only the library's composite type.
        self.sql_create_statements = []

    def _insert_stored_events(
        self, curs: Cursor[DictRow], stored_events: Sequence[StoredEvent], **_: Any
    ) -> None:
        curs.execute(_APPEND, (_payload(stored_events),))

    def _fetch_ids_after_insert_events(
        self, curs: Cursor[DictRow], stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int]:
        row = curs.fetchone()
        if row is None or row["outcome"] != "stored":
            raise IntegrityError("a version of these events is taken")
        last = row["last_position"]
        return list(range(last - len(stored_events) + 1, last + 1))


class OpstreamAggregateRecorder(OpstreamRecorder):
    """The same log for who asks for no positions, as the library's aggregate recorders."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


class CheckpointRecorder(PostgresTrackingRecorder, TrackingRecorder):
    """Our checkpoints, as the library tracks positions."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        super().__init__(datastore, tracking_table_name="checkpoints")
        self.sql_create_statements = []

    def create_table(self) -> None:
        """Alembic makes our tables."""

    def _insert_tracking(self, curs: Cursor[DictRow], tracking: Tracking) -> None:
        curs.execute(_ADVANCE, (tracking.application_name, tracking.notification_id))
        if curs.fetchone() is None:
            raise IntegrityError(f"{tracking.application_name} is past {tracking.notification_id}")

    def _max_tracking_id(self, application_name: str, curs: Cursor[DictRow]) -> int | None:
        curs.execute(_REACHED, (application_name,))
        row = curs.fetchone()
        return None if row is None else int(row["max"])


def _payload(stored_events: Sequence[StoredEvent]) -> str:
    command = {"n": 0, "id": uuid4(), "tenant_id": _NOBODY, "account_id": _NOBODY, "metadata": {}}
    events = [
        {
            "command": 0,
            "place": place,
            "originator_id": stored.originator_id,
            "originator_version": stored.originator_version,
            "topic": stored.topic,
            "state": stored.state.decode(),
            "tenant_id": _NOBODY,
        }
        for place, stored in enumerate(stored_events)
    ]
    return orjson.dumps({"commands": [command], "events": events, "reads": []}).decode()
