"""Shift: a stretch of work at a unit that needs people in a role."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias
from uuid import UUID

from domain.scheduling import rules, shift_events
from domain.scheduling.agenda import Agenda, release
from domain.scheduling.candidate import Candidate
from domain.scheduling.staffing import (
    AssignmentStatus,
    Notes,
    People,
    PlanChange,
    ShiftStatus,
    Staffed,
)
from domain.scheduling.warnings import Override, Warnings, warnings_about
from domain.shared.aggregate import Aggregate, event
from domain.shared.errors import refuse
from domain.shared.ids import PersonId, ShiftId, SwapId, UnitId
from domain.shared.period import Period
from domain.shared.texts import text_of


class Shift(Staffed, Aggregate):
    TOPIC = "scheduling.Shift"
    SNAPSHOT_VERSION = 4

    Drafted: TypeAlias = shift_events.Drafted
    Changed: TypeAlias = shift_events.Changed
    Discarded: TypeAlias = shift_events.Discarded
    Published: TypeAlias = shift_events.Published
    Cancelled: TypeAlias = shift_events.Cancelled
    Completed: TypeAlias = shift_events.Completed
    Reminded: TypeAlias = shift_events.Reminded
    PersonAssigned: TypeAlias = shift_events.PersonAssigned
    PlaceClaimed: TypeAlias = shift_events.PlaceClaimed
    AssignmentAccepted: TypeAlias = shift_events.AssignmentAccepted
    AssignmentDeclined: TypeAlias = shift_events.AssignmentDeclined
    AssignmentReassigned: TypeAlias = shift_events.AssignmentReassigned
    PlaceOffered: TypeAlias = shift_events.PlaceOffered
    PlaceSwapped: TypeAlias = shift_events.PlaceSwapped
    WarningsRaised: TypeAlias = shift_events.WarningsRaised
    WarningsOverridden: TypeAlias = shift_events.WarningsOverridden

    @event(Drafted)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        unit_id: UnitId,
        role: str,
        period: Period,
        zone: str,
        headcount: int,
        notes: Notes,
        people: People = (),
    ) -> None:
        self.unit_id = unit_id
        self.role = role
        self.period = period
        self.zone = zone
        """The IANA zone of the unit's wall clock when the shift was drafted."""
        self.headcount = headcount
        self.notes = notes
        self.people = people
        """Who is meant to be on it: they get their places when it is published."""
        self.status = ShiftStatus.DRAFT
        self.assignments: dict[PersonId, AssignmentStatus] = {}
        self.warnings: dict[PersonId, Warnings] = {}
        self.overridden: dict[PersonId, Warnings] = {}
        """What an admin has settled; both are of assignments that hold a place."""
        self.offers: dict[PersonId, SwapId] = {}
        """The last swap in which a place was offered by who still holds it, or did at the end."""
        self.is_reminded = False

    def change(self, change: PlanChange) -> None:
        """Raises RuleBroken unless it is a draft, and Invalid when the parts don't fit together."""
        refuse(rules.shift_is_a_draft(self))
        if not (plan := change.of(self.plan)).is_as(self.plan):
            self._changed(**vars(plan))

    def discard(self) -> None:
        refuse(rules.shift_is_a_draft(self))
        self._discarded()

    def publish(self, planned: Sequence[Candidate] = (), *, notify: bool = False) -> None:
        """Open it, and give `planned`, its `people`, their places. Raises RuleBroken, with all."""
        refuse(
            rules.shift_is_a_draft(self),
            rules.shift_is_not_over(self),
            *rules.reasons_against(self, planned),
        )
        self._published(notify=notify)
        self._put_on(planned, None)

    def cancel(self, reason: str, agendas: Iterable[Agenda]) -> None:
        """Call it off, and free the agendas of all who hold a place. Raises RuleBroken, Invalid."""
        refuse(*rules.not_open(self))
        self._cancelled(reason=text_of("reason", reason, "reason"))
        release(agendas, ShiftId(self.id))

    def complete(self) -> None:
        """It is over, and stays as it was. Raises RuleBroken before its end."""
        refuse(rules.shift_is_open(self), rules.shift_is_over(self))
        self._completed()

    def remind(self) -> None:
        """Remind everybody who accepted, once; of nobody there is nothing to remind."""
        refuse(*rules.not_open(self))
        if self.accepted and not self.is_reminded:
            self._reminded(person_ids=tuple(self.accepted))

    def assign_all(self, people: Sequence[Candidate], override: Override | None = None) -> None:
        """Give each a place and book the agendas, or nobody. Raises RuleBroken, listing every
        reason against each. Warnings are remembered, and with an override settled at once.
        """
        refuse(*rules.not_open(self), *rules.reasons_against(self, people))
        self._put_on(people, override)

    def claim(self, candidate: Candidate) -> None:
        """Take a free place. Raises RuleBroken, listing all."""
        refuse(*rules.not_open(self), *rules.reasons_against(self, [candidate]))
        self._place_claimed(person_id=candidate.id)
        self._seated(candidate, None)

    def accept(self, person_id: PersonId) -> None:
        refuse(*rules.not_open(self), rules.person_has_not_answered(self, person_id))
        self._assignment_accepted(person_id=person_id)

    def decline(self, person_id: PersonId, agendas: Iterable[Agenda]) -> None:
        """Give the place back, before or after accepting, and free the agendas."""
        refuse(*rules.not_open(self), rules.person_holds_a_place(self, person_id))
        self._assignment_declined(person_id=person_id)
        release(agendas, ShiftId(self.id))

    def offer(self, person_id: PersonId, swap_id: SwapId) -> None:
        """Let the holder's place be offered in a swap. Raises RuleBroken."""
        refuse(*rules.not_open(self), rules.person_holds_a_place(self, person_id))
        self._place_offered(person_id=person_id, swap_id=swap_id)

    def reassign(
        self,
        person_id: PersonId,
        agendas: Iterable[Agenda],
        to: Candidate,
        swap_id: SwapId | None = None,
    ) -> None:
        """Hand the place to another person, who has yet to accept it, or has done so in a swap."""
        refuse(*rules.reasons_against_handing_on(self, person_id, to))
        if swap_id is None:
            self._assignment_reassigned(person_id=person_id, to_person_id=to.id)
        else:
            self._place_swapped(person_id=person_id, to_person_id=to.id, swap_id=swap_id)
        release(agendas, ShiftId(self.id))
        self._seated(to, None)

    def override_warnings(self, person_id: PersonId, override: Override) -> None:
        """Let an assignment be in spite of its warnings. Raises RuleBroken where there are none."""
        refuse(rules.there_are_warnings(self, person_id))
        self._overridden(person_id, self.warnings[person_id], override.reason)

    def _put_on(self, people: Sequence[Candidate], override: Override | None) -> None:
        for candidate in people:
            self._person_assigned(person_id=candidate.id)
            self._seated(candidate, override)

    def _seated(self, candidate: Candidate, override: Override | None) -> None:
        """Whoever has got a place is booked, and what there is to be told of it is remembered."""
        if warnings := warnings_about(self, candidate):
            if override is None:
                self._warnings_raised(candidate.id, warnings)
            else:
                self._overridden(candidate.id, warnings, override.reason)
        candidate.book(ShiftId(self.id), self.period)

    @event(Changed)
    def _changed(
        self, role: str, period: Period, headcount: int, notes: Notes, people: People
    ) -> None:
        self.role = role
        self.period = period
        self.headcount = headcount
        self.notes = notes
        self.people = people

    @event(Discarded)
    def _discarded(self) -> None:
        self.status = ShiftStatus.DISCARDED

    @event(Published)
    def _published(self, notify: bool) -> None:  # noqa: ARG002
        self.status = ShiftStatus.PUBLISHED

    @event(Cancelled)
    def _cancelled(self, reason: str) -> None:  # noqa: ARG002
        self.status = ShiftStatus.CANCELLED

    @event(Completed)
    def _completed(self) -> None:
        self.status = ShiftStatus.COMPLETED

    @event(Reminded)
    def _reminded(self, person_ids: tuple[PersonId, ...]) -> None:  # noqa: ARG002
        self.is_reminded = True

    @event(PersonAssigned)
    def _person_assigned(self, person_id: PersonId) -> None:
        self.assignments[person_id] = AssignmentStatus.PENDING

    @event(PlaceClaimed)
    def _place_claimed(self, person_id: PersonId) -> None:
        self.assignments[person_id] = AssignmentStatus.ACCEPTED

    @event(AssignmentAccepted)
    def _assignment_accepted(self, person_id: PersonId) -> None:
        self.assignments[person_id] = AssignmentStatus.ACCEPTED

    @event(AssignmentDeclined)
    def _assignment_declined(self, person_id: PersonId) -> None:
        self._left(person_id, AssignmentStatus.DECLINED)

    @event(AssignmentReassigned)
    def _assignment_reassigned(self, person_id: PersonId, to_person_id: PersonId) -> None:
        self._left(person_id, AssignmentStatus.REASSIGNED)
        self.assignments[to_person_id] = AssignmentStatus.PENDING

    @event(PlaceOffered)
    def _place_offered(self, person_id: PersonId, swap_id: SwapId) -> None:
        self.offers[person_id] = swap_id

    @event(PlaceSwapped)
    def _place_swapped(self, person_id: PersonId, to_person_id: PersonId, swap_id: SwapId) -> None:  # noqa: ARG002
        self._left(person_id, AssignmentStatus.SWAPPED)
        self.assignments[to_person_id] = AssignmentStatus.ACCEPTED

    @event(WarningsRaised)
    def _warnings_raised(self, person_id: PersonId, warnings: Warnings) -> None:
        self.warnings[person_id] = warnings

    @event(WarningsOverridden)
    def _overridden(self, person_id: PersonId, warnings: Warnings, reason: str) -> None:  # noqa: ARG002
        self.warnings.pop(person_id, None)
        self.overridden[person_id] = warnings

    def _left(self, person_id: PersonId, status: AssignmentStatus) -> None:
        self.assignments[person_id] = status
        for of_the_place in (self.warnings, self.overridden, self.offers):
            of_the_place.pop(person_id, None)
