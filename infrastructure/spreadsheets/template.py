"""The spreadsheet that people fill in to have shifts imported."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from application.scheduling.import_cells import COLUMNS
from domain.scheduling.staffing import MOST_PEOPLE
from infrastructure.cells import safe_cell
from infrastructure.spreadsheets.sheet import MOST_ROWS, SHEET

_HELP = {
    "unit": "Its name, or its id.",
    "role": "A role of the catalogue, such as nurse.",
    "date": "The day on which the shift starts, such as 2027-03-01.",
    "start": "The time on the unit's wall, such as 08:00.",
    "end": "The same; one that is not after the start is on the day after.",
    "headcount": f"How many people are needed, from 1 to {MOST_PEOPLE}; one, if it is left out.",
    "people": "The e-mail addresses of those who are meant to be on it, with commas between them.",
    "notes": "Anything else that matters.",
}
_FORMATS = {"date": "yyyy-mm-dd", "start": "hh:mm", "end": "hh:mm"}
_WIDTHS = {"unit": 24, "role": 16, "people": 44, "notes": 44}
_WIDTH = 12


def shifts_template(units: Sequence[str], roles: Sequence[str]) -> bytes:
    """An .xlsx file with a heading, an explanation of each column, and these units and roles to
    choose from.

    It keeps the thread that it runs in busy for a moment.
    """
    # Most API processes never make one, and would have it in memory all the same.
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook()
    _fill_in_heading(book.worksheets[0])
    _explain(book.create_sheet("Help"))
    for column, names in (("unit", units), ("role", roles)):
        if names:
            _offer(names, column, book)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _fill_in_heading(sheet: Any) -> None:
    from openpyxl.styles import Font  # noqa: PLC0415 - see above

    sheet.title = SHEET
    sheet.append(list(COLUMNS))
    sheet.freeze_panes = "A2"
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        column = sheet.column_dimensions[cell.column_letter]
        column.width = _WIDTHS.get(cell.value, _WIDTH)
        column.number_format = _FORMATS.get(cell.value, "General")


def _explain(sheet: Any) -> None:
    sheet.append(["column", "what stands in it"])
    for column, words in _HELP.items():
        sheet.append([column, words])
    sheet.append([])
    sheet.append(["", f"At most {MOST_ROWS} rows. All of them are imported, or none."])
    sheet.column_dimensions["B"].width = 80


def _offer(names: Sequence[str], column: str, book: Any) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415 - see above
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415 - see above

    title = f"{column.capitalize()}s"
    sheet = book.create_sheet(title)
    for name in names:
        sheet.append([safe_cell(ILLEGAL_CHARACTERS_RE.sub("", name))])
    choice = DataValidation(type="list", formula1=f"{title}!$A$1:$A${len(names)}", allow_blank=True)
    # A unit's id will do as well.
    choice.showErrorMessage = False
    letter = "ABCDEFGH"[COLUMNS.index(column)]
    choice.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
    book[SHEET].add_data_validation(choice)
