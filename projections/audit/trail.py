"""The audit trail's table, which only grows, and its queries."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Row, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.shared.ids import AccountId, TenantId
from projections.paging import Page, PageRequest, page_of

# Made by a migration, not by the projector: it is written once and never built again.
audit_trail = Table(
    "audit_trail",
    MetaData(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("actor", Uuid, nullable=False),
    Column("command", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("entity_id", Uuid, nullable=False),
    Column("entity_version", BigInteger, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("request_id", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("causation_id", Text),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)


@dataclass(frozen=True)
class AuditFilter:
    """None does not filter; `since` is included, `until` is not."""

    actor: AccountId | None = None
    entity: str | None = None
    entity_id: UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_audit(
    connection: AsyncConnection, tenant_id: TenantId, wanted: AuditFilter, page: PageRequest
) -> Page[Row[tuple[object, ...]]]:
    """What was done in a tenant, the newest first."""
    query = select(audit_trail).where(audit_trail.c.tenant_id == tenant_id)
    for name in ("actor", "entity", "entity_id", "action"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(audit_trail.c[name] == value)
    if wanted.since is not None:
        query = query.where(audit_trail.c.recorded_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit_trail.c.recorded_at < wanted.until)
    return await page_of(connection, query.order_by(audit_trail.c.position.desc()), page)
