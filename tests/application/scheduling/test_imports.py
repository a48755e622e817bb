"""Importing: the shifts of a file are drafted in one append, and once."""

from uuid import UUID

from application.scheduling.imports import ImportShifts, PlannedShift
from application.scheduling.units import CloseUnit
from domain.scheduling.role import RoleIsClosed
from domain.scheduling.shift import Shift
from domain.scheduling.shift_import import ShiftImport, Source, imported_shift_id
from domain.scheduling.unit import UnitIsClosed
from domain.shared.errors import Conflict, Forbidden, Invalid, NotFound
from domain.shared.ids import ImportId
from domain.shared.moment import happening_at
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    when_asked,
)
from tests.support.scheduling import (
    ADMIN,
    ANA,
    ANA_HERSELF,
    BEN,
    EVENING,
    LAST_WEEK,
    MORNING,
    NOBODY,
    STRANGER,
    WARD,
    person,
    role,
    ward,
)

IMPORT = ImportId(UUID("00000011-0000-4000-8000-000000000001"))
SOURCE = Source("week.xlsx", "ab" * 32, rows=2)


def planned(row=2, period=MORNING, people=(), notes="", zone="Europe/Berlin"):
    return PlannedShift(
        row=row,
        unit_id=WARD,
        zone=zone,
        role="nurse",
        period=period,
        headcount=2,
        people=people,
        notes=notes,
    )


def of_file(*shifts):
    return ImportShifts(IMPORT, SOURCE, shifts)


def drafted(row, period, people=(), notes=None):
    return happened(
        Shift.Drafted,
        originator_id=imported_shift_id(IMPORT, row),
        unit_id=WARD,
        role="nurse",
        period=period,
        zone="Europe/Berlin",
        headcount=2,
        notes=notes or {},
        people=people,
    )


async def test_each_row_becomes_a_draft_and_the_file_is_remembered():
    given(role(), ward(), person(ANA), person(BEN))
    await when_asked(of_file(planned(2, people=(ANA, BEN)), planned(3, EVENING, notes="Keys")))
    then(
        drafted(2, MORNING, people=(ANA, BEN)),
        drafted(3, EVENING, notes={"text": "Keys"}),
        happened(ShiftImport.Imported, originator_id=IMPORT, source=SOURCE, shifts=2),
    )


async def test_what_was_imported_is_not_imported_again():
    given(role(), ward())
    await when_asked(of_file(planned()))
    await when_asked(of_file(planned()))
    then_nothing()


async def test_not_even_when_the_unit_has_been_closed_since():
    given(role(), ward())
    await when_asked(of_file(planned()))
    await when_asked(CloseUnit(WARD), by=ADMIN)
    await when_asked(of_file(planned()))
    then_nothing()


async def test_a_closed_unit_gets_none_of_them():
    unit = ward()
    with happening_at(LAST_WEEK):
        unit.close()
    given(role(), unit)
    await when_asked(of_file(planned()))
    then_refused(UnitIsClosed)


async def test_a_closed_role_keeps_all_of_them_out():
    given(ward(), role(active=False))
    await when_asked(of_file(planned()))
    then_refused(RoleIsClosed, role="nurse")


async def test_somebody_who_is_not_there_keeps_all_of_them_out():
    given(role(), ward(), person(ANA))
    await when_asked(of_file(planned(2, people=(ANA,)), planned(3, EVENING, people=(NOBODY,))))
    then_failed(NotFound, what="person")


async def test_wall_times_of_another_zone_are_not_taken_for_the_units():
    given(role(), ward("America/New_York"))
    await when_asked(of_file(planned()))
    then_failed(Conflict)


async def test_who_may_not_import_does_not():
    given(role(), ward())
    await when_asked(of_file(planned()), by=ANA_HERSELF)
    then_failed(Forbidden, needs="imports:write:all")


async def test_another_tenants_roles_and_units_are_not_there():
    given(role(), ward())
    await when_asked(of_file(planned()), by=STRANGER)
    then_failed(Invalid, fields={"role": "not in the catalogue of roles: nurse"})


def test_the_id_of_a_shift_follows_from_the_import_and_the_row():
    assert imported_shift_id(IMPORT, 2) == imported_shift_id(IMPORT, 2)
    assert imported_shift_id(IMPORT, 2) != imported_shift_id(IMPORT, 3)
