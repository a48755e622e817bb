"""Reading the cells of one row of a file of shifts, whatever people and spreadsheets make of them.

A formula is never evaluated, and neither is what it last came to believed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from domain.scheduling.staffing import MOST_PEOPLE
from domain.shared.errors import Invalid
from domain.shared.texts import LONGEST_NAME, normalized, text_of

COLUMNS = ("unit", "role", "date", "start", "end", "headcount", "people", "notes")
"""Of the template, in this order."""
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
"""As everywhere over HTTP."""

_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_BETWEEN_PEOPLE = re.compile(r"[,;\s]+")
_DAY = 24 * 60 * 60

_NOT_A_DATE = "must be a date, such as 2027-03-01"
_NOT_A_TIME = "must be a time of day, such as 08:00"
_NOT_A_COUNT = f"must be a whole number from 1 to {MOST_PEOPLE}"

T = TypeVar("T")


@dataclass(frozen=True)
class NotAValue:
    """A cell that holds no value of its own, and why that is refused."""

    reason: str


FORMULA = NotAValue("is a formula: put its value there")
ERROR = NotAValue("holds an error of the spreadsheet")

Cell = str | float | bool | datetime | time | timedelta | NotAValue | None
"""Text is without blanks around it and never empty; None is a blank cell."""


@dataclass(frozen=True)
class SheetRow:
    number: int
    """As the spreadsheet counts, from 1; the heading is one of them."""
    cells: Mapping[str, Cell]
    """By column; a blank one may be missing."""


class UnreadableError(Exception):
    """A cell can't be read; its words are for whoever filled it in."""

    @property
    def reason(self) -> str:
        return str(self)


def read(row: SheetRow, column: str, reader: Callable[[Cell], T]) -> T:
    """Raises UnreadableError."""
    cell = row.cells.get(column)
    if isinstance(cell, NotAValue):
        raise UnreadableError(cell.reason)
    return reader(cell)


def as_name(cell: Cell) -> str:
    """The name of a unit or a role."""
    text = _as_text(cell)
    if text is None:
        raise UnreadableError("is missing")
    if len(text) > LONGEST_NAME:
        raise UnreadableError(f"must have at most {LONGEST_NAME} characters")
    return _storable(text)


def as_notes(cell: Cell) -> str:
    text = _as_text(cell)
    return "" if text is None else _storable(text)


def as_date(cell: Cell) -> date:
    found = _date_in(cell)
    if not EARLIEST <= found <= LATEST:
        raise UnreadableError(f"must be between the years {EARLIEST.year} and {LATEST.year}")
    return found


def as_time(cell: Cell) -> time:
    """A time of day; the end of a day, 24:00, is 00:00 of the next."""
    match cell:
        case None:
            raise UnreadableError("is missing")
        case time():
            seconds = timedelta(
                hours=cell.hour,
                minutes=cell.minute,
                seconds=cell.second,
                microseconds=cell.microsecond,
            ).total_seconds()
        case timedelta():
            seconds = cell.total_seconds()
        case str():
            seconds = _seconds_in(cell)
        case float() | int() if not isinstance(cell, bool):
            seconds = cell * _DAY
        case _:
            raise UnreadableError(_NOT_A_TIME)
    return _clock_at(seconds)


def as_headcount(cell: Cell) -> int:
    """One where it is left out, as over HTTP."""
    match cell:
        case None:
            return 1
        case str() if cell.isdecimal() and len(cell) <= len(str(MOST_PEOPLE)):
            count = float(cell)
        case float() | int() if not isinstance(cell, bool):
            count = cell
        case _:
            raise UnreadableError(_NOT_A_COUNT)
    if not (1 <= count <= MOST_PEOPLE and count == int(count)):
        raise UnreadableError(_NOT_A_COUNT)
    return int(count)


def as_addresses(cell: Cell) -> tuple[str, ...]:
    """E-mail addresses in their normal form, each once."""
    text = _as_text(cell)
    if text is None:
        return ()
    addresses = [normalized(address) for address in _BETWEEN_PEOPLE.split(text) if address]
    if len(addresses) > MOST_PEOPLE:
        raise UnreadableError(f"must name at most {MOST_PEOPLE} people")
    if len(set(addresses)) < len(addresses):
        raise UnreadableError("must name each person once")
    return tuple(addresses)


def _as_text(cell: Cell) -> str | None:
    """Numbers as they are written: a ward may be called 3."""
    match cell:
        case None | str():
            return cell
        case float() | int() if not isinstance(cell, bool):
            return str(int(cell)) if cell == int(cell) else str(cell)
        case _:
            raise UnreadableError("must be a text")


def _storable(text: str) -> str:
    try:
        return text_of("text", text, "text")
    except Invalid as invalid:
        fields = invalid.data["fields"]
        assert isinstance(fields, dict)  # noqa: S101 - what Invalid is made of
        raise UnreadableError(fields["text"]) from None


def _date_in(cell: Cell) -> date:
    match cell:
        case None:
            raise UnreadableError("is missing")
        case datetime() if cell.time() == time():
            return cell.date()
        case str() if found := _ISO.fullmatch(cell) or _DOTTED.fullmatch(cell):
            try:
                return date(**{part: int(number) for part, number in found.groupdict().items()})
            except ValueError:
                raise UnreadableError("is not in the calendar") from None
        case _:
            raise UnreadableError(_NOT_A_DATE)


def _seconds_in(text: str) -> int:
    if (found := _CLOCK.fullmatch(text)) is None:
        raise UnreadableError(_NOT_A_TIME)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    if minutes >= 60 or seconds >= 60:  # noqa: PLR2004 - as clocks go
        raise UnreadableError(_NOT_A_TIME)
    return hours * 3600 + minutes * 60 + seconds


def _clock_at(seconds: float) -> time:
    """Spreadsheets keep times as parts of a day, a little off."""
    # Not a number is not between anything.
    if not 0 <= seconds <= _DAY:
        raise UnreadableError(_NOT_A_TIME)
    whole = round(seconds) % _DAY
    return time(whole // 3600, whole // 60 % 60, whole % 60)
