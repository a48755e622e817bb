"""The template can be filled in and sent back as it is, and nothing in it does anything."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from application.scheduling.import_cells import COLUMNS
from infrastructure.spreadsheets.reading import rows_of
from infrastructure.spreadsheets.template import shifts_template
from tests.support.sheets import ROW


def opened(*units, roles=()):
    return load_workbook(BytesIO(shifts_template(units, roles)))


def test_it_has_the_columns_and_explains_each():
    book = opened("Ward 1")
    assert book.sheetnames == ["Shifts", "Help", "Units"]
    assert [cell.value for cell in book["Shifts"][1]] == list(COLUMNS)
    explained = [row[0].value for row in book["Help"].iter_rows(min_row=2)]
    assert explained[: len(COLUMNS)] == list(COLUMNS)


def test_it_offers_the_units_and_roles():
    book = opened("Ward 1", "Kitchen", roles=["nurse"])
    assert [row[0].value for row in book["Units"].iter_rows()] == ["Ward 1", "Kitchen"]
    assert [row[0].value for row in book["Roles"].iter_rows()] == ["nurse"]
    units, roles = book["Shifts"].data_validations.dataValidation
    assert (units.formula1, str(units.sqref)) == ("Units!$A$1:$A$2", "A2:A10001")
    assert (roles.formula1, str(roles.sqref)) == ("Roles!$A$1:$A$1", "B2:B10001")
    assert opened().sheetnames == ["Shifts", "Help"]


async def test_it_comes_back_filled_in():
    book = opened("Ward 1")
    book["Shifts"].append(ROW)
    written = BytesIO()
    book.save(written)
    (row,) = [row async for row in rows_of(written.getvalue(), COLUMNS)]
    assert (row.number, row.cells["unit"], row.cells["end"]) == (2, "Ward 1", "16:00")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_no_unit_becomes_a_formula(name):
    (cell,) = opened(name)["Units"][1]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


def test_what_a_spreadsheet_can_not_hold_is_left_out():
    (cell,) = opened("Ward\x0b 1")["Units"][1]
    assert cell.value == "Ward 1"
