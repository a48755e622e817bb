"""Messages that could not be delivered, for admins."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from infrastructure.postgres.dead_letters import (
    DeadLetterFilter,
    list_dead_letters,
    resend,
    resend_all,
)
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Moment
from interfaces.http.scheduler.common import PageOut, Paging, existing
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.message_schemas import (
    ChannelName,
    DeadLetterOut,
    ResendIn,
    ResentOut,
)

router = scheduler_router()


@router.get("/dead-letters", tags=["notifications"], dependencies=[needs("deliveries:read")])
async def get_dead_letters(
    call: Call,
    paging: Paging,
    channel: Annotated[ChannelName | None, Query()] = None,
    since: Annotated[Moment | None, Query(description="Made not before.")] = None,
    until: Annotated[Moment | None, Query(description="Made before.")] = None,
    resent: Annotated[
        bool, Query(description="Instead, those that were sent again, whatever became of them.")
    ] = False,
) -> PageOut[DeadLetterOut]:
    """Messages that were given up after as many attempts as the settings say, the newest first."""
    wanted = DeadLetterFilter(channel, since, until)
    page = await call.ask(list_dead_letters, call.actor.tenant_id, wanted, paging, resent=resent)
    return PageOut[DeadLetterOut].of(page, [DeadLetterOut.of_row(row) for row in page.items])


@router.post(
    "/dead-letters/{dead_letter_id}/resend",
    tags=["notifications"],
    dependencies=[needs("deliveries:write")],
)
async def resend_dead_letter(dead_letter_id: UUID, call: Call) -> DeadLetterOut:
    """Try again to deliver it. While that goes on, and once it is delivered, asking for it again
    changes nothing.
    """
    row = await call.ask(resend, call.actor, dead_letter_id)
    return DeadLetterOut.of_row(existing(row, "dead letter", dead_letter_id))


@router.post(
    "/dead-letters/resend", tags=["notifications"], dependencies=[needs("deliveries:write")]
)
async def resend_dead_letters(body: ResendIn, call: Call) -> ResentOut:
    """Try again to deliver many: those that are named or, without `ids`, all that the other fields
    leave. What is not given up, or is not there, is passed over.
    """
    return ResentOut(resent=await call.ask(resend_all, call.actor, body.wanted()))
