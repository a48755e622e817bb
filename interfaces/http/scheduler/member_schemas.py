"""Bodies of roles and members."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field

from application.identity.members import Member
from domain.identity.roles import ROLES
from domain.shared.permissions import Permissions
from interfaces.http.fields import Body, Email, example
from interfaces.http.scheduler.common import Out, Row

AccessRole = Literal["admin", "coordinator", "staff", "volunteer", "manager", "member", "auditor"]
Roles = Annotated[tuple[AccessRole, ...], Field(min_length=1, max_length=len(ROLES))]


class AccessRoleOut(Out):
    name: str
    permissions: list[str]

    @classmethod
    def of(cls, name: str, granted: Permissions) -> Self:
        return cls(name=name, permissions=sorted(str(permission) for permission in granted))


class MemberIn(Body):
    model_config = example(email="ana@example.org", roles=["coordinator"])

    email: Email
    roles: Roles


class MemberChangeIn(Body):
    """What the member is from now on."""

    model_config = example(roles=["coordinator", "staff"])

    roles: Roles


class MemberOut(Out):
    """An account in this tenant; `active` is false once it was removed."""

    account_id: UUID
    email: str
    name: str
    roles: list[str]
    active: bool

    @classmethod
    def of(cls, member: Member) -> Self:
        membership, account = member
        return cls(
            account_id=account.id,
            email=account.email,
            name=account.name,
            roles=list(membership.roles),
            active=membership.active,
        )

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(
            account_id=row.account_id, email=row.email, name=row.name, roles=row.roles, active=True
        )
