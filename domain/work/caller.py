"""Caller: who wants something of a task, as the rules see him or her."""

from dataclasses import dataclass

from domain.shared.ids import AccountId
from domain.work.user_type import Powers


@dataclass(frozen=True)
class Caller:
    account_id: AccountId
    is_admin: bool
    """Access level *admin* of the EventFlow document: everything in the tenant."""
    is_member: bool
    """Of what the task belongs to."""
    powers: Powers | None
    """Those of the account's user type, if it has one."""
