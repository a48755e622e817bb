"""What clients asked and what they were told: the history that the checker judges."""

from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import Any

import httpx

MAY_CHANGE_NOTHING = frozenset({"pick", "give", "take away", "skip"})
"""Kinds of commands."""


class Outcome(StrEnum):
    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Attempt:
    """One request. `status` is None when nobody answered."""

    asked_at: float
    seconds: float
    status: int | None = None
    may_be_repeated: bool = False
    """Whether the answer has a Retry-After."""
    text: str = ""


@dataclass(frozen=True)
class Account:
    id: str
    authorization: str
    """What it puts into its requests."""


@dataclass
class Operation:
    """One command with its key, however often it was asked. `by` is None for the clients' own
    account.
    """

    kind: str
    key: str
    path: str
    body: dict[str, Any] | None
    by: Account | None = None
    attempts: list[Attempt] = field(default_factory=list)
    outcome: Outcome = Outcome.UNKNOWN
    answer: dict[str, Any] | None = None
    """The first one that was not a refusal."""
    again: dict[str, Any] | None = None
    """What it was answered when it was repeated in the end."""

    def headers(self, attempt: object) -> dict[str, str]:
        """Of a request whose id tells the key."""
        whose = {} if self.by is None else {"Authorization": self.by.authorization}
        return {"Idempotency-Key": self.key, "X-Request-Id": f"{self.key}.{attempt}", **whose}

    @property
    def may_change_nothing(self) -> bool:
        """Whether it is done, too, where all is as it asks for already."""
        return self.kind in MAY_CHANGE_NOTHING

    @property
    def answered_at(self) -> float | None:
        """When a client heard that it was done; None when it never did."""
        done = (one for one in self.attempts if one.status in {200, 201})
        return next((one.asked_at + one.seconds for one in done), None)

    def told(self, asked_at: float, response: httpx.Response | None) -> None:
        """Note an attempt. A refusal counts only when no earlier attempt may still be under way."""
        self.attempts.append(_attempt(asked_at, response))
        if response is None or response.status_code >= 500 or self.outcome is Outcome.OK:
            return
        if response.is_success:
            self.outcome, self.answer = Outcome.OK, response.json()
        elif all(attempt.status is not None for attempt in self.attempts) and not any(
            attempt.status == 503 for attempt in self.attempts
        ):
            self.outcome = Outcome.FAIL

    def settled(self, response: httpx.Response) -> None:
        """Note the last word, spoken when nothing is under way any more."""
        if self.outcome is Outcome.UNKNOWN:
            self.outcome = Outcome.OK if response.is_success else Outcome.FAIL
        if response.is_success:
            self.again = response.json()
            self.answer = self.answer or self.again


def _attempt(asked_at: float, response: httpx.Response | None) -> Attempt:
    seconds = monotonic() - asked_at
    if response is None:
        return Attempt(asked_at, seconds)
    text = "" if response.is_success else response.text[:300]
    repeatable = "retry-after" in response.headers
    return Attempt(asked_at, seconds, response.status_code, repeatable, text)
