"""What the notifier must know of a shift in order to tell of it, as the log tells it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.scheduling.shift import Shift
from domain.scheduling.swap import Swap
from domain.shared.aggregate import Event
from domain.shared.ids import PLATFORM, AccountId, PersonId, ShiftId, UnitId

SHAPING = (
    Shift.Drafted,
    Shift.Changed,
    Shift.PersonAssigned,
    Shift.PlaceClaimed,
    Shift.AssignmentDeclined,
    Shift.AssignmentReassigned,
    Shift.PlaceSwapped,
)
"""The events from which a brief follows."""
OF_SWAPS = (Swap.Offered, Swap.Taken, Swap.Rejected)
OPSTREAM = AccountId(PLATFORM)
"""The account of jobs and the command line: nobody reads what it is told."""


@dataclass(frozen=True)
class ShiftBrief:
    """What a message needs to know of a shift, who holds its places, and who answers for it: the
    coordinator who last assigned somebody or, until then, who drafted it.
    """

    shift_id: ShiftId
    coordinator_id: AccountId
    role: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    unit_id: UnitId
    headcount: int
    people: tuple[PersonId, ...] = ()
    """Who is to be on it once it is published."""
    holders: tuple[PersonId, ...] = ()

    @property
    def when(self) -> str:
        """In the wall time of the unit."""
        zone = ZoneInfo(self.zone)
        start, end = self.starts_at.astimezone(zone), self.ends_at.astimezone(zone)
        until = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}"
        return f"{start:%Y-%m-%d %H:%M} – {until} ({self.zone})"  # noqa: RUF001 - a dash between times

    @property
    def on_it(self) -> tuple[PersonId, ...]:
        """Who holds a place, or gets one by its publication."""
        return tuple(sorted({*self.people, *self.holders}))

    @property
    def places_left(self) -> int:
        return max(0, self.headcount - len(self.on_it))

    def held_by(self, *people: PersonId, but: PersonId | None = None) -> "ShiftBrief":
        """With these on it too, and one not any more."""
        held = {*self.holders, *people}.difference(() if but is None else (but,))
        return replace(self, holders=tuple(sorted(held)))


def shift_of(event: Event) -> UUID:
    """The shift that an event is of: its own or, of a swap, the one whose place is told of."""
    shift_id: UUID = getattr(event, "shift_id", event.originator_id)
    return shift_id if isinstance(event, OF_SWAPS) else event.originator_id


def brief_after(event: Event, actor: AccountId, brief: ShiftBrief | None) -> ShiftBrief | None:
    """What is known of the shift after the event; None without its draft."""
    if isinstance(event, Shift.Drafted):
        return _drafted(event, actor)
    return None if brief is None else _changed(event, actor, brief)


def _changed(event: Event, actor: AccountId, brief: ShiftBrief) -> ShiftBrief:
    changed = brief
    match event:
        case Shift.Changed():
            changed = replace(
                brief,
                role=event.role,
                starts_at=event.period.start,
                ends_at=event.period.end,
                headcount=event.headcount,
                people=tuple(event.people),
            )
        case Shift.PersonAssigned(person_id=person_id):
            coordinator_id = brief.coordinator_id if actor == OPSTREAM else actor
            changed = replace(brief.held_by(person_id), coordinator_id=coordinator_id)
        case Shift.PlaceClaimed(person_id=person_id):
            changed = brief.held_by(person_id)
        case Shift.AssignmentDeclined(person_id=person_id):
            changed = brief.held_by(but=person_id)
        case (
            Shift.AssignmentReassigned(person_id=person_id, to_person_id=to_person_id)
            | Shift.PlaceSwapped(person_id=person_id, to_person_id=to_person_id)
        ):
            changed = brief.held_by(to_person_id, but=person_id)
    return changed


def _drafted(event: Shift.Drafted, actor: AccountId) -> ShiftBrief:
    return ShiftBrief(
        shift_id=ShiftId(event.originator_id),
        coordinator_id=actor,
        role=event.role,
        starts_at=event.period.start,
        ends_at=event.period.end,
        zone=event.zone,
        unit_id=event.unit_id,
        headcount=event.headcount,
        people=tuple(event.people),
    )
