"""The rows of a file: what they ask for, and everything that is wrong with them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from application.scheduling.import_cells import (
    ERROR,
    FORMULA,
    SheetRow,
    UnreadableError,
    as_addresses,
    as_date,
    as_headcount,
    as_name,
    as_notes,
    as_time,
)
from application.scheduling.import_rows import (
    MOST_KEPT,
    Directory,
    FileCheck,
    KnownPerson,
    KnownRole,
    KnownUnit,
)
from application.scheduling.imports import PlannedShift
from domain.scheduling.role import Role
from domain.shared.period import Period
from tests.support.scheduling import ANA, BEN, CLEO, KITCHEN, NOBODY, TENANT, WARD


def wall(text):
    """As a cell has it: of no time zone."""
    return datetime.fromisoformat(text)


BERLIN = "Europe/Berlin"
NURSE = frozenset({"nurse"})
ROLES = [
    KnownRole(Role.id_of(TENANT, name), name, active=name != "porter")
    for name in ("nurse", "cook", "porter")
]
DIRECTORY = Directory(
    TENANT,
    [
        KnownUnit(WARD, "Ward 1", BERLIN, active=True),
        KnownUnit(KITCHEN, "Kitchen", "America/New_York", active=False),
    ],
    ROLES,
    [
        KnownPerson(ANA, "ana@demo.test", NURSE, active=True),
        KnownPerson(BEN, "ben@demo.test", frozenset({"cook"}), active=True),
        KnownPerson(CLEO, "cleo@demo.test", NURSE, active=False),
    ],
)
GOOD = {
    "unit": "Ward 1",
    "role": "nurse",
    "date": wall("2027-03-01"),
    "start": time(8),
    "end": time(16),
    "headcount": 2.0,
    "people": "ana@demo.test",
    "notes": "Bring the keys",
}


def row(number=2, /, **changes):
    return SheetRow(number, {**GOOD, **changes})


def checked(*rows, directory=DIRECTORY):
    check = FileCheck(directory)
    for each in rows:
        check.add(each)
    check.finish()
    return check


def problems(*rows, directory=DIRECTORY):
    """By row, column and reason, in the order of rows."""
    found = checked(*rows, directory=directory).problems
    assert found.total == len(found.kept)
    return [(each.row, each.column, each.reason) for each in found.in_order()]


def the_shift(*rows):
    check = checked(*rows)
    assert check.problems.kept == []
    (planned,) = check.planned
    return planned


def utc(*when):
    return datetime(*when, tzinfo=UTC)


def test_a_good_row_is_a_shift():
    assert the_shift(row()) == PlannedShift(
        row=2,
        unit_id=WARD,
        zone=BERLIN,
        role="nurse",
        period=Period(utc(2027, 3, 1, 7), utc(2027, 3, 1, 15)),
        headcount=2,
        people=(ANA,),
        notes="Bring the keys",
    )


def test_what_may_be_left_out_may_be_left_out():
    bare = {name: GOOD[name] for name in ("unit", "role", "date", "start", "end")}
    planned = the_shift(SheetRow(2, bare))
    assert (planned.headcount, planned.people, planned.notes) == (1, (), "")


def test_a_unit_is_named_in_any_case_or_by_its_id():
    assert the_shift(row(unit="wArD 1")).unit_id == WARD
    assert the_shift(row(unit=str(WARD).upper())).unit_id == WARD


def test_a_role_is_named_in_any_case_and_kept_as_the_catalogue_spells_it():
    assert the_shift(row(role=" NURSE ")).role == "nurse"


def test_roles_that_are_not_there_or_closed_are_told():
    assert problems(row(2, role="pilot", people=None), row(3, role="porter", people=None)) == [
        (2, "role", "there is no role of this name"),
        (3, "role", "the role is closed: nothing new is given it"),
    ]


def test_a_night_shift_ends_on_the_day_after():
    planned = the_shift(row(start=time(22), end=time(6)))
    assert planned.period == Period(utc(2027, 3, 1, 21), utc(2027, 3, 2, 5))


@pytest.mark.parametrize(
    ("day", "hours"), [(wall("2027-03-27"), 7), (wall("2027-10-30"), 9)], ids=str
)
def test_a_night_in_which_clocks_change_has_the_hours_that_pass(day, hours):
    planned = the_shift(row(date=day, start=time(22), end=time(6)))
    assert planned.period.hours == hours


def test_a_shift_that_would_end_before_it_starts_as_clocks_change_is_told():
    skipped = row(date=wall("2027-03-28"), start=time(2, 30), end=time(3))
    assert problems(skipped) == [(2, "end", "is before the start, as clocks change that night")]


def test_every_bad_cell_of_every_row_is_told():
    assert problems(
        row(2, unit="Attic", role=None, date="soon", start="8 am"),
        row(3, headcount=0.5, people="nobody@demo.test", end=FORMULA),
        row(4, unit="Kitchen", people="cleo@demo.test", notes=ERROR),
    ) == [
        (2, "unit", "there is no unit of this name"),
        (2, "role", "is missing"),
        (2, "date", "must be a date, such as 2027-03-01"),
        (2, "start", "must be a time of day, such as 08:00"),
        (3, "end", "is a formula: put its value there"),
        (3, "headcount", "must be a whole number from 1 to 1000"),
        (3, "people", "there is nobody with the address nobody@demo.test"),
        (4, "unit", "the unit is closed: it gets no new shifts"),
        (4, "notes", "holds an error of the spreadsheet"),
        (4, "people", "cleo@demo.test is not active"),
    ]


def test_who_does_not_have_the_role_is_told():
    assert problems(row(people="ana@demo.test; BEN@demo.test")) == [
        (2, "people", "ben@demo.test does not have the role nurse")
    ]


def test_more_people_than_are_needed_are_told():
    assert problems(row(headcount=1, people="ana@demo.test\nben@demo.test"))[-1] == (
        2,
        "people",
        "names more people than 1",
    )


def test_the_same_person_in_two_places_at_once_is_told_once_for_each_later_row():
    assert problems(
        row(2, start="08:00", end="16:00", role="nurse"),
        row(5, start="15:00", end="17:00"),
        row(9, start="16:00", end="18:00"),
    ) == [
        (5, "people", "ana@demo.test is on row 2 at that time too"),
        (9, "people", "ana@demo.test is on row 5 at that time too"),
    ]


def test_shifts_that_adjoin_keep_nobody_apart():
    assert problems(row(2), row(3, start="16:00", end="20:00")) == []


def test_a_row_that_asks_for_the_same_shift_again_is_told():
    empty = {"people": None}
    assert problems(row(2, **empty), row(3, unit="WARD 1", **empty)) == [
        (3, "unit", "asks for the same shift as row 2")
    ]
    assert problems(row(2, **empty), row(3, role="cook", **empty)) == []


def test_what_stands_beside_the_columns_is_told():
    assert problems(row(J="remember this")) == [(2, "J", "is beside the columns of the template")]


def test_names_that_are_there_several_times_are_not_guessed_at():
    several = Directory(
        TENANT,
        [KnownUnit(WARD, "Ward 1", BERLIN, True), KnownUnit(KITCHEN, "ward 1", BERLIN, True)],
        ROLES,
        [
            KnownPerson(ANA, "ana@demo.test", NURSE, True),
            KnownPerson(NOBODY, "ana@demo.test", NURSE, True),
        ],
    )
    assert problems(row(), directory=several) == [
        (2, "unit", "there are several units of this name: put its id there"),
        (2, "people", "there are several people with the address ana@demo.test"),
    ]
    assert problems(row(unit=str(WARD), people=None), directory=several) == []


def test_of_namesakes_only_those_who_are_there_count():
    several = Directory(
        TENANT,
        [KnownUnit(WARD, "Ward 1", BERLIN, True), KnownUnit(KITCHEN, "Ward 1", BERLIN, False)],
        ROLES,
        [
            KnownPerson(ANA, "ana@demo.test", NURSE, True),
            KnownPerson(CLEO, "ana@demo.test", NURSE, False),
        ],
    )
    (planned,) = checked(row(), directory=several).planned
    assert (planned.unit_id, planned.people) == (WARD, (ANA,))


def test_a_list_that_we_wrote_has_an_apostrophe_before_what_looks_like_a_formula():
    live = Directory(TENANT, [KnownUnit(WARD, "=1+1", BERLIN, active=True)], ROLES, [])
    assert problems(row(unit="'=1+1", people=None), directory=live) == []


def test_of_very_many_problems_all_are_counted_and_the_first_are_kept():
    check = checked(*(row(n, unit=None) for n in range(2, MOST_KEPT + 12)))
    assert check.problems.total == MOST_KEPT + 10
    assert len(check.problems.kept) == MOST_KEPT


class TestCells:
    @pytest.mark.parametrize(
        ("cell", "day"),
        [
            (wall("2027-03-01"), date(2027, 3, 1)),
            ("2027-03-01", date(2027, 3, 1)),
            ("2027-3-1", date(2027, 3, 1)),
            ("1.3.2027", date(2027, 3, 1)),
            ("29.02.2028", date(2028, 2, 29)),
        ],
    )
    def test_a_date(self, cell, day):
        assert as_date(cell) == day

    @pytest.mark.parametrize(
        "cell",
        [
            *(None, "", "2027-02-29", "03/01/2027", "\u0662027-03-01", 46000.0, True, time(8)),
            *(wall("2027-03-01T08:00"), wall("1999-12-31"), "2200-01-01", "0000-01-01"),
        ],
    )
    def test_no_date(self, cell):
        with pytest.raises(UnreadableError):
            as_date(cell)

    @pytest.mark.parametrize(
        ("cell", "clock"),
        [
            (time(8, 30), time(8, 30)),
            (time(7, 59, 59, 999_999), time(8)),
            ("8:30", time(8, 30)),
            ("08:30:15", time(8, 30, 15)),
            ("24:00", time(0)),
            (timedelta(hours=8), time(8)),
            (timedelta(days=1), time(0)),
            (1 / 3, time(8)),
            (0.0, time(0)),
        ],
    )
    def test_a_time(self, cell, clock):
        assert as_time(cell) == clock

    @pytest.mark.parametrize(
        "cell",
        [
            *(None, "", "8", "25:00", "08:60", "08:00:60", "24:01", "8 am", "-1:00"),
            *(True, -0.1, 1.5, float("nan"), float("inf"), timedelta(days=2), timedelta(-1)),
            wall("2027-03-01"),
        ],
    )
    def test_no_time(self, cell):
        with pytest.raises(UnreadableError):
            as_time(cell)

    @pytest.mark.parametrize(
        ("cell", "count"), [(None, 1), (3.0, 3), (3, 3), ("3", 3), (1000.0, 1000)]
    )
    def test_a_headcount(self, cell, count):
        assert as_headcount(cell) == count

    @pytest.mark.parametrize(
        "cell", [0.0, -1.0, 1.5, 1001.0, "", "three", "1e3", "99999", True, float("nan"), time(3)]
    )
    def test_no_headcount(self, cell):
        with pytest.raises(UnreadableError):
            as_headcount(cell)

    def test_addresses_stand_apart_by_commas_semicolons_blanks_and_lines(self):
        assert as_addresses("Ana@demo.test, ben@demo.test;cleo@demo.test\nd@demo.test") == (
            *("ana@demo.test", "ben@demo.test", "cleo@demo.test", "d@demo.test"),
        )
        assert as_addresses(None) == as_addresses(" ; ") == ()

    @pytest.mark.parametrize(
        "cell",
        ["ana@demo.test,ANA@demo.test", ",".join(f"{n}@demo.test" for n in range(1001)), True],
    )
    def test_no_addresses(self, cell):
        with pytest.raises(UnreadableError):
            as_addresses(cell)

    def test_a_ward_may_be_called_three(self):
        assert as_name(3.0) == "3"
        assert as_name(3.5) == "3.5"

    @pytest.mark.parametrize("cell", [None, "x" * 201, "Ward\x001", True, time(8)])
    def test_no_name(self, cell):
        with pytest.raises(UnreadableError):
            as_name(cell)

    @pytest.mark.parametrize("cell", ["x" * 1001, "\ud800"])
    def test_no_notes(self, cell):
        with pytest.raises(UnreadableError):
            as_notes(cell)
