"""Who asks, and what the route needs. Everything that is not public by name is closed."""

from typing import Any
from uuid import UUID

from fastapi import Depends

from application.access import Actor
from application.commands import Command
from domain.shared.errors import Forbidden, Unauthenticated
from domain.shared.ids import AccountId, TenantId
from domain.shared.permissions import Permission
from infrastructure.bootstrap import Core
from infrastructure.identity.external import ExternalTokens
from interfaces.http.call import Call

PUBLIC = frozenset(
    {
        ("POST", "/auth/login"),
        ("GET", "/calendar/{secret}.ics"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/.well-known/jwks.json"),
    }
)
"""The routes of contracts that answer without a token; all others need one, and a permission. A
secret in the path is one that the endpoint asks about.

Besides them `pages` shows the documents, ``/docs`` and ``/openapi``, to everybody.
"""

_NOT_YOURS = "X-Tenant-Id does not name a tenant of yours."


_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked from beside, where there is no TLS."""

HSTS = "max-age=31536000"
"""For a year, browsers then ask by HTTPS alone (RFC 6797)."""


def demand_https(call: Call) -> None:
    """Raises Forbidden when settings demand HTTPS and the request did not come by it, as the socket
    or a trusted proxy's X-Forwarded-Proto says.
    """
    if not call.core.settings.require_https or call.scope["path"] in _PROBES:
        return
    if call.scope["scheme"] != "https":
        raise Forbidden("Only HTTPS is answered here.", needs="https")
    call.answer_headers["Strict-Transport-Security"] = HSTS


async def authenticate(call: Call) -> None:
    """Find out who asks; every route of a contract does so first.

    Raises Unauthenticated, Forbidden when X-Tenant-Id names a tenant the account is not in, or
    Unavailable when its roles, or an external issuer's keys, are not known yet and can't be read.
    """
    if (call.method, call.scope["route"].path) in PUBLIC:
        return
    scheme, _, token = (call.header(b"authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("A bearer token is needed.")
    token, wanted = token.strip(), call.header(b"x-tenant-id")
    if (actor := call.core.tokens.remembered(token)) is None:
        if (external := call.core.external) is not None and external.issued(token):
            call.actor = await _linked(call.core, external, token, wanted)
            return
        actor = call.core.tokens.verify(token)
    tenant_id = actor.tenant_id if wanted is None else _tenant_of(wanted)
    # A token tells who one is; what one may do is what one may do now.
    if tenant_id == actor.tenant_id:
        call.actor = await call.core.roles.of(actor.account_id, tenant_id)
    else:
        call.actor = await _in_tenant(call.core, actor.account_id, tenant_id)


async def _linked(core: Core, external: ExternalTokens, token: str, wanted: str | None) -> Actor:
    """The account that the token's subject is linked to: in the tenant that is asked for, or else
    the one in which the link counts, or else the one that the account joined first.
    """
    link = await core.links.of(external.issuer, await external.subject(token))
    if wanted is None:
        tenant_id = link.only_in or await _first_tenant(core, link.account_id)
    else:
        tenant_id = _tenant_of(wanted)
    if wanted is None or tenant_id == link.only_in:
        return await core.roles.of(link.account_id, tenant_id)
    if link.only_in is not None:
        raise Forbidden(_NOT_YOURS)
    return await _in_tenant(core, link.account_id, tenant_id)


async def _first_tenant(core: Core, account_id: AccountId) -> TenantId:
    """Raises Unauthenticated."""
    if not (members := await core.members.of(account_id)):
        raise Unauthenticated("The account is not a member of any tenant.")
    return members[0].tenant_id


def _tenant_of(wanted: str) -> TenantId:
    """Raises Forbidden."""
    try:
        return TenantId(UUID(wanted))
    except ValueError:
        raise Forbidden(_NOT_YOURS) from None


async def _in_tenant(core: Core, account_id: AccountId, tenant_id: TenantId) -> Actor:
    """The account in a tenant that was asked for. Raises Forbidden when it is not a member."""
    found = await core.roles.find(account_id, tenant_id)
    if found is None:
        raise Forbidden(_NOT_YOURS)
    return found


class Needs:
    """A route's guard: the permission that a command declares, or one that a query names.

    Raises Forbidden before anything of the request's content is looked at.
    """

    def __init__(self, what: type[Command[Any]] | str) -> None:
        self.permission = Permission.parse(what) if isinstance(what, str) else what.needs
        self.is_for_command = not isinstance(what, str)

    def admit(self, call: Call) -> None:
        call.actor.must(self.permission)

    async def __call__(self) -> None:
        """Written like a dependency, but called by the route itself, before all dependencies."""
        raise TypeError("only a ContractRoute has guards")


def needs(what: type[Command[Any]] | str) -> Any:
    """Guard a route: ``dependencies=[needs(DraftShift)]``."""
    return Depends(Needs(what))
