"""Account: somebody who can log in. Passwords are not here: see the credentials table."""

from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, event
from domain.shared.errors import Invalid
from domain.shared.ids import PLATFORM, AccountId, derived_id
from domain.shared.refusals import Refusal

LONGEST_EMAIL = 254
"""Characters (RFC 5321, 4.5.3.1.3, without the angle brackets)."""
LONGEST_NAME = 200


class EmailIsTaken(Refusal):
    @property
    def message(self) -> str:
        return "An account with this e-mail address exists already."


def normalized(email: str) -> str:
    """The form in which addresses are compared."""
    return email.strip().casefold()


def email_address(email: str) -> str:
    """The address in its normal form. Raises Invalid when it can't be one."""
    address = normalized(email)
    local, _, host = address.partition("@")
    if len(address) > LONGEST_EMAIL:
        wrong = f"has more than {LONGEST_EMAIL} characters"
    elif not local or not host or "@" in host:
        wrong = "must have one @, and something on both sides of it"
    elif " " in address or not address.isprintable():
        wrong = "contains blanks or characters that can't be printed"
    else:
        return address
    raise Invalid("This is not an e-mail address.", {"email": wrong})


def name_of(what: str, name: str) -> str:
    """The name of `what`, such as an account. Raises Invalid when it can't be one."""
    stripped = name.strip()
    if not 0 < len(stripped) <= LONGEST_NAME:
        wrong = f"must have between 1 and {LONGEST_NAME} characters"
    elif "\x00" in stripped or any("\ud800" <= each <= "\udfff" for each in stripped):
        wrong = "contains characters that can't be stored"
    else:
        return stripped
    raise Invalid(f"The name of the {what} can't be used.", {"name": wrong})


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
