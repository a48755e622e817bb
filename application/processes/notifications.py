"""Who is told what when something happens on a shift. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.scheduling.shift import Shift
from domain.scheduling.staffing import assignment_id
from domain.shared.aggregate import Event
from domain.shared.ids import AccountId, PersonId, ShiftId

ABOUT: tuple[type[Event], ...] = (
    Shift.Drafted,
    Shift.Changed,
    Shift.PersonAssigned,
    Shift.AssignmentAccepted,
    Shift.AssignmentDeclined,
    Shift.AssignmentReassigned,
)
"""The events that matter here. Publishing a shift tells nobody: nobody is assigned yet."""


@dataclass(frozen=True)
class ShiftBrief:
    """What a message needs to know of a shift, and who answers for it: the coordinator who last
    assigned somebody or, until then, who drafted it.
    """

    shift_id: ShiftId
    coordinator_id: AccountId
    role: str
    starts_at: datetime
    ends_at: datetime
    zone: str

    @property
    def when(self) -> str:
        """In the wall time of the unit."""
        zone = ZoneInfo(self.zone)
        start, end = self.starts_at.astimezone(zone), self.ends_at.astimezone(zone)
        until = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}"
        return f"{start:%Y-%m-%d %H:%M} – {until} ({self.zone})"  # noqa: RUF001 - a dash between times


@dataclass(frozen=True)
class ToPerson:
    id: PersonId


@dataclass(frozen=True)
class ToAccount:
    id: AccountId


Recipient = ToPerson | ToAccount


@dataclass(frozen=True)
class Notice:
    """`kind` and `data` are for programs; `subject` and `text` for a reader."""

    to: Recipient
    kind: str
    data: Mapping[str, str]
    subject: str
    text: str


def brief_after(event: Event, actor: AccountId, brief: ShiftBrief | None) -> ShiftBrief | None:
    """What is known of the shift after the event; None while its draft was never seen."""
    match event:
        case Shift.Drafted():
            return ShiftBrief(
                shift_id=ShiftId(event.originator_id),
                coordinator_id=actor,
                role=event.role,
                starts_at=event.period.start,
                ends_at=event.period.end,
                zone=event.zone,
            )
        case Shift.Changed() if brief is not None:
            start, end = event.period.start, event.period.end
            return replace(brief, role=event.role, starts_at=start, ends_at=end)
        case Shift.PersonAssigned() if brief is not None:
            return replace(brief, coordinator_id=actor)
        case _:
            return brief


def notices(event: Event, actor: AccountId, brief: ShiftBrief) -> list[Notice]:
    """What is to be told. A coordinator who answers for somebody needs not be told of it."""
    match event:
        case Shift.PersonAssigned(person_id=person_id):
            return [_asked(person_id, brief)]
        case Shift.AssignmentReassigned(person_id=person_id, to_person_id=to_person_id):
            return [_asked(to_person_id, brief), _relieved(person_id, brief)]
        case Shift.AssignmentAccepted(person_id=person_id) if actor != brief.coordinator_id:
            return [_answered("accepted", person_id, brief)]
        case Shift.AssignmentDeclined(person_id=person_id) if actor != brief.coordinator_id:
            return [_answered("declined", person_id, brief)]
        case _:
            return []


def _asked(person_id: PersonId, brief: ShiftBrief) -> Notice:
    return Notice(
        to=ToPerson(person_id),
        kind="shift.assigned",
        data=_data(person_id, brief),
        subject=f"Please answer: {brief.role}, {brief.when}",
        text=f"You are asked to work as {brief.role}, {brief.when}. Please accept or decline.",
    )


def _relieved(person_id: PersonId, brief: ShiftBrief) -> Notice:
    return Notice(
        to=ToPerson(person_id),
        kind="shift.reassigned",
        data=_data(person_id, brief),
        subject=f"No longer yours: {brief.role}, {brief.when}",
        text=f"Your place as {brief.role}, {brief.when}, was handed to somebody else.",
    )


def _answered(answer: str, person_id: PersonId, brief: ShiftBrief) -> Notice:
    return Notice(
        to=ToAccount(brief.coordinator_id),
        kind=f"assignment.{answer}",
        data=_data(person_id, brief),
        subject=f"{answer.capitalize()}: {brief.role}, {brief.when}",
        text=f"An assignment as {brief.role}, {brief.when}, was {answer}.",
    )


def _data(person_id: PersonId, brief: ShiftBrief) -> dict[str, str]:
    return {
        "shift_id": str(brief.shift_id),
        "person_id": str(person_id),
        "assignment_id": str(assignment_id(brief.shift_id, person_id)),
    }
