"""Shifts, who has places on them, what was answered, and what an hour costs: all that reports ask.

Nothing is looked up while folding: every rate is kept with its position in the log, and so is every
place that was accepted. What a place costs is found when it is asked for.
"""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.scheduling.person import Person, PersonKind
from domain.scheduling.role import Role
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import ShiftStatus
from domain.scheduling.unit import Unit
from domain.shared.aggregate import Event
from domain.shared.ids import PersonId
from domain.shared.period import Period
from domain.shared.wall_clock import wall_day, weeks_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("reporting.staffing", version=1, awaited=False)


class What(StrEnum):
    DECLINED = "declined"
    OVERRIDDEN = "overridden"


shifts = model.keep(
    Table(
        "shifts",
        model.metadata,
        Column("shift_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("unit_id", Uuid, nullable=False),
        Column("role", Text, nullable=False),
        Column("role_id", Uuid, nullable=False),
        Column("starts_at", DateTime(timezone=True), nullable=False),
        Column("ends_at", DateTime(timezone=True), nullable=False),
        Column("zone", Text, nullable=False),
        Column("day", Date, nullable=False),
        Column("headcount", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Index("staffing_shifts_idx", "tenant_id", "day"),
    ),
    by=["originator_id"],
)
# The rows of these are only ever put and taken away, and so never loaded.
units = Table(
    "units",
    model.metadata,
    Column("unit_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
)
people = Table(
    "people",
    model.metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
)
places = Table(
    "places",
    model.metadata,
    Column("shift_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("accepted", BigInteger),  # where in the log; null before
)
# Only of shifts on which somebody has accepted a place.
weeks = Table(
    "weeks",
    model.metadata,
    Column("shift_id", Uuid, primary_key=True),
    Column("week", Text, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("seconds", Integer, nullable=False),
    Index("weeks_tenant_idx", "tenant_id", "week"),
)
own_rates = Table(
    "own_rates",
    model.metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("is_staff", Boolean, nullable=False),
    Column("rate", Numeric),
    Column("currency", Text),
)
role_rates = Table(
    "role_rates",
    model.metadata,
    Column("role_id", Uuid, primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("rate", Numeric),
    Column("currency", Text),
)
answers = Table(
    "answers",
    model.metadata,
    Column("shift_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("what", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("reason", Text),
    Column("warnings", ARRAY(Text), nullable=False),
    Index("answers_tenant_idx", "tenant_id", "at"),
)


@model.on(Unit.Opened, Unit.Changed)
def unit_is_known(event: Unit.Opened | Unit.Changed, rows: Rows) -> None:
    rows[units].insert(unit_id=event.originator_id, name=event.name)


@model.on(Role.Added, Role.Changed)
def role_has_a_rate(event: Role.Added | Role.Changed, rows: Rows) -> None:
    rows[role_rates].insert(
        role_id=event.originator_id,
        since=rows.position,
        rate=event.hourly_rate and event.hourly_rate.amount,
        currency=event.hourly_rate and event.hourly_rate.currency,
    )


@model.on(Person.Added, Person.Changed)
def person_is_known(event: Person.Added | Person.Changed, rows: Rows) -> None:
    rows[people].insert(person_id=event.originator_id, name=event.name)
    rows[own_rates].insert(
        person_id=event.originator_id,
        since=rows.position,
        is_staff=event.kind is PersonKind.STAFF,
        rate=event.hourly_rate and event.hourly_rate.amount,
        currency=event.hourly_rate and event.hourly_rate.currency,
    )


@model.on(Shift.Drafted)
def shift_drafted(event: Shift.Drafted, rows: Rows) -> None:
    rows[shifts].insert(
        shift_id=event.originator_id,
        unit_id=event.unit_id,
        role=event.role,
        role_id=Role.id_of(rows.tenant_id, event.role),
        starts_at=event.period.start,
        ends_at=event.period.end,
        zone=event.zone,
        day=wall_day(event.period.start, event.zone),
        headcount=event.headcount,
        status=ShiftStatus.DRAFT,
    )


@model.on(Shift.Changed)
def shift_changed(event: Shift.Changed, rows: Rows) -> None:
    """Only a draft is ever changed, and on a draft nobody has a place: it has no weeks yet."""
    shift = rows[shifts][event.originator_id]
    shift.role = event.role
    shift.role_id = Role.id_of(rows.tenant_id, event.role)
    shift.starts_at = event.period.start
    shift.ends_at = event.period.end
    shift.day = wall_day(event.period.start, shift.zone)
    shift.headcount = event.headcount


@model.on(Shift.Published)
def shift_published(event: Shift.Published, rows: Rows) -> None:
    rows[shifts][event.originator_id].status = ShiftStatus.PUBLISHED


@model.on(Shift.Completed)
def shift_completed(event: Shift.Completed, rows: Rows) -> None:
    rows[shifts][event.originator_id].status = ShiftStatus.COMPLETED


@model.on(Shift.Cancelled)
def shift_cancelled(event: Shift.Cancelled, rows: Rows) -> None:
    rows[shifts][event.originator_id].status = ShiftStatus.CANCELLED


@model.on(Shift.PersonAssigned)
def person_assigned(event: Shift.PersonAssigned, rows: Rows) -> None:
    rows[places].insert(shift_id=event.originator_id, person_id=event.person_id)


@model.on(Shift.AssignmentAccepted, Shift.PlaceClaimed)
def place_accepted(event: Shift.AssignmentAccepted | Shift.PlaceClaimed, rows: Rows) -> None:
    _accept(event, event.person_id, rows)


@model.on(Shift.AssignmentReassigned)
def place_handed_on(event: Shift.AssignmentReassigned, rows: Rows) -> None:
    rows[places].delete((event.originator_id, event.person_id))
    rows[places].insert(shift_id=event.originator_id, person_id=event.to_person_id)


@model.on(Shift.PlaceSwapped)
def place_swapped(event: Shift.PlaceSwapped, rows: Rows) -> None:
    rows[places].delete((event.originator_id, event.person_id))
    _accept(event, event.to_person_id, rows)


@model.on(Shift.AssignmentDeclined)
def place_declined(event: Shift.AssignmentDeclined, rows: Rows) -> None:
    rows[places].delete((event.originator_id, event.person_id))
    rows[answers].insert(
        shift_id=event.originator_id,
        version=event.originator_version,
        person_id=event.person_id,
        what=What.DECLINED,
        at=event.timestamp,
        warnings=[],
    )


@model.on(Shift.WarningsOverridden)
def warnings_overridden(event: Shift.WarningsOverridden, rows: Rows) -> None:
    rows[answers].insert(
        shift_id=event.originator_id,
        version=event.originator_version,
        person_id=event.person_id,
        what=What.OVERRIDDEN,
        at=event.timestamp,
        reason=event.reason,
        warnings=[warning.message for warning in event.warnings],
    )


def _accept(event: Event, person_id: PersonId, rows: Rows) -> None:
    """The weeks may be there already, of another place: they are the same."""
    shift_id = event.originator_id
    rows[places].insert(shift_id=shift_id, person_id=person_id, accepted=rows.position)
    shift = rows[shifts][shift_id]
    period = Period(shift.starts_at, shift.ends_at)
    for week, whole in weeks_of(period, shift.zone):
        rows[weeks].insert(shift_id=shift_id, week=week, seconds=period.seconds_within(whole))
