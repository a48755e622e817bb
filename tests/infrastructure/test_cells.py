"""What a spreadsheet would run is told as text."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from infrastructure.cells import safe_cell


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+49 30 123", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\tx"),
        *("  =1", "\u00a0=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "=", "-"),
    ],
)
def test_what_might_be_a_formula_is_made_a_text(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Ana", "", "a=b", "1+1", "'=1", -1, -0.5, 38.5, None, True])
def test_everything_else_stays_as_it_is(value):
    assert safe_cell(value) is value


@for_all(st.text())
def test_no_cell_begins_like_a_formula(text):
    told = safe_cell(text)
    assert told.endswith(text)
    assert told.lstrip()[:1] not in set("=+-@")
    assert told[:1] not in set("\t\r\n")
