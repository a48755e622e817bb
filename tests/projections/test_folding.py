"""Rows in memory, and the fold that changes them."""

from dataclasses import replace

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, Uuid

from domain.scheduling.agenda import Agenda
from projections.fold import Fact, HandlerFailedError, fold, keys_to_load
from projections.read_model import ReadModel
from projections.rows import NotLoadedError, Rows
from tests.support.appends import news_of
from tests.support.scheduling import ANA, BEN, FOREIGN, MORNING, SHIFT, TENANT, agenda

ONE = Table(
    "one",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("tenant_id", Uuid),
    Column("number", Integer),
)
TWO = Table(
    "two", MetaData(), Column("a", Text, primary_key=True), Column("b", Text, primary_key=True)
)


@pytest.fixture
def rows():
    rows = Rows([ONE, TWO])
    rows.for_tenant(TENANT)
    return rows


def test_what_is_not_loaded_is_asked_for(rows):
    with pytest.raises(NotLoadedError) as missing:
        rows[ONE].get("x")
    assert (missing.value.table, missing.value.key) == (ONE, "x")


def test_what_was_looked_for_and_not_found_is_none(rows):
    rows[ONE].supply(["x"], ())
    assert rows[ONE].get("x") is None
    with pytest.raises(KeyError):
        rows[ONE]["x"]


def test_when_all_is_there_nothing_else_is():
    assert Rows([ONE], complete=True)[ONE].get("x") is None


def test_a_row_that_is_loaded_is_not_written_until_it_changes(rows):
    rows[ONE].supply(["x"], [{"id": "x", "tenant_id": TENANT, "number": 1}])
    assert rows[ONE]["x"].number == 1
    assert rows[ONE].written() == []
    rows[ONE]["x"].number += 1
    assert rows[ONE].written() == [{"id": "x", "tenant_id": TENANT, "number": 2}]


def test_a_new_row_gets_its_tenant_and_nulls(rows):
    rows[ONE].insert(id="x")
    assert rows[ONE].written() == [{"id": "x", "tenant_id": TENANT, "number": None}]


def test_a_tenant_that_is_given_stays(rows):
    rows[ONE].insert(id="x", tenant_id=FOREIGN)
    assert rows[ONE]["x"].tenant_id == FOREIGN


def test_a_row_is_there_once_however_often_it_changes(rows):
    rows[ONE].insert(id="x", number=1)
    rows[ONE]["x"].number = 2
    rows[ONE]["x"].number = 3
    assert [row["number"] for row in rows[ONE].written()] == [3]


def test_a_deleted_row_is_gone(rows):
    rows[ONE].insert(id="x")
    rows[ONE].delete("x")
    assert rows[ONE].get("x") is None
    assert (rows[ONE].written(), rows[ONE].deleted(), rows[ONE].all()) == ([], ["x"], [])


def test_a_deleted_row_can_come_back(rows):
    rows[ONE].delete("x")
    rows[ONE].insert(id="x", number=1)
    assert rows[ONE].deleted() == []
    assert rows[ONE]["x"].number == 1


def test_a_key_of_several_columns_is_a_tuple(rows):
    rows[TWO].insert(a="x", b="y")
    assert rows[TWO]["x", "y"].b == "y"


@pytest.mark.parametrize("change", [lambda row: row.nothing, lambda row: setattr(row, "no", 1)])
def test_there_are_no_other_columns(rows, change):
    rows[ONE].insert(id="x")
    with pytest.raises(AttributeError, match="no column"):
        change(rows[ONE]["x"])


def test_a_row_with_other_columns_is_refused(rows):
    with pytest.raises(AttributeError, match="no column colour in one"):
        rows[ONE].insert(id="x", colour="red")


@pytest.fixture
def model():
    model = ReadModel("test.counts", version=3)
    table = Table(
        "counts",
        model.metadata,
        Column("agenda_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid),
        Column("booked", Integer),
    )
    model.keep(table, by=["originator_id"])

    @model.on(Agenda.Opened)
    def opened(event, rows):
        rows[table].insert(agenda_id=event.originator_id, booked=0)

    @model.on(Agenda.Booked, Agenda.Released)
    def booked(event, rows):
        rows[table][event.originator_id].booked += 1

    return model


def facts_of(*things, tenant=TENANT):
    events = [event for thing in things for event in news_of(thing)]
    return [Fact(position, tenant, event) for position, event in enumerate(events, 1)]


def test_a_read_model_is_known_by_name_and_version(model):
    assert model.schema == "test_counts_v3"
    assert model.checkpoint == "read model test.counts v3"
    assert [table.schema for table in model.tables] == ["test_counts_v3"]


def test_an_event_is_handled_once(model):
    with pytest.raises(TypeError, match="handles Opened already"):
        model.on(Agenda.Opened)(lambda _event, _rows: None)


def test_the_fold_handles_events_in_order(model):
    rows = Rows(model.tables, complete=True)
    fold(model, facts_of(agenda(ANA, {SHIFT: MORNING})), rows)
    (table,) = model.tables
    assert rows[table].all() == [
        {"agenda_id": agenda(ANA).id, "tenant_id": TENANT, "booked": 1},
    ]


def test_a_handler_knows_where_an_event_stands_and_whose_it_is():
    model, seen = ReadModel("test.places", version=1), []
    model.on(Agenda.Opened)(lambda _event, rows: seen.append((rows.position, rows.tenant_id)))
    ours, theirs = facts_of(agenda(ANA)), facts_of(agenda(BEN), tenant=FOREIGN)
    fold(model, [*ours, *(replace(fact, position=7) for fact in theirs)], Rows(()))
    assert seen == [(1, TENANT), (7, FOREIGN)]


def test_the_fold_leaves_out_what_is_parked_from_there_on(model):
    facts = facts_of(agenda(ANA, {SHIFT: MORNING}), agenda(BEN, {SHIFT: MORNING}))
    rows = Rows(model.tables, complete=True)
    fold(model, facts, rows, parked={agenda(ANA).id: 2})
    (table,) = model.tables
    assert [row["booked"] for row in rows[table].all()] == [0, 1]


def test_the_fold_names_the_fact_that_a_handler_could_not_take(model):
    _, booked = facts_of(agenda(ANA, {SHIFT: MORNING}))
    with pytest.raises(HandlerFailedError) as failed:
        fold(model, [booked], Rows(model.tables, complete=True))
    assert failed.value.fact is booked
    assert isinstance(failed.value.__cause__, KeyError)


def test_the_fold_asks_for_what_it_lacks(model):
    _, booked = facts_of(agenda(ANA, {SHIFT: MORNING}))
    with pytest.raises(NotLoadedError):
        fold(model, [booked], Rows(model.tables))


def test_the_keys_of_a_batch_are_those_of_the_events_that_are_handled(model):
    (table,) = model.tables
    facts = facts_of(agenda(ANA, {SHIFT: MORNING}), agenda(BEN))
    assert keys_to_load(model, facts) == {table: {agenda(ANA).id, agenda(BEN).id}}


def test_a_key_that_the_event_lacks_is_not_loaded():
    model = ReadModel("test.pairs", version=1)
    columns = [Column(name, Uuid, primary_key=True) for name in ("agenda_id", "shift_id")]
    table = model.keep(Table("pairs", model.metadata, *columns), by=["originator_id", "shift_id"])
    model.on(Agenda.Opened, Agenda.Booked)(lambda _event, _rows: None)
    facts = facts_of(agenda(ANA, {SHIFT: MORNING}))
    assert keys_to_load(model, facts) == {table: {(agenda(ANA).id, SHIFT)}}
