"""What an event changed: an aggregate's public state before and after, only where it differs."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from pydantic_core import to_jsonable_python

from domain.shared.aggregate import Aggregate, Event

State = dict[str, Any]
"""An aggregate's public attributes as plain JSON values."""

_NUL = "\x00"
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Change:
    """`before` is None when the event created the aggregate."""

    before: State | None
    after: State | None


Frozen = dict[str, tuple[object, Any]]
"""Of one aggregate: attributes that are frozen, as objects and as JSON values."""


def state_of(aggregate: Aggregate | None, frozen: Frozen | None = None) -> State | None:
    """None for an aggregate that does not exist (yet).

    What is frozen and still the same object is taken from `frozen`, and left there for the next
    time: the graph of a large workflow is the same after each of its thousand tasks.
    """
    if aggregate is None:
        return None
    known: Frozen = {} if frozen is None else frozen
    public = {name: value for name, value in vars(aggregate).items() if name[0] != "_"}
    told = {name: known[name][1] for name in known if public.get(name) is known[name][0]}
    news = {name: value for name, value in public.items() if name not in told}
    for name, value in storable(to_jsonable_python(news)).items():
        told[name] = value
        if _is_frozen(type(news[name])):
            known[name] = (news[name], value)
    return {name: told[name] for name in public}


def _is_frozen(kind: type) -> bool:
    parameters = getattr(kind, "__dataclass_params__", None)
    return parameters is not None and bool(parameters.frozen)


def change(before: State | None, after: State | None) -> Change:
    """Top-level attributes that differ; of attributes that are objects, the keys that differ."""
    if before is None or after is None:
        return Change(before, after)
    was, became = {}, {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old == new and (name in before) == (name in after):
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            old, new = _only_differing(old, new)
        if name in before:
            was[name] = old
        if name in after:
            became[name] = new
    return Change(was, became)


def applied(event: Event, aggregate: Aggregate | None) -> Aggregate | None:
    """The aggregate after the event. Raises when the event does not follow its version."""
    mutated = event.mutate(aggregate)
    return mutated if isinstance(mutated, Aggregate) else None


def storable(value: Any) -> Any:
    """The value as JSONB can keep it: without NUL, and every number finite and of 64 bits."""
    if isinstance(value, str):
        return value.replace(_NUL, "\ufffd") if _NUL in value else value
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, int):
        return value if -_LARGEST <= value < _LARGEST else str(value)
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def _only_differing(old: State, new: State) -> tuple[State, State]:
    missing = object()
    was = {key: value for key, value in old.items() if new.get(key, missing) != value}
    became = {key: value for key, value in new.items() if old.get(key, missing) != value}
    return was, became
