"""Bodies of shift patterns."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from application.scheduling.recurrence import occurrences
from application.scheduling.rrule_parts import LONGEST_RULE
from domain.scheduling.pattern import (
    MOST_WEEKS_AHEAD,
    ShiftPattern,
    Template,
    TemplateChange,
    shift_of_pattern,
)
from domain.scheduling.shift import Shift
from domain.scheduling.unit import Unit
from domain.shared.aggregate import Aggregate
from domain.shared.ids import PatternId
from domain.shared.keeping import KEPT
from interfaces.http.fields import (
    Body,
    Day,
    Notes,
    Storable,
    Text,
    WallTime,
    Whole,
    example,
    left_out,
)
from interfaces.http.scheduler.common import AN_ID, Out, Row, person_ids
from interfaces.http.scheduler.shift_schemas import Headcount, People, ShiftOut
from projections.scheduling.patterns import template_of

Rule = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_RULE),
    Storable,
]
WeeksAhead = Annotated[Whole, Field(ge=0, le=MOST_WEEKS_AHEAD)]


class ShiftPatternIn(Body):
    model_config = example(
        unit_id=AN_ID,
        role="nurse",
        start="22:00",
        end="06:00",
        rrule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH",
        first_day="2027-03-01",
        headcount=2,
        weeks_ahead=4,
    )

    unit_id: UUID
    role: Text
    start: WallTime
    """On the unit's wall clock."""
    end: WallTime
    """If it is not after `start`, of the next day."""
    rrule: Rule
    """The days, as RFC 5545 writes them: by FREQ, DAILY to YEARLY, with INTERVAL, COUNT or UNTIL,
    WKST, and BYDAY, BYMONTHDAY, BYMONTH, BYYEARDAY, BYWEEKNO, BYSETPOS or BYEASTER."""
    first_day: Day
    """From which on the rule is counted; a day of the pattern only if the rule names it."""
    last_day: Day | None = None
    headcount: Headcount = 1
    notes: Notes = Field(default_factory=dict)
    people: People = ()
    """Who is planned on each draft."""
    weeks_ahead: WeeksAhead = 0
    """How far ahead drafts are made every night; 0 leaves it to people."""

    def template(self) -> Template:
        return Template(
            role=self.role,
            start=self.start,
            end=self.end,
            rrule=self.rrule,
            first_day=self.first_day,
            last_day=self.last_day,
            headcount=self.headcount,
            notes=self.notes,
            people=person_ids(self.people),
            weeks_ahead=self.weeks_ahead,
        )


class ShiftPatternChangeIn(Body):
    """What is left out stays as it is; null empties what may be empty."""

    model_config = example(rrule="FREQ=WEEKLY;BYDAY=MO,WE", last_day=None)

    role: Text = left_out()
    start: WallTime = left_out()
    end: WallTime = left_out()
    rrule: Rule = left_out()
    first_day: Day = left_out()
    last_day: Day | None = left_out()
    headcount: Headcount = left_out()
    notes: Notes = left_out()
    people: People = left_out()
    weeks_ahead: WeeksAhead = left_out()

    def change(self) -> TemplateChange:
        return TemplateChange(
            role=self.role,
            start=self.start,
            end=self.end,
            rrule=self.rrule,
            first_day=self.first_day,
            last_day=self.last_day,
            headcount=self.headcount,
            notes=self.notes,
            people=person_ids(self.people) if "people" in self.model_fields_set else KEPT,
            weeks_ahead=self.weeks_ahead,
        )


class ShiftPatternOut(Out):
    id: UUID
    unit_id: UUID
    role: str
    start: str
    end: str
    rrule: str
    first_day: date
    last_day: date | None
    headcount: int
    notes: dict[str, Any]
    people: list[UUID]
    weeks_ahead: int
    active: bool

    @classmethod
    def of(cls, pattern: ShiftPattern) -> Self:
        return cls._of(pattern.id, pattern.unit_id, pattern.template, active=pattern.active)

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls._of(row.pattern_id, row.unit_id, template_of(row), active=row.active)

    @classmethod
    def _of(cls, id: UUID, unit_id: UUID, template: Template, *, active: bool) -> Self:
        clocks = {"start": f"{template.start:%H:%M}", "end": f"{template.end:%H:%M}"}
        said = {**vars(template), **clocks}
        return cls(id=id, unit_id=unit_id, active=active, **said)


class OccurrenceOut(Out):
    day: date
    shift_id: UUID
    """Of the shift that is or will be drafted for that day."""
    start: datetime
    """In the unit's time zone, with its offset."""
    end: datetime
    hours: float
    """That pass: in a night in which clocks are moved, not those that they show."""


class OccurrencesOut(Out):
    zone: str
    occurrences: list[OccurrenceOut]

    @classmethod
    def of(
        cls, pattern_id: PatternId, template: Template, zone: str, first: date, last: date
    ) -> Self:
        wall = ZoneInfo(zone)
        found = [
            OccurrenceOut(
                day=each.day,
                shift_id=shift_of_pattern(pattern_id, each.day),
                start=each.period.start.astimezone(wall),
                end=each.period.end.astimezone(wall),
                hours=each.period.hours,
            )
            for each in occurrences(template, zone, first, last)
        ]
        return cls(zone=zone, occurrences=found)


class DaysIn(Body):
    """Both are included."""

    model_config = example(**{"from": "2027-03-01", "to": "2027-03-31"})

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]


class SkippedOut(Out):
    """A day for which there has been a draft already, whatever has become of it."""

    day: date
    shift_id: UUID


class DraftedOut(Out):
    created: list[ShiftOut]
    skipped: list[SkippedOut]

    @classmethod
    def of(cls, made: Sequence[Aggregate], days: DaysIn) -> Self:
        """Of a pattern, its unit, and the shifts that are new."""
        pattern, unit, *drafts = made
        assert isinstance(pattern, ShiftPattern)  # noqa: S101 - for the type checker
        assert isinstance(unit, Unit)  # noqa: S101 - for the type checker
        new = {shift.id: ShiftOut.of(shift) for shift in drafts if isinstance(shift, Shift)}
        whole = occurrences(pattern.template, unit.zone, days.first, days.last)
        ids = {each.day: pattern.shift_on(each.day) for each in whole}
        return cls(
            created=list(new.values()),
            skipped=[
                SkippedOut(day=day, shift_id=shift_id)
                for day, shift_id in ids.items()
                if shift_id not in new
            ],
        )
