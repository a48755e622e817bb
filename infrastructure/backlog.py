"""What still waits, as the database tells it: the same in every process, whoever does the work."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from infrastructure.looking import Connection, Looking, Shared
from infrastructure.nats.consumer import checkpoint_of
from infrastructure.nats.relay import CHECKPOINT
from infrastructure.registry import awaited_read_models, background_read_models

CONSUMERS = ("audit", "notifier")

# How many events are behind the checkpoints, and for how long the oldest has waited. A checkpoint
# that is missing stands at 0.
_LAG = """
WITH reached AS (
    SELECT coalesce(min(coalesce(c.position, 0)), 0) AS position
    FROM unnest(%s::text[]) AS wanted(name) LEFT JOIN checkpoints c USING (name)
)
SELECT (SELECT coalesce(max(notification_id), 0) FROM stored_events) - reached.position,
    coalesce(extract(epoch FROM clock_timestamp() - next.recorded_at), 0)::float8
FROM reached LEFT JOIN stored_events next ON next.notification_id = reached.position + 1
"""
_DEAD = "SELECT count(*) FROM deliveries WHERE status = 'dead'"
_JOBS = """
SELECT DISTINCT ON (job) job, CASE WHEN state = 'failed' THEN attempts ELSE 0 END
FROM job_runs ORDER BY job, slot DESC
"""
_PARKED_EVENTS = "SELECT read_model, count(*) FROM parked_events GROUP BY 1"
_PARKED_MESSAGES = "SELECT consumer, count(*) FROM parked_messages GROUP BY 1"


@dataclass(frozen=True)
class Lag:
    events: int
    seconds: float
    """How late the oldest of them is."""


@dataclass(frozen=True)
class Waiting:
    lags: Mapping[str, Lag]
    dead_letters: int = 0
    parked_events: Mapping[str, int] = field(default_factory=dict)
    parked_messages: Mapping[str, int] = field(default_factory=dict)
    failed_jobs: Mapping[str, int] = field(default_factory=dict)
    """Of each job, how often its newest slot has been tried and has failed; 0 when it has not."""


def followed() -> Mapping[str, list[str]]:
    """The checkpoints of each role that follows the log."""
    return {
        "projector": [model.checkpoint for model in awaited_read_models()],
        "background": [model.checkpoint for model in background_read_models()],
        "relay": [CHECKPOINT],
        **{consumer: [checkpoint_of(consumer)] for consumer in CONSUMERS},
    }


async def lag_of(connection: Connection, checkpoints: Sequence[str]) -> Lag:
    row = await (await connection.execute(_LAG, (list(checkpoints),))).fetchone()
    events, seconds = (int(row[0]), float(row[1])) if row else (0, 0.0)
    return Lag(max(0, events), round(max(0.0, seconds), 3))


class Backlog(Collector):
    """Gauges read from the database when they are asked for, at most once a second.

    While it can't be read they are absent, and `opstream_backlog_known` is 0: never a wrong 0.
    """

    def __init__(self, looking: Looking) -> None:
        self._looking = looking
        self._look = Shared(self._read)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        self._waiting: Waiting | None = None

    async def exposition(self) -> bytes:
        """All metrics of this process, and what waits, in Prometheus' text format."""
        self._waiting = await self._look()
        return generate_latest(REGISTRY) + generate_latest(self._registry)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        waiting = self._waiting
        yield _gauge("backlog_known", "Whether the database told what waits.", waiting is not None)
        if waiting is not None:
            yield from _lags(waiting.lags)
            yield _gauge("dead_letters", "Deliveries given up.", waiting.dead_letters)
            yield _labelled(
                "parked_events_waiting",
                "Events set aside by a read model.",
                "read_model",
                waiting.parked_events,
            )
            yield _labelled(
                "parked_messages_waiting",
                "Events set aside by a consumer.",
                "consumer",
                waiting.parked_messages,
            )
            yield _labelled(
                "job_failed_attempts",
                "Attempts at a job's newest slot, while it fails.",
                "job",
                waiting.failed_jobs,
            )

    async def _read(self) -> Waiting | None:
        try:
            return await self._looking(_all)
        except (psycopg.Error, OSError):
            return None


async def _all(connection: Connection) -> Waiting:
    lags = {role: await lag_of(connection, names) for role, names in followed().items()}
    dead = await (await connection.execute(_DEAD)).fetchone()
    events = await (await connection.execute(_PARKED_EVENTS)).fetchall()
    messages = await (await connection.execute(_PARKED_MESSAGES)).fetchall()
    jobs = await (await connection.execute(_JOBS)).fetchall()
    return Waiting(lags, dead[0] if dead else 0, dict(events), dict(messages), dict(jobs))


def _lags(lags: Mapping[str, Lag]) -> Iterable[GaugeMetricFamily]:
    late = "Age of the oldest event not yet"
    for role, where in (
        ("projector", "in the read models"),
        ("background", "in those that no answer waits for"),
        ("relay", "acknowledged by NATS"),
    ):
        yield _gauge(f"{role}_lag_events", f"Events not yet {where}.", lags[role].events)
        yield _gauge(f"{role}_lag_seconds", f"{late} {where}.", lags[role].seconds)
    events = {consumer: lags[consumer].events for consumer in CONSUMERS}
    seconds = {consumer: lags[consumer].seconds for consumer in CONSUMERS}
    yield _labelled("consumer_lag_events", "Events not yet taken.", "consumer", events)
    yield _labelled("consumer_lag_seconds", f"{late} taken.", "consumer", seconds)


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"opstream_{name}", what, value=float(value))


def _labelled(name: str, what: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"opstream_{name}", what, labels=[label])
    for of, value in values.items():
        family.add_metric([of], value)
    return family
