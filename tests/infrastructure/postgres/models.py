"""Read models made for these tests: how often each agenda was booked, and how often each shift."""

from sqlalchemy import Column, Integer, Table, Text, Uuid

from domain.scheduling.agenda import Agenda
from domain.scheduling.person import Person
from projections.read_model import ReadModel
from tests.support.scheduling import OTHER


def bookings(name="test.bookings", version=1, *, poisoned=()):
    """One row per agenda. A booking of a poisoned shift is more than the handler can take."""
    model = ReadModel(name, version)
    table = model.keep(
        Table(
            "bookings",
            model.metadata,
            Column("agenda_id", Uuid, primary_key=True),
            Column("tenant_id", Uuid, nullable=False),
            Column("booked", Integer, nullable=False),
        ),
        by=["originator_id"],
    )

    @model.on(Agenda.Opened)
    def opened(event, rows):
        rows[table].insert(agenda_id=event.originator_id, booked=0)

    @model.on(Agenda.Booked)
    def booked(event, rows):
        rows[table][event.originator_id].booked += 1
        if event.shift_id in poisoned:
            raise ArithmeticError("this shift is poison")

    return model


def popularity():
    """One row per shift, which no event of an agenda names as its key: it has to be asked for."""
    model = ReadModel("test.popularity", 1)
    table = model.keep(
        Table(
            "shifts",
            model.metadata,
            Column("shift_id", Uuid, primary_key=True),
            Column("bookings", Integer, nullable=False),
        ),
        by=["nothing_that_events_have"],
    )

    @model.on(Agenda.Booked)
    def booked(event, rows):
        row = rows[table].get(event.shift_id)
        if row is None:
            rows[table].insert(shift_id=event.shift_id, bookings=1)
        else:
            row.bookings += 1

    @model.on(Agenda.Released)
    def released(event, rows):
        if event.shift_id == OTHER:
            rows[table].delete(event.shift_id)

    return model


def names():
    """What people are called, so far as Postgres can write it."""
    model = ReadModel("test.names", 1)
    table = model.keep(
        Table(
            "names",
            model.metadata,
            Column("person_id", Uuid, primary_key=True),
            Column("name", Text, nullable=False, index=True),
        ),
        by=["originator_id"],
    )

    @model.on(Person.Added)
    def added(event, rows):
        rows[table].insert(person_id=event.originator_id, name=event.name)

    return model
