"""Bodies of logging in and of one's own profile."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field

from interfaces.http.fields import Body
from interfaces.http.scheduler.common import Out
from interfaces.http.scheduler.shift_schemas import UpcomingOut


class LoginIn(Body):
    email: Annotated[str, Field(max_length=254)]
    password: Annotated[str, Field(max_length=1024, repr=False)]


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
    roles: Sequence[str]
    permissions: Sequence[str]
    person_id: UUID | None
    assignments: Sequence[UpcomingOut]
