"""A staged file, on its way in and on its way to its end."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.shared.ids import ImportId, TenantId

Shift = dict[str, Any]
"""As `outcome` tells of one."""


class ImportState(StrEnum):
    QUEUED = "queued"
    PARSING = "parsing"
    CHECKING = "checking"
    STORING = "storing"
    DONE = "done"
    REFUSED = "refused"
    """Something is wrong with the file, or with who sent it."""
    FAILED = "failed"
    """Something was wrong here."""

    @property
    def is_end(self) -> bool:
        return self in {ImportState.DONE, ImportState.REFUSED, ImportState.FAILED}


@dataclass(frozen=True)
class StagedImport:
    id: ImportId
    tenant_id: TenantId
    dry_run: bool
    file_name: str
    sha256: str
    state: str
    rows_done: int
    rows_total: int | None
    failure: dict[str, Any] | None
    """As `event_store.answers` keeps one."""
    created: int
    position: int
    created_at: datetime
    ended_at: datetime | None
    shifts: Sequence[Shift] | None

    @property
    def has_ended(self) -> bool:
        return ImportState(self.state).is_end


@dataclass(frozen=True)
class Sent:
    """A file, and the request that brought it."""

    file: bytes
    file_name: str
    dry_run: bool
    request_id: str
    correlation_id: str
    key: str | None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.file).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Of what is asked, however the file is wrapped."""
        asked = f"POST /import/shifts\n{self.dry_run}\n{self.sha256}"
        return hashlib.sha256(asked.encode()).hexdigest()
