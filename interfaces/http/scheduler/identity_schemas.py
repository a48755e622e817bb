"""Bodies of logging in and of one's own profile."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from infrastructure.identity.passwords import LONGEST
from interfaces.http.fields import Body, Storable, example
from interfaces.http.scheduler.assignment_schemas import UpcomingOut
from interfaces.http.scheduler.common import Out


def _short_enough(password: str) -> str:
    if len(password.encode()) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} bytes")
    return password


Password = Annotated[
    str,
    # A space at either end belongs to it.
    StringConstraints(strip_whitespace=False),
    AfterValidator(_short_enough),
    Field(repr=False),
]


class LoginIn(Body):
    model_config = example(email="coordinator@demo.test", password="opstream-demo")  # noqa: S106 - the demo's

    email: Annotated[str, Field(max_length=254), Storable]
    password: Password


class LoginOut(Out):
    access_token: str
    token_type: str = "bearer"  # noqa: S105 - not a password
    expires_in: int
    """Seconds."""


class TenantOut(Out):
    id: UUID
    name: str


class MeOut(Out):
    id: UUID
    email: str
    name: str
    tenant: TenantOut
    roles: list[str]
    permissions: list[str]
    person_id: UUID | None
    assignments: list[UpcomingOut]
