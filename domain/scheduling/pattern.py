"""Shift pattern: what comes back again and again, and becomes drafts."""

from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal
from uuid import UUID

from domain.scheduling.staffing import Notes, People, planned_people
from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid, refuse
from domain.shared.ids import PatternId, ShiftId, UnitId, derived_id
from domain.shared.json_values import same_json
from domain.shared.keeping import KEPT, Kept, kept_or
from domain.shared.refusals import Refusal

MOST_WEEKS_AHEAD = 52


@dataclass(frozen=True)
class PatternHasEnded(Refusal):
    pattern_id: PatternId

    @property
    def message(self) -> str:
        return "The pattern has ended: it makes no more drafts."


@dataclass(frozen=True)
class Template:
    """What the shifts of a pattern are like, and on which days they begin."""

    role: str
    start: time
    """On the wall of the unit, as its clock runs then; so is `end`, of the next day if need be."""
    end: time
    rrule: str
    """The days, as RFC 5545 writes them: see `application.scheduling.recurrence`."""
    first_day: date
    """From which on the rule is counted; a day of the pattern only if the rule names it."""
    last_day: date | None = None
    headcount: int = 1
    notes: Notes = field(default_factory=dict)
    people: People = ()
    """Who is planned on each draft."""
    weeks_ahead: int = 0
    """How far ahead a nightly job drafts; 0 leaves it to people."""

    def checked(self) -> "Template":
        """Raises Invalid when the parts don't fit together."""
        if self.last_day is not None and self.last_day < self.first_day:
            raise Invalid(
                "The pattern ends before it begins.", {"last_day": "must not be before first_day"}
            )
        if not 0 <= self.weeks_ahead <= MOST_WEEKS_AHEAD:
            raise Invalid(
                "Nobody plans so far ahead.",
                {"weeks_ahead": f"must be between 0 and {MOST_WEEKS_AHEAD}"},
            )
        planned_people(self.people)
        return self

    def is_as(self, other: "Template") -> bool:
        """Whether they say the same; in Python alone, 1 and true are the same note."""
        return self == other and same_json(self.notes, other.notes)


@dataclass(frozen=True)
class TemplateChange:
    """What is given is changed, the rest kept; without a last day it goes on."""

    role: str | Literal[Kept.KEPT] = KEPT
    start: time | Literal[Kept.KEPT] = KEPT
    end: time | Literal[Kept.KEPT] = KEPT
    rrule: str | Literal[Kept.KEPT] = KEPT
    first_day: date | Literal[Kept.KEPT] = KEPT
    last_day: date | Literal[Kept.KEPT] | None = KEPT
    headcount: int | Literal[Kept.KEPT] = KEPT
    notes: Notes | Literal[Kept.KEPT] = KEPT
    people: People | Literal[Kept.KEPT] = KEPT
    weeks_ahead: int | Literal[Kept.KEPT] = KEPT

    def of(self, old: Template) -> Template:
        return Template(
            role=kept_or(old.role, self.role),
            start=kept_or(old.start, self.start),
            end=kept_or(old.end, self.end),
            rrule=kept_or(old.rrule, self.rrule),
            first_day=kept_or(old.first_day, self.first_day),
            last_day=kept_or(old.last_day, self.last_day),
            headcount=kept_or(old.headcount, self.headcount),
            notes=kept_or(old.notes, self.notes),
            people=kept_or(old.people, self.people),
            weeks_ahead=kept_or(old.weeks_ahead, self.weeks_ahead),
        )


class ShiftPattern(Aggregate):
    TOPIC = "scheduling.ShiftPattern"

    class Designed(Created):
        TOPIC = "scheduling.ShiftPatternDesigned"
        unit_id: UnitId
        template: Template

    class Changed(Event):
        TOPIC = "scheduling.ShiftPatternChanged"
        template: Template

    class Ended(Event):
        TOPIC = "scheduling.ShiftPatternEnded"

    @event(Designed)
    def __init__(self, id: UUID, unit_id: UnitId, template: Template) -> None:  # noqa: ARG002
        self.unit_id = unit_id
        self.template = template
        self.active = True

    @classmethod
    def design(cls, id: UUID, unit_id: UnitId, template: Template) -> "ShiftPattern":
        """The rule has been looked at already. Raises Invalid when the parts don't fit together."""
        return cls(id=id, unit_id=unit_id, template=template.checked())

    def change(self, template: Template) -> None:
        """Drafts that there are stay as they are. Raises RuleBroken once it has ended, Invalid."""
        self.must_go_on()
        if not template.checked().is_as(self.template):
            self._changed(template=template)

    def end(self) -> None:
        if self.active:
            self._ended()

    def must_go_on(self) -> None:
        """Raises RuleBroken once it has ended."""
        refuse(None if self.active else PatternHasEnded(PatternId(self.id)))

    def shift_on(self, day: date) -> ShiftId:
        return shift_of_pattern(PatternId(self.id), day)

    @event(Changed)
    def _changed(self, template: Template) -> None:
        self.template = template

    @event(Ended)
    def _ended(self) -> None:
        self.active = False


def shift_of_pattern(pattern_id: PatternId, day: date) -> ShiftId:
    """A pattern makes one shift per day, so its id follows from the two: none is drafted twice,
    whoever asks at the same time, and whatever has become of the first.
    """
    return ShiftId(derived_id("shift of pattern", pattern_id, day))
