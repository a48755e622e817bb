"""Bodies of external identities."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, StringConstraints

from domain.identity.external import LONGEST, ExternalIdentity, is_subject
from interfaces.http.fields import Body, example
from interfaces.http.scheduler.common import AN_ID, Out, Row


def _subject(text: str) -> str:
    if not is_subject(text):
        raise ValueError("must be printable, without blanks around it")
    return text


Subject = Annotated[
    str,
    # Compared letter by letter: nothing is taken away from it.
    StringConstraints(strip_whitespace=False, min_length=1, max_length=LONGEST),
    AfterValidator(_subject),
]


class IdentityIn(Body):
    """`subject` is the `sub` of the issuer's tokens; at Supabase, the user's id."""

    model_config = example(subject=AN_ID)

    subject: Subject


class IdentityOut(Out):
    """`active` is false once it was unlinked."""

    id: UUID
    issuer: str
    subject: str
    active: bool

    @classmethod
    def of(cls, identity: ExternalIdentity) -> Self:
        return cls(
            id=identity.id,
            issuer=identity.issuer,
            subject=identity.subject,
            active=identity.account_id is not None,
        )

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(id=row.identity_id, issuer=row.issuer, subject=row.subject, active=True)
