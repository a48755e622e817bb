"""Swap: two people exchange their places on two shifts.

Who holds a place offers it; somebody takes the offer and gives an own place in return. Where the
policy wants it a coordinator approves. Then both places change hands in one decision.

Source: the Scheduler document, "Future Considerations", and its "Accept/decline/reassign".
"""

from enum import StrEnum
from uuid import UUID

from domain.scheduling.refusals import (
    AlreadyOffered,
    NotOnOffer,
    OfferedToAnother,
    SwapIsNotTaken,
    SwapIsOver,
)
from domain.scheduling.rules import Answer
from domain.scheduling.shift import Shift
from domain.scheduling.swap_sides import Place, Side
from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid, RuleBroken, refuse
from domain.shared.ids import PersonId, ShiftId, SwapId
from domain.shared.texts import text_of


class SwapStatus(StrEnum):
    OFFERED = "offered"
    TAKEN = "taken"
    """Waits for a coordinator's approval."""
    EXCHANGED = "exchanged"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """Who offered the place has left it, or its shift has ended or was cancelled."""

    @property
    def is_open(self) -> bool:
        return self in {SwapStatus.OFFERED, SwapStatus.TAKEN}


class Swap(Aggregate):
    TOPIC = "scheduling.Swap"

    class Offered(Created):
        TOPIC = "scheduling.SwapOffered"
        shift_id: ShiftId
        person_id: PersonId
        to_person_id: PersonId | None
        note: str

    class Taken(Event):
        TOPIC = "scheduling.SwapTaken"
        shift_id: ShiftId
        person_id: PersonId
        needs_approval: bool

    class Approved(Event):
        TOPIC = "scheduling.SwapApproved"

    class Exchanged(Event):
        TOPIC = "scheduling.SwapExchanged"

    class Rejected(Event):
        TOPIC = "scheduling.SwapRejected"
        shift_id: ShiftId
        person_id: PersonId
        to_person_id: PersonId
        reason: str

    class Withdrawn(Event):
        TOPIC = "scheduling.SwapWithdrawn"

    class Lapsed(Event):
        TOPIC = "scheduling.SwapLapsed"

    @event(Offered)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        shift_id: ShiftId,
        person_id: PersonId,
        to_person_id: PersonId | None,
        note: str,
    ) -> None:
        self.shift_id = shift_id
        self.person_id = person_id
        self.to_person_id = to_person_id
        """Who alone may take it; None is anybody who can."""
        self.note = note
        self.status = SwapStatus.OFFERED
        self.in_return: Place | None = None
        """What the taker gives."""
        self.reason: str | None = None
        """Why it was rejected."""

    @classmethod
    def offer(
        cls,
        id: UUID,
        shift: Shift,
        person_id: PersonId,
        to: PersonId | None = None,
        note: str = "",
        earlier: "Swap | None" = None,
    ) -> "Swap":
        """Offer the place that a person holds, and that no `earlier` swap is still about. Raises
        RuleBroken, and Invalid for what can't be.
        """
        refuse(
            AlreadyOffered(person_id, SwapId(earlier.id)) if earlier and earlier.is_open else None
        )
        if to == person_id:
            raise Invalid("A swap needs two people.", {"to_person_id": "is who offers it"})
        kept = text_of("note", note, "note") if note.strip() else ""
        shift.offer(person_id, SwapId(id))
        return cls(
            id=id, shift_id=ShiftId(shift.id), person_id=person_id, to_person_id=to, note=kept
        )

    @property
    def is_open(self) -> bool:
        return self.status.is_open

    def take(self, offered: Side, in_return: Side, *, needs_approval: bool) -> None:
        """Give an own place for the one that is offered: at once, or once it is approved. Raises
        RuleBroken, listing every reason against either side.
        """
        refuse(
            *self._reasons_against_taking(in_return.person_id),
            *offered.reasons_against(),
            *in_return.reasons_against(),
        )
        self._taken(in_return.shift_id, in_return.person_id, needs_approval)
        if not needs_approval:
            self._exchange(offered, in_return)

    def approve(self, offered: Side, in_return: Side) -> None:
        """Raises RuleBroken, listing all that does not hold any more."""
        refuse(self._is_taken(), *offered.reasons_against(), *in_return.reasons_against())
        self._approved()
        self._exchange(offered, in_return)

    def reject(self, reason: str) -> None:
        """Keep things as they are. Raises RuleBroken, Invalid."""
        taker = self.taken_for().person_id
        self._rejected(self.shift_id, self.person_id, taker, text_of("reason", reason, "reason"))

    def withdraw(self) -> None:
        refuse(None if self.is_open else SwapIsOver(self.status))
        self._withdrawn()

    def lapse(self) -> None:
        """There is nothing to exchange any more; of what is over already, nothing changes."""
        if self.is_open:
            self._lapsed()

    def taken_for(self) -> Place:
        """What is to be given in return. Raises RuleBroken unless that waits for approval."""
        if self.in_return is None or self.status is not SwapStatus.TAKEN:
            raise RuleBroken([SwapIsNotTaken(self.status)])
        return self.in_return

    def _reasons_against_taking(self, by: PersonId) -> list[Answer]:
        is_offered = self.status is SwapStatus.OFFERED
        is_for_them = self.to_person_id in {None, by}
        return [
            None if is_offered else NotOnOffer(self.status),
            None if is_for_them else OfferedToAnother(by),
        ]

    def _is_taken(self) -> Answer:
        return None if self.status is SwapStatus.TAKEN else SwapIsNotTaken(self.status)

    def _exchange(self, offered: Side, in_return: Side) -> None:
        self._exchanged()
        offered.hand_over(SwapId(self.id))
        in_return.hand_over(SwapId(self.id))

    @event(Taken)
    def _taken(self, shift_id: ShiftId, person_id: PersonId, needs_approval: bool) -> None:  # noqa: ARG002
        self.status = SwapStatus.TAKEN
        self.in_return = Place(shift_id, person_id)

    @event(Approved)
    def _approved(self) -> None:
        """The exchange follows in the same decision."""

    @event(Exchanged)
    def _exchanged(self) -> None:
        self.status = SwapStatus.EXCHANGED

    @event(Rejected)
    def _rejected(
        self,
        shift_id: ShiftId,  # noqa: ARG002
        person_id: PersonId,  # noqa: ARG002
        to_person_id: PersonId,  # noqa: ARG002
        reason: str,
    ) -> None:
        self.status = SwapStatus.REJECTED
        self.reason = reason

    @event(Withdrawn)
    def _withdrawn(self) -> None:
        self.status = SwapStatus.WITHDRAWN

    @event(Lapsed)
    def _lapsed(self) -> None:
        self.status = SwapStatus.LAPSED
