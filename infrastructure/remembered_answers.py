"""Answers that an API process remembers until it hears that their read model has changed."""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.shared.ids import TenantId
from infrastructure.postgres.watch import Edition, ProjectionWatch

MOST = 1000
"""Answers remembered, whatever their size."""


@dataclass(frozen=True)
class Answer:
    content: bytes
    tag: str


def tag_of(content: bytes) -> str:
    """The ETag of a content (RFC 9110, 8.8.3): another content has another."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


class RememberedAnswers:
    """What was asked of read models that are `cached`.

    The projector tells in the very transaction that changes their rows, and before anybody is
    answered who waited for it: who has changed something is never shown what was before. While that
    can't be heard, everything is asked again each time.
    """

    def __init__(self, watch: ProjectionWatch) -> None:
        self._watch = watch
        self._known: OrderedDict[tuple[str, TenantId], tuple[tuple[Edition, ...], Answer]] = (
            OrderedDict()
        )

    async def answer(
        self,
        name: str,
        tenant_id: TenantId,
        models: tuple[str, ...],
        ask: Callable[[], Awaitable[bytes]],
    ) -> Answer:
        """What is remembered under the name, or what `ask` finds in these read models now."""
        edition = self._edition(models)
        known = self._known.get((name, tenant_id))
        if known is not None and known[0] == edition:
            self._known.move_to_end((name, tenant_id))
            return known[1]
        content = await ask()
        found = Answer(content, tag_of(content))
        if edition is not None:
            self._remember((name, tenant_id), edition, found)
        return found

    def _edition(self, models: tuple[str, ...]) -> tuple[Edition, ...] | None:
        heard = [edition for model in models if (edition := self._watch.edition(model)) is not None]
        return tuple(heard) if len(heard) == len(models) else None

    def _remember(
        self, key: tuple[str, TenantId], edition: tuple[Edition, ...], answer: Answer
    ) -> None:
        self._known[key] = (edition, answer)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
