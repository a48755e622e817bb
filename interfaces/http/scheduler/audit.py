"""The audit trail, for admins and auditors."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from domain.shared.ids import AccountId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Moment, Text
from interfaces.http.scheduler.audit_schemas import AuditOut
from interfaces.http.scheduler.common import PageOut, Paging
from interfaces.http.scheduler.dialect import scheduler_router
from projections.audit.trail import AuditFilter, list_audit

router = scheduler_router()


@router.get("/audit-logs", tags=["audit"], dependencies=[needs("audit:read")])
async def get_audit_logs(
    call: Call,
    paging: Paging,
    by: Annotated[UUID | None, Query(alias="actor", description="Whose doing.")] = None,
    entity: Annotated[Text | None, Query(description="Such as Shift.")] = None,
    entity_id: Annotated[UUID | None, Query()] = None,
    action: Annotated[Text | None, Query(description="Such as PersonAssigned.")] = None,
    since: Annotated[Moment | None, Query(description="Not before.")] = None,
    until: Annotated[Moment | None, Query(description="Before.")] = None,
) -> PageOut[AuditOut]:
    """What happened, the newest first."""
    wanted = AuditFilter(
        actor=None if by is None else AccountId(by),
        entity=entity,
        entity_id=entity_id,
        action=action,
        since=since,
        until=until,
    )
    page = await call.ask(list_audit, call.actor.tenant_id, wanted, paging)
    return PageOut[AuditOut].of(page, [AuditOut.of_row(row) for row in page.items])
