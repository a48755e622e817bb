"""Stored events to relay, and a consumer that remembers what it took."""

import asyncio
import contextlib
import gc
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import orjson
import psycopg

from domain.scheduling.person import Person, PersonKind
from domain.shared.ids import TenantId
from domain.shared.moment import happening_at
from infrastructure.event_store.mapper import EventMapper
from infrastructure.nats.consumer import Consumer
from infrastructure.nats.relay import Relay
from infrastructure.nats.streams import Shape

TENANT = TenantId(uuid4())
ACTOR = UUID("aaaaaaaa-0000-4000-8000-000000000001")
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SHAPE = Shape()
MAPPER = EventMapper()


def person(number=0):
    with happening_at(NOW):
        return Person(
            id=uuid4(),
            name=f"Person {number}",
            email=f"p{number}@example.test",
            kind=PersonKind.STAFF,
            roles=("nurse",),
            account_id=None,
        )


def events_of(*aggregates):
    return [event for aggregate in aggregates for event in aggregate.collect_events()]


def store(database_url, events, actor=ACTOR, tenant=TENANT, command="Test", **metadata):
    """Append events to the log as one command; returns the last position."""
    return store_commands(database_url, [(events, actor, command)], tenant, **metadata)


def store_commands(database_url, commands, tenant=TENANT, **metadata):
    batch = {"commands": [], "events": [], "reads": []}
    place = 0
    for n, (events, actor, command) in enumerate(commands):
        batch["commands"].append(_command(n, actor, command, tenant, metadata))
        for event in events:
            stored = MAPPER.to_stored_event(event)
            batch["events"].append(
                {
                    "command": n,
                    "place": place,
                    "originator_id": stored.originator_id,
                    "originator_version": stored.originator_version,
                    "topic": stored.topic,
                    "state": stored.state.decode(),
                    "tenant_id": tenant,
                }
            )
            place += 1
    with psycopg.connect(database_url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT outcome, last_position FROM append_commands(%s::json)",
            (orjson.dumps(batch).decode(),),
        ).fetchall()
    assert {outcome for outcome, _ in rows} == {"stored"}
    return max(position for _, position in rows)


def _command(n, actor, command, tenant, metadata):
    told = {
        "command": command,
        "actor": actor,
        "request_id": "request",
        "correlation_id": "correlation",
        "causation_id": None,
    }
    return {
        "n": n,
        "id": uuid4(),
        "tenant_id": tenant,
        "account_id": actor,
        "metadata": told | metadata,
    }


def store_people(database_url, count):
    return store(database_url, events_of(*(person(number) for number in range(count))))


def query(database_url, statement, parameters=()):
    with psycopg.connect(database_url, autocommit=True) as connection:
        cursor = connection.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def checkpoint(database_url, name):
    rows = query(database_url, "SELECT position FROM checkpoints WHERE name = %s", (name,))
    return rows[0][0] if rows else 0


async def eventually(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def running(*parts):
    """Run parts in the background, each restarted when it fails, as the worker does."""
    tasks = [asyncio.create_task(_restarted(part)) for part in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # A connection whose making was cancelled is nobody's; no database is dropped beside it.
        gc.collect()


async def _restarted(part):
    while True:
        with contextlib.suppress(Exception):
            await part.run()
        await asyncio.sleep(0.1)


class Taken:
    """A handler that writes what it is given to a table, in the consumer's transaction."""

    def __init__(self, database_url):
        self.database_url = database_url
        self.poison = set()
        self.tries = 0
        query(
            database_url,
            "CREATE TABLE IF NOT EXISTS taken (n serial, consumer text, position bigint)",
        )

    async def __call__(self, connection, events):
        for event in events:
            if event.position in self.poison:
                self.tries += 1
                raise ValueError(f"position {event.position} is poison")
        await connection.cursor().executemany(
            "INSERT INTO taken (consumer, position) VALUES ('test', %s)",
            [(event.position,) for event in events],
        )

    @property
    def positions(self):
        return [row[0] for row in query(self.database_url, "SELECT position FROM taken ORDER BY n")]

    @property
    def count(self):
        return query(self.database_url, "SELECT count(*) FROM taken")[0][0]


def consumer(database_url, nats_url, handler, name="test"):
    return Consumer(name, handler, database_url, nats_url, SHAPE)


def relay(database_url, nats_url, *consumers):
    return Relay(database_url, nats_url, SHAPE, consumers)
