"""What one was told in the application."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from infrastructure.postgres.inbox import InboxFilter, list_inbox, mark_read
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Moment, Text
from interfaces.http.scheduler.common import PageOut, Paging, existing
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.message_schemas import NotificationOut

router = scheduler_router()


@router.get(
    "/notifications", tags=["notifications"], dependencies=[needs("notifications:read:own")]
)
async def get_notifications(
    call: Call,
    paging: Paging,
    unread: Annotated[bool | None, Query(description="Whether it has yet to be read.")] = None,
    kind: Annotated[Text | None, Query(description="Such as shift.assigned.")] = None,
    since: Annotated[Moment | None, Query(description="Not before.")] = None,
) -> PageOut[NotificationOut]:
    """One's own, the newest first. They come a moment after what they tell of."""
    wanted = InboxFilter(unread, kind, since)
    page = await call.ask(list_inbox, call.actor, wanted, paging)
    return PageOut[NotificationOut].of(page, [NotificationOut.of_row(row) for row in page.items])


@router.post(
    "/notifications/{notification_id}/read",
    tags=["notifications"],
    dependencies=[needs("notifications:write:own")],
)
async def read_notification(notification_id: UUID, call: Call) -> NotificationOut:
    """Say that it was read. Once it was, saying so again changes nothing."""
    row = await call.ask(mark_read, call.actor, notification_id)
    return NotificationOut.of_row(existing(row, "notification", notification_id))
