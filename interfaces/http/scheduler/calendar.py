"""A person's calendar, for programs that can't log in: by a secret address that can be revoked.

Whoever knows the address may read the calendar. It ends when it is revoked, when another takes its
place, and when its owner's account leaves the tenant, loses the permission or acts for somebody
else.
"""

from datetime import datetime
from typing import Any

from fastapi import Response

from domain.shared.errors import NotFound
from domain.shared.permissions import Permission
from infrastructure.bootstrap import now
from infrastructure.calendar_feeds import Feed
from interfaces.http.authentication import needs
from interfaces.http.call import MAY_BE_BEHIND, Call
from interfaces.http.conditional import ETAG, Known, if_changed
from interfaces.http.fields import example
from interfaces.http.scheduler.common import Out
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.ical import MEDIA_TYPE, calendar
from interfaces.http.scheduler.own_person import own_person
from projections.scheduling.calendar import calendar_of
from projections.scheduling.people import find_person

router = scheduler_router()

_READS = "calendar:read:own"
_ALLOWED = Permission.parse(_READS)
_TAGGED = {"headers": {ETAG: {"$ref": f"#/components/headers/{ETAG}"}} | MAY_BE_BEHIND}
_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {
        **_TAGGED,
        "description": "The calendar, from 30 days ago until 365 days from now.",
        "content": {"text/calendar": {"schema": {"type": "string"}}},
    },
    304: {**_TAGGED, "description": "It is as it was."},
}


class FeedOut(Out):
    """Whether there is an address, and since when; what it is nobody can be told again."""

    active: bool
    created_at: datetime | None


class NewFeedOut(Out):
    model_config = example(
        url="https://ops.example.org/calendar/dJ0H….ics", created_at="2027-03-01T08:00:00Z"
    )

    url: str
    created_at: datetime


@router.get("/calendar/me", tags=["calendar"], dependencies=[needs(_READS)])
async def get_own_feed(call: Call) -> FeedOut:
    """Whether one's calendar has a secret address."""
    since = await call.core.feeds.since(call.actor.tenant_id, await own_person(call))
    return FeedOut(active=since is not None, created_at=since)


@router.post(
    "/calendar/me",
    status_code=201,
    tags=["calendar"],
    dependencies=[needs("calendar:write:own")],
)
async def make_own_feed(call: Call) -> NewFeedOut:
    """A new secret address for one's calendar; the one before ends. It is told this once."""
    actor, moment = call.actor, now()
    feed = Feed(actor.tenant_id, await own_person(call), actor.account_id)
    secret = await call.core.feeds.begin(feed, moment)
    return NewFeedOut(url=f"{call.base_url}calendar/{secret}.ics", created_at=moment)


@router.delete("/calendar/me", tags=["calendar"], dependencies=[needs("calendar:write:own")])
async def revoke_own_feed(call: Call) -> FeedOut:
    """End the secret address, if there is one."""
    await call.core.feeds.revoke(call.actor.tenant_id, await own_person(call), now())
    return FeedOut(active=False, created_at=None)


@router.get(
    "/calendar/{secret}.ics",
    tags=["calendar"],
    response_class=Response,
    responses=_CALENDAR,
)
async def get_calendar(secret: str, call: Call, known: Known) -> Response:
    """The calendar behind a secret address, as iCalendar (RFC 5545)."""
    feed = await call.core.feeds.find(secret)
    if feed is None or not await _goes_on(feed, call):
        raise NotFound("calendar", "at this address")
    entries = await call.ask_patiently(calendar_of, feed.tenant_id, feed.person_id, now())
    return if_changed(calendar(entries), known, MEDIA_TYPE)


async def _goes_on(feed: Feed, call: Call) -> bool:
    """Whether the account that asked for it still may, and still acts for the person."""
    account = await call.core.roles.find(feed.account_id, feed.tenant_id)
    if account is None or not account.may(_ALLOWED):
        return False
    person = await call.ask(find_person, feed.tenant_id, feed.person_id)
    return person is not None and person.active and person.account_id == feed.account_id
