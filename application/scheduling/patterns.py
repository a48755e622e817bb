"""Designing shift patterns, and making drafts of them."""

from dataclasses import replace
from datetime import date, timedelta

from application.commands import Command, command, handles
from application.scheduling.recurrence import Occurrence, occurrences, with_rule_checked
from application.scheduling.roles import is_open_role, role_for_a_shift
from application.scheduling.shifts import must_exist
from application.unit_of_work import Work
from domain.scheduling.pattern import ShiftPattern, Template, TemplateChange
from domain.scheduling.shift import Shift
from domain.scheduling.unit import Unit
from domain.shared.aggregate import Aggregate
from domain.shared.errors import Invalid
from domain.shared.ids import PatternId, UnitId
from domain.shared.moment import moment
from domain.shared.wall_clock import wall_day

MOST_DAYS = 366
"""Days that are looked at in one go: a pattern has at most one shift on each."""


@command(needs="shifts:write")
class DesignPattern(Command[ShiftPattern]):
    unit_id: UnitId
    template: Template


@handles(DesignPattern)
async def design_pattern(command: DesignPattern, work: Work) -> ShiftPattern:
    unit = await work.read(Unit, command.unit_id)
    unit.must_be_open()
    await must_exist(command.template.people, work)
    role = await role_for_a_shift(command.template.role, work)
    template = replace(command.template.checked(), role=role)
    template = with_rule_checked(template, unit.zone)
    return work.add(ShiftPattern.design(work.new_id(), command.unit_id, template))


@command(needs="shifts:write")
class ChangePattern(Command[ShiftPattern]):
    pattern_id: PatternId
    change: TemplateChange


@handles(ChangePattern)
async def change_pattern(command: ChangePattern, work: Work) -> ShiftPattern:
    pattern = await work.get(ShiftPattern, command.pattern_id)
    unit = await work.read(Unit, pattern.unit_id)
    template = command.change.of(pattern.template).checked()
    if template.people != pattern.template.people:
        await must_exist(template.people, work)
    role = await role_for_a_shift(template.role, work, held=pattern.template.role)
    template = replace(template, role=role)
    pattern.change(with_rule_checked(template, unit.zone))
    return pattern


@command(needs="shifts:write")
class EndPattern(Command[ShiftPattern]):
    pattern_id: PatternId


@handles(EndPattern)
async def end_pattern(command: EndPattern, work: Work) -> ShiftPattern:
    pattern = await work.get(ShiftPattern, command.pattern_id)
    pattern.end()
    return pattern


@command(needs="shifts:write")
class DraftPattern(Command[tuple[Aggregate, ...]]):
    """A draft for each day of the pattern, from the first to the last, that has had none yet.

    Answers with the pattern, its unit, and the drafts that are new.
    """

    pattern_id: PatternId
    first: date
    last: date


@handles(DraftPattern)
async def draft_pattern(command: DraftPattern, work: Work) -> tuple[Aggregate, ...]:
    must_be_few_days(command.first, command.last)
    pattern = await work.read(ShiftPattern, command.pattern_id)
    pattern.must_go_on()
    unit = await work.read(Unit, pattern.unit_id)
    unit.must_be_open()
    await role_for_a_shift(pattern.template.role, work)
    await must_exist(pattern.template.people, work)
    return pattern, unit, *await _drafted(pattern, unit, command.first, command.last, work)


@command(needs="shifts:write")
class DraftAhead(Command[tuple[Shift, ...]]):
    """Of a pattern with `weeks_ahead`, drafts from today to so many weeks from now; for a job.

    Where nothing can be drafted any more, since the pattern has ended, or its unit or role is
    closed, nothing is: a job has nobody to tell.
    """

    pattern_id: PatternId


@handles(DraftAhead)
async def draft_ahead(command: DraftAhead, work: Work) -> tuple[Shift, ...]:
    pattern = await work.read(ShiftPattern, command.pattern_id)
    unit = await work.read(Unit, pattern.unit_id)
    weeks = pattern.template.weeks_ahead
    if not (weeks and pattern.active and unit.active):
        return ()
    if not await is_open_role(pattern.template.role, work):
        return ()
    today = wall_day(moment(), unit.zone)
    return tuple(await _drafted(pattern, unit, today, today + timedelta(weeks=weeks), work))


def must_be_few_days(first: date, last: date) -> None:
    """Raises Invalid unless the last day comes with or after the first, and within `MOST_DAYS`."""
    if last < first:
        raise Invalid("The days end before they begin.", {"to": "must not be before from"})
    if (last - first).days >= MOST_DAYS:
        raise Invalid("These are too many days.", {"to": f"at most {MOST_DAYS} days, with from"})


async def _drafted(
    pattern: ShiftPattern, unit: Unit, first: date, last: date, work: Work
) -> list[Shift]:
    return [
        work.add(_draft(pattern, unit, found))
        for found in occurrences(pattern.template, unit.zone, first, last)
        if await work.glance(Shift, pattern.shift_on(found.day)) is None
    ]


def _draft(pattern: ShiftPattern, unit: Unit, found: Occurrence) -> Shift:
    template = pattern.template
    return Shift(
        id=pattern.shift_on(found.day),
        unit_id=pattern.unit_id,
        role=template.role,
        period=found.period,
        zone=unit.zone,
        headcount=template.headcount,
        notes=template.notes,
        people=template.people,
    )
