"""Which external identities an account has."""

from sqlalchemy import Column, DateTime, Index, Row, Table, Text, Uuid, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.identity.external import ExternalIdentity
from domain.shared.ids import AccountId, TenantId
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("identity.identities", version=1)

identities = model.keep(
    Table(
        "identities",
        model.metadata,
        Column("identity_id", Uuid, primary_key=True),
        Column("issuer", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("account_id", Uuid),
        Column("only_in", Uuid),
        Column("linked_at", DateTime(timezone=True), nullable=False),
        Index("identities_account_idx", "account_id"),
    ),
    by=["originator_id"],
)
"""`account_id` is null once it was unlinked, `only_in` where it counts in every tenant."""


@model.on(ExternalIdentity.Linked)
def linked(event: ExternalIdentity.Linked, rows: Rows) -> None:
    rows[identities].insert(
        identity_id=event.originator_id,
        issuer=event.issuer,
        subject=event.subject,
        account_id=event.account_id,
        only_in=event.only_in,
        linked_at=event.timestamp,
    )


@model.on(ExternalIdentity.Relinked)
def relinked(event: ExternalIdentity.Relinked, rows: Rows) -> None:
    identity = rows[identities][event.originator_id]
    identity.account_id = event.account_id
    identity.only_in = event.only_in
    identity.linked_at = event.timestamp


@model.on(ExternalIdentity.Unlinked)
def unlinked(event: ExternalIdentity.Unlinked, rows: Rows) -> None:
    identity = rows[identities][event.originator_id]
    identity.account_id = None
    identity.only_in = None


async def list_identities(
    connection: AsyncConnection, tenant_id: TenantId, account_id: AccountId, page: PageRequest
) -> Page[Row[tuple[object, ...]]]:
    """Those that count for the account in this tenant, by subject."""
    here = or_(identities.c.only_in.is_(None), identities.c.only_in == tenant_id)
    query = select(identities).where(identities.c.account_id == account_id, here)
    ordered = query.order_by(identities.c.subject, identities.c.identity_id)
    return await page_of(connection, ordered, page)
