"""External identities: whom another issuer's tokens speak of, and for which account here."""

from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid, refuse
from domain.shared.ids import PLATFORM, AccountId, TenantId, derived_id
from domain.shared.refusals import Refusal

LONGEST = 255
"""Characters of a subject (OpenID Connect Core 1.0, 2: ``sub``)."""


class NoExternalIssuer(Refusal):
    @property
    def message(self) -> str:
        return "No external issuer of tokens is set here (OPSTREAM_EXTERNAL_ISSUER)."


class IdentityIsTaken(Refusal):
    """Whose it is, is nobody else's business."""

    @property
    def message(self) -> str:
        return "This subject is linked to another account already."


class MemberElsewhere(Refusal):
    @property
    def message(self) -> str:
        return "The account belongs to another tenant, too: only an operator may do this."


class ExternalIdentity(Aggregate):
    """The index that keeps a subject from being two accounts: one stream per issuer and subject.

    `only_in` is the tenant whose admin linked it, and the only one in which it counts: who joins
    another tenant later does not bring along a stranger. None: an operator did, and it counts in
    each tenant of the account.
    """

    TOPIC = "identity.ExternalIdentity"

    class Linked(Created):
        TOPIC = "identity.ExternalIdentityLinked"
        issuer: str
        subject: str
        account_id: AccountId
        only_in: TenantId | None

    class Unlinked(Event):
        TOPIC = "identity.ExternalIdentityUnlinked"

    class Relinked(Event):
        TOPIC = "identity.ExternalIdentityRelinked"
        account_id: AccountId
        only_in: TenantId | None

    @event(Linked)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        issuer: str,
        subject: str,
        account_id: AccountId,
        only_in: TenantId | None,
    ) -> None:
        self.issuer = issuer
        self.subject = subject
        self.account_id: AccountId | None = account_id
        self.only_in = only_in

    @staticmethod
    def id_of(issuer: str, subject: str) -> UUID:
        # Both may hold slashes; with the length, no two pairs are written alike.
        return derived_id(PLATFORM, "external identity", len(issuer), issuer, subject)

    def link(self, account_id: AccountId, only_in: TenantId | None) -> None:
        """Link it again, or for other tenants. Raises RuleBroken when it is another account's.

        Asking for what is so already, or for less, changes nothing.
        """
        refuse(IdentityIsTaken() if self.account_id not in {None, account_id} else None)
        if self.account_id is None or self.only_in not in {None, only_in}:
            self._relinked(account_id=account_id, only_in=only_in)

    def counts_for(self, account_id: AccountId, tenant_id: TenantId) -> bool:
        return self.account_id == account_id and self.only_in in {None, tenant_id}

    def unlink(self) -> None:
        """Asking for what is so already changes nothing."""
        if self.account_id is not None:
            self._unlinked()

    @event(Unlinked)
    def _unlinked(self) -> None:
        self.account_id = None
        self.only_in = None

    @event(Relinked)
    def _relinked(self, account_id: AccountId, only_in: TenantId | None) -> None:
        self.account_id = account_id
        self.only_in = only_in


def subject_of(text: str) -> str:
    """The subject as it is. Raises Invalid when it can't be one.

    No blanks are taken away: issuers compare subjects letter by letter.
    """
    if not is_subject(text):
        wrong = f"must have 1 to {LONGEST} printable characters, and no blanks around them"
        raise Invalid("This is no subject.", {"subject": wrong})
    return text


def is_subject(text: str) -> bool:
    return 0 < len(text) <= LONGEST and text.isprintable() and text == text.strip()
