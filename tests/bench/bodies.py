"""The request bodies: every shift starts at another time, everything else stays the same."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

FIRST_START = datetime(2027, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=15)
LENGTH = timedelta(hours=4)


@dataclass(frozen=True)
class ShiftBodies:
    """`bodies(n)` is the n-th body as JSON bytes, cheap enough not to be what is measured."""

    unit_id: UUID

    def __call__(self, n: int) -> bytes:
        start = FIRST_START + n * STEP
        return (
            f'{{"unit_id":"{self.unit_id}","role":"nurse","start":"{start.isoformat()}",'
            f'"end":"{(start + LENGTH).isoformat()}","zone":"Europe/Berlin","headcount":3,'
            f'"notes":{{"room":"B{n % 90}","briefing":"Bring the keys"}}}}'
        ).encode()
