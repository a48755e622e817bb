"""Events to and from the log: the library's mapper with plain JSON inside.

The library's own transcoder marks every value with its type. Here the event class says the types,
so what is stored is JSON that SQL, auditors and other languages can read, and both directions run
in pydantic's compiled code.
"""

import importlib
import json
import pkgutil
import typing
from functools import cache
from typing import Any
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    JSONTranscoder,
    Mapper,
    MapperDeserialisationError,
    StoredEvent,
)
from eventsourcing.utils import TopicError, get_topic, resolve_topic
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

import domain
from domain.shared.aggregate import Event

_ENVELOPE = {"originator_id", "originator_version"}


class UnknownTopicError(MapperDeserialisationError):
    """The log holds an event that this code has no class for."""


class EventMapper(Mapper[UUID]):
    def __init__(self) -> None:
        super().__init__(transcoder=JSONTranscoder())
        load_domain()

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        kind = type(domain_event)
        fields = {
            name: value for name, value in vars(domain_event).items() if name not in _ENVELOPE
        }
        if (version := getattr(kind, "class_version", 1)) > 1:
            fields["class_version"] = version
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=get_topic(kind),
            state=_codec(kind).dump_json(fields),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        """Raises UnknownTopicError, or MapperDeserialisationError when the state can't be read."""
        kind = event_class(stored_event.topic)
        try:
            fields = self._fields(kind, stored_event.state)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            # Without its cause: pydantic's words quote what was stored, and tracebacks tell causes.
            raise MapperDeserialisationError(
                f"{stored_event.topic} {stored_event.originator_id} "
                f"v{stored_event.originator_version} can't be read: {_why(error)}"
            ) from None
        fields["originator_id"] = stored_event.originator_id
        fields["originator_version"] = stored_event.originator_version
        event = object.__new__(kind)
        object.__setattr__(event, "__dict__", fields)
        return event

    @staticmethod
    def knows(topic: str) -> bool:
        """Whether this code has a class for the topic."""
        try:
            event_class(topic)
        except UnknownTopicError:
            return False
        return True

    @staticmethod
    def _fields(kind: type[Event], state: bytes) -> dict[str, Any]:
        wanted = getattr(kind, "class_version", 1)
        try:
            fields = _codec(kind).validate_json(state)
        except ValidationError:
            if wanted == 1:
                raise
        else:
            if fields.pop("class_version", 1) == wanted:
                return fields
        raw = json.loads(state)
        for version in range(raw.pop("class_version", 1), wanted):
            getattr(kind, f"upcast_v{version}_v{version + 1}")(raw)
        return _codec(kind).validate_python(raw)


def load_domain() -> None:
    """Import every module of the domain, so that every topic is known."""
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        importlib.import_module(module.name)


@cache
def event_class(topic: str) -> type[Event]:
    """Raises UnknownTopicError."""
    try:
        kind = resolve_topic(topic)
    except (TopicError, ValueError) as error:
        raise UnknownTopicError(f"no event class has the topic {topic}") from error
    if not (isinstance(kind, type) and issubclass(kind, Event)):
        raise UnknownTopicError(f"{topic} is not an event")
    return kind


def _why(error: Exception) -> str:
    """Which fields, and what is wrong with them; never what is in them."""
    if not isinstance(error, ValidationError):
        return type(error).__name__
    wrong = error.errors(include_url=False, include_context=False, include_input=False)
    return ", ".join(f"{_field(one['loc'])}: {one['type']}" for one in wrong)


def _field(loc: tuple[int | str, ...]) -> str:
    """Only the event's own: what is within may be a key that somebody chose."""
    return str(loc[0]) if loc else "state"


@cache
def _codec(kind: type[object]) -> TypeAdapter[dict[str, Any]]:
    """Reads and writes the fields of one event class."""
    hints = {
        name: hint
        for name, hint in typing.get_type_hints(kind).items()
        if name not in _ENVELOPE and typing.get_origin(hint) is not typing.ClassVar
    }
    if getattr(kind, "class_version", 1) > 1:
        hints["class_version"] = typing.NotRequired[int]
    make: Any = TypedDict  # its functional form is only known to type checkers with literals
    return TypeAdapter(make(kind.__name__, hints))
