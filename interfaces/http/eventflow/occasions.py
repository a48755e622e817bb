"""Occasions, which the document calls events, and their members."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.work.occasions import (
    AddOccasionMember,
    ChangeOccasion,
    PlanOccasion,
    RemoveOccasionMember,
)
from domain.shared.ids import AccountId, OccasionId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.eventflow.common import PageOut
from interfaces.http.eventflow.dialect import eventflow_router
from interfaces.http.eventflow.occasion_schemas import (
    EventChangeIn,
    EventIn,
    EventMemberIn,
    EventMemberOut,
    EventOut,
)
from interfaces.http.eventflow.viewing import EVERY_OCCASION, must_be_in
from interfaces.http.fields import Moment, Text
from interfaces.http.listing import Paging, existing
from projections.identity.directory import accounts_of
from projections.work.occasions import (
    OccasionFilter,
    find_occasion,
    list_members_of,
    list_occasions,
)

router = eventflow_router()
READ = needs("occasions:read:own")


@router.get("/api/events", tags=["events"], dependencies=[READ])
async def get_events(
    call: Call,
    paging: Paging,
    search: Annotated[Text | None, Query(description="Part of a name.")] = None,
    starts_before: Annotated[Moment | None, Query(alias="startsBefore")] = None,
    ends_after: Annotated[Moment | None, Query(alias="endsAfter")] = None,
) -> PageOut[EventOut]:
    """Events that the caller is a member of, or, to an admin, all; the earliest first."""
    actor = call.actor
    of_member = None if actor.may(EVERY_OCCASION) else actor.account_id
    wanted = OccasionFilter(search, ends_after, starts_before)
    page = await call.ask(list_occasions, actor.tenant_id, of_member, wanted, paging)
    return PageOut[EventOut].of(page, [EventOut.of_row(row) for row in page.items])


@router.post("/api/events", tags=["events"], dependencies=[needs(PlanOccasion)])
async def plan_event(body: EventIn, call: Call) -> EventOut:
    """Plan an event. Who does so and has a user type is its first member."""
    return await call.run(PlanOccasion(body.name, body.description, body.period), EventOut.of)


@router.get("/api/events/{eventId}", tags=["events"], dependencies=[READ])
async def get_event(eventId: UUID, call: Call) -> EventOut:
    """One event of the caller's."""
    await must_be_in(call, OccasionId(eventId))
    row = await call.ask(find_occasion, call.actor.tenant_id, OccasionId(eventId))
    return EventOut.of_row(existing(row, "event", eventId))


@router.patch("/api/events/{eventId}", tags=["events"], dependencies=[needs(ChangeOccasion)])
async def change_event(eventId: UUID, body: EventChangeIn, call: Call) -> EventOut:
    """Change an event; for its members who may, and admins."""
    return await call.run(ChangeOccasion(OccasionId(eventId), body.change()), EventOut.of)


@router.get("/api/events/{eventId}/members", tags=["events"], dependencies=[READ])
async def get_event_members(eventId: UUID, call: Call, paging: Paging) -> PageOut[EventMemberOut]:
    """Who has the event's tasks in scope, who joined first first."""
    await must_be_in(call, OccasionId(eventId))
    page = await call.ask(list_members_of, call.actor.tenant_id, OccasionId(eventId), paging)
    accounts = await call.ask(accounts_of, [AccountId(row.account_id) for row in page.items])
    rows = [
        EventMemberOut.of_rows(row, accounts[row.account_id])
        for row in page.items
        if row.account_id in accounts
    ]
    return PageOut[EventMemberOut].of(page, rows)


@router.post(
    "/api/events/{eventId}/members", tags=["events"], dependencies=[needs(AddOccasionMember)]
)
async def add_event_member(eventId: UUID, body: EventMemberIn, call: Call) -> EventOut:
    """Make somebody who has a user type a member; who is one already stays one."""
    command = AddOccasionMember(OccasionId(eventId), AccountId(body.user_id))
    return await call.run(command, EventOut.of)


@router.delete(
    "/api/events/{eventId}/members/{userId}",
    tags=["events"],
    dependencies=[needs(RemoveOccasionMember)],
)
async def remove_event_member(eventId: UUID, userId: UUID, call: Call) -> EventOut:
    """Take somebody out of an event; the tasks that he or she has stay as they are."""
    return await call.run(RemoveOccasionMember(OccasionId(eventId), AccountId(userId)), EventOut.of)
