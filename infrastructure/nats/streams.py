"""The stream and its durable consumers: declared, compared with what is there, and healed."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from infrastructure.nats.connection import stores_batches
from infrastructure.settings import Settings

STREAM = "EVENTS"
SUBJECTS = "events.>"
DUPLICATE_WINDOW = 120.0
"""Seconds for which the server remembers message ids."""
ACK_WAIT = 30.0
"""Seconds after which the server delivers an unacknowledged message again."""
MAX_UNACKNOWLEDGED = 2000

_SECONDS_PER_DAY = 86_400.0
_STREAM_FIELDS = (
    "subjects",
    "discard",
    "max_age",
    "duplicate_window",
    "num_replicas",
    "max_msgs",
    "max_bytes",
    "allow_atomic",
)
_CONSUMER_FIELDS = ("ack_wait", "max_ack_pending", "max_deliver")
_FIXED = ("storage", "retention")

log = structlog.get_logger()


@dataclass(frozen=True)
class Shape:
    """How the stream is to be: days that it keeps events, copies of it in the cluster."""

    days: int = 7
    replicas: int = 1

    @classmethod
    def of(cls, settings: Settings) -> "Shape":
        return cls(settings.stream_days, settings.stream_replicas)


async def declare_stream(js: JetStreamContext, shape: Shape, *, batches: bool) -> None:
    """Make the stream, or change what differs from `shape`. Safe to repeat, and to race.

    What can't be changed is made anew: all of it is in the log. Raises nats.errors.Error or
    TimeoutError when JetStream does not answer.
    """
    wanted = _stream_config(shape, batches=batches)
    try:
        found = (await js.stream_info(STREAM)).config
    except NotFoundError:
        await js.add_stream(wanted)
        log.info("nats.stream_declared", stream=STREAM)
        return
    if _differs(found, wanted, _FIXED):
        await js.delete_stream(STREAM)
        await js.add_stream(wanted)
        log.warning("nats.stream_made_anew", stream=STREAM)
    elif _differs(found, wanted, _STREAM_FIELDS):
        await js.update_stream(wanted)
        log.warning("nats.stream_healed", stream=STREAM)


async def declare_consumer(js: JetStreamContext, name: str) -> None:
    """Make a durable pull consumer, or heal it. The stream exists.

    One acknowledgement speaks for everything before it, so a batch costs one and not one each.
    It starts at the beginning of the stream: what it has taken already it knows by position.
    """
    wanted = _consumer_config(name)
    try:
        found = (await js.consumer_info(STREAM, name)).config
    except NotFoundError:
        found = None
    if found is not None and (found.deliver_subject or found.ack_policy != AckPolicy.ALL):
        await js.delete_consumer(STREAM, name)
        found = None
    if found is None or _differs(found, wanted, _CONSUMER_FIELDS):
        await js.add_consumer(STREAM, wanted)
        log.info("nats.consumer_declared", consumer=name)


async def declare(client: Client, shape: Shape, consumers: Sequence[str] = ()) -> None:
    """The stream, for batches where the server knows them, and its consumers."""
    js = client.jetstream(timeout=2)
    await declare_stream(js, shape, batches=stores_batches(client))
    for consumer in consumers:
        await declare_consumer(js, consumer)


async def exists(js: JetStreamContext) -> bool:
    """Whether the stream is there."""
    try:
        await js.stream_info(STREAM)
    except NotFoundError:
        return False
    return True


def _stream_config(shape: Shape, *, batches: bool) -> StreamConfig:
    return StreamConfig(
        name=STREAM,
        subjects=[SUBJECTS],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        # Old messages leave by age only: to discard them for want of space would be silent.
        discard=DiscardPolicy.NEW,
        max_age=shape.days * _SECONDS_PER_DAY,
        max_msgs=-1,
        max_bytes=-1,
        duplicate_window=DUPLICATE_WINDOW,
        num_replicas=shape.replicas,
        allow_atomic=batches or None,
    )


def _consumer_config(name: str) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=name,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.ALL,
        ack_wait=ACK_WAIT,
        max_ack_pending=MAX_UNACKNOWLEDGED,
        # Poison is parked by ourselves; the server must never give a message up.
        max_deliver=-1,
    )


def _differs(found: object, wanted: object, fields: Sequence[str]) -> bool:
    return any(getattr(found, field) != getattr(wanted, field) for field in fields)
