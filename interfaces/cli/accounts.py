"""Accounts from the command line: the first admin has nobody to invite it; and their links."""

from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

from application.access import Actor
from application.attempt import Request
from application.commands import Command
from application.identity.accounts import FoundTenant, RegisterAccount, SetMemberRoles
from application.identity.external import LinkIdentity
from application.ports import IdempotencyKey, Result
from domain.identity.account import EmailAddress
from domain.shared.errors import Invalid
from domain.shared.ids import PLATFORM, AccountId, TenantId, derived_id
from domain.shared.texts import email_address, name_of
from infrastructure.bootstrap import Core, core
from infrastructure.identity.passwords import LONGEST
from infrastructure.settings import Settings

R = TypeVar("R", bound=Result)
V = TypeVar("V")

SHORTEST = 12
"""Characters of a password."""


async def create(
    settings: Settings, email: str, name: str, roles: tuple[str, ...], tenant: str, password: str
) -> None:
    """Raises Invalid when the address, a name, the password or a role can't be."""
    # Before anything is stored under them, or an id made of them.
    email, name, tenant = email_address(email), name_of("account", name), name_of("tenant", tenant)
    if len(password) < SHORTEST or len(password.encode()) > LONGEST:
        raise Invalid(
            f"A password has {SHORTEST} characters or more and {LONGEST} bytes or less.", {}
        )
    async with core(settings) as parts:
        tenant_id = await found(parts, tenant)
        account_id = await register(parts, email, name, password)
        await run(parts, SetMemberRoles(account_id, roles), Actor.system(tenant_id), nothing)


async def link(settings: Settings, email: str, subject: str) -> str:
    """The issuer whose tokens with this subject act as the account from now on.

    Raises RuleBroken when no issuer is set or the subject is another account's, Invalid when it
    can't be one or nobody has the address.
    """
    email = email_address(email)
    async with core(settings) as parts:
        address = await parts.log.read(EmailAddress, EmailAddress.id_of(email), PLATFORM)
        if address is None:
            raise Invalid("Nobody has this address.", {"email": "is no account's"})
        issuer = parts.external.issuer if parts.external else None
        command = LinkIdentity(address.account_id, issuer, subject)
        return await run(parts, command, Actor.system(PLATFORM), lambda linked: linked.issuer)


async def found(parts: Core, name: str) -> TenantId:
    """The tenant of this name, founded if it is new: its id follows from its name."""
    tenant_id = TenantId(derived_id("tenant", name))
    await run(parts, FoundTenant(name, tenant_id), Actor.system(PLATFORM), nothing)
    return tenant_id


async def register(parts: Core, email: str, name: str, password: str) -> AccountId:
    """The account with this address, registered if it is new; it gets the password either way."""
    address = await parts.log.read(EmailAddress, EmailAddress.id_of(email), PLATFORM)
    if address is None:
        command = RegisterAccount(email, name)
        made = await run(parts, command, Actor.system(PLATFORM), lambda account: account.id)
        account_id = AccountId(made)
    else:
        account_id = address.account_id
    await parts.passwords.set(account_id, password)
    return account_id


async def run(
    parts: Core, command: Command[R], actor: Actor, view: Callable[[R], V], once: str | None = None
) -> V:
    """Dispatch one command as `actor`; only `once`, by whatever name that gives it."""
    key = None if once is None else IdempotencyKey(once, once.encode())
    request = Request(actor, request_id=str(uuid4()), key=key)
    return (await parts.dispatcher.run(command, request, view)).result


def nothing(_result: object) -> None:
    """The view of who needs no answer."""
