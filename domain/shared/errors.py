"""The failures that opstream answers with, whichever contract asks.

    Failure
    ├── Invalid             a value can't be read or used; names the fields
    ├── Unauthenticated     nobody we know is asking
    ├── Forbidden           somebody we know may not do this
    ├── NotFound            no such thing in this tenant
    ├── RuleBroken          the domain refuses; lists the rules found broken
    ├── Conflict            somebody else changed the same thing first
    │   └── StillRunning    the same idempotency key is being worked on
    ├── Stale               what the client saw, and says so, is not the newest
    ├── KeyReused           an idempotency key came back with another body
    ├── TooManyRequests     slow down; says when to come back
    └── Unavailable         the log can't be reached in time; says when to come back

A failure has a kind and data, never an HTTP status: each contract's dialect renders it its own way.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from domain.shared.refusals import Refusal


class Kind(StrEnum):
    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    RULE_BROKEN = "rule_broken"
    CONFLICT = "conflict"
    STALE = "stale"
    KEY_REUSED = "key_reused"
    TOO_MANY_REQUESTS = "too_many_requests"
    UNAVAILABLE = "unavailable"


class Failure(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """A request that ends without its effect; nothing of it is stored."""

    kind: Kind

    def __init__(self, message: str, **data: object) -> None:
        super().__init__(message)
        self.message = message
        self.data: Mapping[str, object] = data

    @staticmethod
    def again(kind: Kind, message: str, data: Mapping[str, object]) -> "Failure":
        """A failure that was told before, from what was kept of it."""
        failure = Failure(message, **data)
        failure.kind = kind
        return failure


class Invalid(Failure):
    """A value can't be read or used. ``fields`` maps each field's path to what is wrong with it."""

    kind = Kind.INVALID

    def __init__(self, message: str, fields: Mapping[str, str]) -> None:
        super().__init__(message, fields=dict(fields))


class Unauthenticated(Failure):
    kind = Kind.UNAUTHENTICATED


class Forbidden(Failure):
    kind = Kind.FORBIDDEN


class NotFound(Failure):
    kind = Kind.NOT_FOUND

    def __init__(self, what: str, which: object) -> None:
        super().__init__(f"There is no {what} {which}.", what=what, id=str(which))


class RuleBroken(Failure):
    """The domain refuses. ``refusals`` are all that were found broken of the rules that were asked
    together, in their order.
    """

    kind = Kind.RULE_BROKEN

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(
            " ".join(refusal.message for refusal in refusals),
            broken=[refusal.as_data() for refusal in refusals],
        )
        self.refusals = tuple(refusals)


class Conflict(Failure):
    kind = Kind.CONFLICT


class StillRunning(Conflict):
    """The first request with this idempotency key has not been answered yet."""


class Stale(Failure):
    """The client asks for a change of what it saw, and that has been changed since."""

    kind = Kind.STALE


class KeyReused(Failure):
    kind = Kind.KEY_REUSED


class TooManyRequests(Failure):
    """``retry_after`` is in seconds."""

    kind = Kind.TOO_MANY_REQUESTS

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


class Unavailable(Failure):
    """The answer can't be had in time. ``retry_after`` is in seconds."""

    kind = Kind.UNAVAILABLE

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


def refuse(*refusals: Refusal | None) -> None:
    """Raise `RuleBroken` with every refusal that is not None; do nothing when there is none."""
    broken = [refusal for refusal in refusals if refusal is not None]
    if broken:
        raise RuleBroken(broken)
