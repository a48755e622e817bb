"""Identifiers. They are UUIDs; the names keep one from being passed for another."""

from typing import NewType
from uuid import UUID, uuid5

TenantId = NewType("TenantId", UUID)
AccountId = NewType("AccountId", UUID)
UnitId = NewType("UnitId", UUID)
RoleId = NewType("RoleId", UUID)
PersonId = NewType("PersonId", UUID)
ShiftId = NewType("ShiftId", UUID)
PatternId = NewType("PatternId", UUID)
AssignmentId = NewType("AssignmentId", UUID)
SwapId = NewType("SwapId", UUID)
ImportId = NewType("ImportId", UUID)
ScopeId = NewType("ScopeId", UUID)
"""Of what a task belongs to, such as an occasion: who is a member there has it in scope."""
OccasionId = NewType("OccasionId", UUID)
UserTypeId = NewType("UserTypeId", UUID)
TaskTypeId = NewType("TaskTypeId", UUID)
TaskId = NewType("TaskId", UUID)
TemplateId = NewType("TemplateId", UUID)
InstanceId = NewType("InstanceId", UUID)
CommandId = NewType("CommandId", UUID)

PLATFORM = TenantId(UUID(int=0))
"""The tenant of what belongs to no tenant: accounts and tenants themselves."""

_OPSTREAM = UUID("6f707374-7265-416d-8000-000000000000")


def derived_id(*parts: object) -> UUID:
    """The identifier that follows from `parts`: the same parts give the same id, everywhere."""
    return uuid5(_OPSTREAM, "/".join(str(part) for part in parts))
