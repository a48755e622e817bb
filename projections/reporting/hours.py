"""Hours and what they cost, per person and ISO week on the wall clock of the unit.

They are the hours of whoever has accepted a place, but for shifts that were cancelled. They cost
what was so in the log when the place was accepted: the person's own rate, or else, for staff, the
role's. So nothing is looked up while folding: every rate is kept with its position, and a query
finds the one that held. What is asked is in `hours_queries`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    Uuid,
)

from domain.scheduling.person import Person, PersonKind
from domain.scheduling.role import Role
from domain.scheduling.shift import Shift
from domain.shared.ids import PersonId, ShiftId
from domain.shared.period import Period
from domain.shared.wall_clock import weeks_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("reporting.hours", version=1, awaited=False)

people = model.keep(
    Table(
        "people",
        model.metadata,
        Column("person_id", Uuid, primary_key=True),
        Column("name", Text, nullable=False),
    ),
    by=["originator_id"],
)
shifts = model.keep(
    Table(
        "shifts",
        model.metadata,
        Column("shift_id", Uuid, primary_key=True),
        Column("unit_id", Uuid, nullable=False),
        Column("role_id", Uuid, nullable=False),
        Column("starts_at", DateTime(timezone=True), nullable=False),
        Column("ends_at", DateTime(timezone=True), nullable=False),
        Column("zone", Text, nullable=False),
        Column("counts", Boolean, nullable=False),
    ),
    by=["originator_id"],
)
# The rows of these are only ever put and taken away, and so never loaded.
weeks = Table(
    "weeks",
    model.metadata,
    Column("shift_id", Uuid, primary_key=True),
    Column("week", Text, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("seconds", Integer, nullable=False),
    Index("weeks_tenant_idx", "tenant_id", "week"),
)
places = Table(
    "places",
    model.metadata,
    Column("shift_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("accepted", BigInteger, nullable=False),
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
        role_id=Role.id_of(rows.tenant_id, event.role),
        starts_at=event.period.start,
        ends_at=event.period.end,
        zone=event.zone,
        counts=True,
    )
    _put_weeks(ShiftId(event.originator_id), event.period, event.zone, rows)


@model.on(Shift.Changed)
def shift_changed(event: Shift.Changed, rows: Rows) -> None:
    shift = rows[shifts][event.originator_id]
    for week, _ in weeks_of(Period(shift.starts_at, shift.ends_at), shift.zone):
        rows[weeks].delete((event.originator_id, week))
    shift.role_id = Role.id_of(rows.tenant_id, event.role)
    shift.starts_at = event.period.start
    shift.ends_at = event.period.end
    _put_weeks(ShiftId(event.originator_id), event.period, shift.zone, rows)


@model.on(Shift.Cancelled)
def shift_cancelled(event: Shift.Cancelled, rows: Rows) -> None:
    rows[shifts][event.originator_id].counts = False


@model.on(Shift.AssignmentAccepted, Shift.PlaceClaimed)
def place_accepted(event: Shift.AssignmentAccepted | Shift.PlaceClaimed, rows: Rows) -> None:
    _put_place(ShiftId(event.originator_id), event.person_id, rows)


@model.on(Shift.AssignmentDeclined, Shift.AssignmentReassigned)
def place_left(event: Shift.AssignmentDeclined | Shift.AssignmentReassigned, rows: Rows) -> None:
    rows[places].delete((event.originator_id, event.person_id))


@model.on(Shift.PlaceSwapped)
def place_swapped(event: Shift.PlaceSwapped, rows: Rows) -> None:
    rows[places].delete((event.originator_id, event.person_id))
    _put_place(ShiftId(event.originator_id), event.to_person_id, rows)


def _put_place(shift_id: ShiftId, person_id: PersonId, rows: Rows) -> None:
    rows[places].insert(shift_id=shift_id, person_id=person_id, accepted=rows.position)


def _put_weeks(shift_id: ShiftId, period: Period, zone: str, rows: Rows) -> None:
    for week, whole in weeks_of(period, zone):
        rows[weeks].insert(shift_id=shift_id, week=week, seconds=period.seconds_within(whole))
