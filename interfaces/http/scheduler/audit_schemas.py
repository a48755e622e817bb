"""Bodies of the audit trail."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from interfaces.http.scheduler.common import Out, Row


class AuditOut(Out):
    """One event: who did what to which thing, and what that changed."""

    position: int
    actor: UUID
    command: str
    action: str
    entity: str
    entity_id: UUID
    entity_version: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str
    correlation_id: str
    occurred_at: datetime
    recorded_at: datetime
    hash: str

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(**{name: getattr(row, name) for name in cls.model_fields})
