"""Account: somebody who can log in. Passwords are not here: see the credentials table."""

from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, event
from domain.shared.ids import PLATFORM, AccountId, derived_id
from domain.shared.refusals import Refusal
from domain.shared.texts import normalized


class EmailIsTaken(Refusal):
    @property
    def message(self) -> str:
        return "An account with this e-mail address exists already."


class Account(Aggregate):
    TOPIC = "identity.Account"

    class Registered(Created):
        TOPIC = "identity.AccountRegistered"
        email: str
        name: str

    @event(Registered)
    def __init__(self, id: UUID, email: str, name: str) -> None:  # noqa: ARG002
        self.email = email
        self.name = name


class EmailAddress(Aggregate):
    """The index that keeps two accounts from sharing an address: one stream per address."""

    TOPIC = "identity.EmailAddress"

    class Claimed(Created):
        TOPIC = "identity.EmailClaimed"
        account_id: AccountId

    @event(Claimed)
    def __init__(self, id: UUID, account_id: AccountId) -> None:  # noqa: ARG002
        self.account_id = account_id

    @staticmethod
    def id_of(email: str) -> UUID:
        return derived_id(PLATFORM, "email", normalized(email))
