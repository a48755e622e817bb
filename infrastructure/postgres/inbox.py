"""Notifications in the application: what an account was told, and whether it was read.

They are no truth and follow from no read model: the notifier writes them, their readers mark them.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    and_,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from application.access import Actor
from projections.paging import Page, PageRequest, page_of
from projections.scheduling.people import people

notifications = Table(
    "notifications",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("account_id", Uuid),
    Column("person_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
)


@dataclass(frozen=True)
class InboxFilter:
    """None does not filter."""

    unread: bool | None = None
    kind: str | None = None
    since: datetime | None = None


async def list_inbox(
    connection: AsyncConnection, actor: Actor, wanted: InboxFilter, page: PageRequest
) -> Page[Row[tuple[object, ...]]]:
    """What the actor was told, the newest first."""
    query = select(notifications).where(_is_for(actor))
    if wanted.unread is not None:
        read_at = notifications.c.read_at
        query = query.where(read_at.is_(None) if wanted.unread else read_at.is_not(None))
    if wanted.kind is not None:
        query = query.where(notifications.c.kind == wanted.kind)
    if wanted.since is not None:
        query = query.where(notifications.c.created_at >= wanted.since)
    newest_first = (notifications.c.created_at.desc(), notifications.c.id)
    return await page_of(connection, query.order_by(*newest_first), page)


async def mark_read(
    connection: AsyncConnection, actor: Actor, which: UUID
) -> Row[tuple[object, ...]] | None:
    """The notification, read now or earlier; None when the actor was told no such thing."""
    read_at = func.coalesce(notifications.c.read_at, func.clock_timestamp())
    statement = (
        update(notifications)
        .where(notifications.c.id == which, _is_for(actor))
        .values(read_at=read_at)
        .returning(notifications)
    )
    marked: Row[tuple[object, ...]] | None = (await connection.execute(statement)).one_or_none()
    return marked


def _is_for(actor: Actor) -> ColumnElement[bool]:
    """What was told to the account itself, or to a person for whom it acts now."""
    persons = select(people.c.person_id).where(
        people.c.tenant_id == actor.tenant_id, people.c.account_id == actor.account_id
    )
    return and_(
        notifications.c.tenant_id == actor.tenant_id,
        or_(
            and_(
                notifications.c.person_id.is_(None),
                notifications.c.account_id == actor.account_id,
            ),
            notifications.c.person_id.in_(persons),
        ),
    )
