"""Dead letters: deliveries that were given up, and what admins do about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from application.access import Actor
from domain.shared.ids import TenantId
from projections.paging import Page, PageRequest, page_of

deliveries = Table(
    "deliveries",
    MetaData(),
    Column("position", BigInteger, primary_key=True),
    Column("recipient", Uuid, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", DateTime(timezone=True), nullable=False),
    Column("last_error", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("sent_at", DateTime(timezone=True)),
    Column("resends", Integer, nullable=False),
    Column("resent_by", Uuid),
    Column("resent_at", DateTime(timezone=True)),
)
"""Some of its columns; the sender knows the others."""

DEAD = deliveries.c.status == "dead"
RESENT = deliveries.c.resends > 0


@dataclass(frozen=True)
class DeadLetterFilter:
    """None does not filter; `since` is included, `until` is not. `ids` are these and no others."""

    channel: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    ids: Sequence[UUID] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.channel is not None:
            found.append(deliveries.c.channel == self.channel)
        if self.since is not None:
            found.append(deliveries.c.created_at >= self.since)
        if self.until is not None:
            found.append(deliveries.c.created_at < self.until)
        if self.ids is not None:
            found.append(deliveries.c.id.in_(self.ids))
        return found


async def list_dead_letters(
    connection: AsyncConnection,
    tenant_id: TenantId,
    wanted: DeadLetterFilter,
    page: PageRequest,
    *,
    resent: bool = False,
) -> Page[Row[tuple[object, ...]]]:
    """What was given up, the newest first; or what was sent again, whatever became of it."""
    query = select(deliveries).where(
        deliveries.c.tenant_id == tenant_id, RESENT if resent else DEAD, *wanted.conditions()
    )
    newest_first = (deliveries.c.created_at.desc(), deliveries.c.id)
    return await page_of(connection, query.order_by(*newest_first), page)


async def resend(
    connection: AsyncConnection, actor: Actor, which: UUID
) -> Row[tuple[object, ...]] | None:
    """The delivery, to be tried again if it is given up; None when it never was."""
    await resend_all(connection, actor, DeadLetterFilter(ids=[which]))
    query = select(deliveries).where(
        deliveries.c.tenant_id == actor.tenant_id,
        deliveries.c.id == which,
        or_(DEAD, RESENT),
    )
    return (await connection.execute(query)).one_or_none()


async def resend_all(connection: AsyncConnection, actor: Actor, wanted: DeadLetterFilter) -> int:
    """Let these be tried again, as often as new ones; how many there were that are given up.

    Asked again it changes nothing: what is to be tried is not given up.
    """
    statement = (
        update(deliveries)
        .where(deliveries.c.tenant_id == actor.tenant_id, DEAD, *wanted.conditions())
        .values(
            status="pending",
            attempts=0,
            next_attempt_at=func.clock_timestamp(),
            resends=deliveries.c.resends + 1,
            resent_by=actor.account_id,
            resent_at=func.clock_timestamp(),
        )
    )
    return (await connection.execute(statement)).rowcount
