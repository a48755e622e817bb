"""The base of all aggregates and events."""

from datetime import datetime
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate, event

from domain.shared.moment import moment

__all__ = ["Aggregate", "Created", "Event", "event"]


class Event(AggregateEvent):
    """Something that happened. Its TOPIC is its name for ever; its class may move."""

    @staticmethod
    def create_timestamp() -> datetime:
        return moment()


class Created(AggregateCreated, Event):
    """The first event of an aggregate."""


class Aggregate(BaseAggregate[UUID]):
    """What decides. A public method decides and may refuse; a private ``@event`` method remembers
    and never refuses, because replay must not fail.
    """

    Event = Event

    SNAPSHOT_EVERY = 100
    """After this many events a snapshot saves the next reader from replaying them."""

    SNAPSHOT_VERSION = 1
    """Raised when the state changes shape; older snapshots are then ignored."""
