"""Which account a subject of an external issuer is linked to now."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.identity.external import ExternalIdentity
from domain.shared.errors import Unauthenticated
from domain.shared.ids import PLATFORM, AccountId, TenantId
from infrastructure.identity.log_changes import Remembered

Key = tuple[str, str]
"""Issuer and subject."""


@dataclass(frozen=True)
class Link:
    """`only_in` is the one tenant in which it counts; None: in each that the account is in."""

    account_id: AccountId
    only_in: TenantId | None


class Links(Remembered[Key, Link]):
    topics = (
        ExternalIdentity.Linked.TOPIC,
        ExternalIdentity.Unlinked.TOPIC,
        ExternalIdentity.Relinked.TOPIC,
    )
    what = "Whose the identity is"

    async def of(self, issuer: str, subject: str) -> Link:
        """Raises Unauthenticated when it is nobody's, Unavailable when the log can't be read."""
        if (found := await self.recall((issuer, subject))) is not None:
            return found
        raise Unauthenticated("This identity is not linked to an account here.")

    def stream_of(self, key: Key) -> tuple[UUID, TenantId]:
        return ExternalIdentity.id_of(*key), PLATFORM

    def told_by(self, key: Key, state: dict[str, Any]) -> Link | None:  # noqa: ARG002
        """By telling no account, an event tells that it is nobody's."""
        account_id, only_in = state.get("account_id"), state.get("only_in")
        if account_id is None:
            return None
        return Link(AccountId(UUID(account_id)), only_in and TenantId(UUID(only_in)))
