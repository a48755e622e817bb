"""Reads a list from an .xlsx file, in a process of its own: file in, rows out, a line each.

    python -I -m infrastructure.spreadsheets.parse unit role date … < file

It knows nothing of opstream, has no environment, and binds itself before it looks at the file:
memory, time on the CPU, no files to write. Whatever it dies of, whoever asked refuses the file.
"""

import json
import math
import resource
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from infrastructure.spreadsheets.package import RefusedError, opened
from infrastructure.spreadsheets.sheet import LAST_ROW, MOST_COLUMNS, MOST_ROWS, REQUIRED, SHEET

MEMORY = 384 * 1024 * 1024
"""Bytes of address space; ten thousand rows take a quarter of it."""
CPU_SECONDS = 6


def main() -> None:
    _bind()
    for number, line in enumerate(_lines(sys.stdin.buffer.read(), sys.argv[1:])):
        print(json.dumps(line), flush=number % 100 == 0)  # noqa: T201 - what it is for


def _bind() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))
    warnings.simplefilter("ignore")


def _lines(data: bytes, columns: list[str]) -> Iterator[dict[str, Any]]:
    """One for each row, and one that tells the end, or why there is none."""
    try:
        opened(data).close()
        rows = 0
        for line in _rows(data, columns):
            yield line
            rows += 1
        if not rows:
            raise RefusedError("has no rows")  # noqa: TRY301 - told like any other
        yield {"end": rows}
    except RefusedError as refused:
        yield {"refused": refused.reason, "row": refused.row, "column": refused.column}
    except MemoryError:
        yield {"refused": "needs too much memory to be read", "row": None, "column": None}
    except Exception:  # noqa: BLE001 - whatever somebody made the library stumble over
        yield {"refused": "can't be read as an .xlsx file", "row": None, "column": None}


def _rows(data: bytes, columns: list[str]) -> Iterator[dict[str, Any]]:
    # What is hostile has been refused by now, and nobody waited for the library.
    from openpyxl import load_workbook  # noqa: PLC0415

    book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
    sheet: Any = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
    # What a file says of its own size is not believed.
    sheet.reset_dimensions()
    every = enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1)
    _, heading = next(every, (0, ()))
    names = _named(heading, columns)
    found = 0
    for number, cells in every:
        if number > LAST_ROW:
            raise RefusedError(f"goes on beyond row {LAST_ROW}")
        told = dict(_told(cells, names))
        if told:
            found += 1
            if found > MOST_ROWS:
                raise RefusedError(f"has more than {MOST_ROWS} rows")
            yield {"row": number, "cells": told}


def _named(heading: Iterable[Any], columns: list[str]) -> dict[int, str]:
    """Which column stands where. Raises RefusedError when they are not those of the template."""
    names: dict[int, str] = {}
    for place, cell in enumerate(heading):
        name = str(cell.value).strip().lower() if cell.value is not None else ""
        if not name:
            continue
        if name not in columns:
            raise RefusedError("is not a column of the template", 1, name[:100])
        if name in names.values():
            raise RefusedError("stands there twice", 1, name)
        names[place] = name
    for name in columns[:REQUIRED]:
        if name not in names.values():
            raise RefusedError("this column of the template is missing", 1, name)
    return names


def _told(cells: Iterable[Any], names: dict[int, str]) -> Iterator[tuple[str, list[Any]]]:
    """By column, what is not blank; by letter what stands beside the list."""
    for place, cell in enumerate(cells):
        value = _value(cell)
        if value is not None:
            yield names.get(place) or chr(ord("A") + place), value


def _value(cell: Any) -> list[Any] | None:
    """Its kind and the value, as JSON has it; None for a blank cell."""
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if cell.data_type == "f":
        return ["formula"]
    if cell.data_type == "e" or type(value) not in _TELLING:
        return ["error"]
    return _TELLING[type(value)](value)


def _told_number(number: float) -> list[Any]:
    try:
        return ["number", float(number)] if math.isfinite(number) else ["error"]
    except OverflowError:
        return ["error"]


_TELLING: dict[type, Callable[[Any], list[Any]]] = {
    str: lambda text: ["text", text.strip()],
    bool: lambda truth: ["truth", truth],
    int: _told_number,
    float: _told_number,
    datetime: lambda moment: ["moment", moment.replace(tzinfo=None).isoformat()],
    date: lambda day: ["moment", datetime.combine(day, time()).isoformat()],
    time: lambda clock: ["clock", clock.replace(tzinfo=None).isoformat()],
    timedelta: lambda length: ["length", length.total_seconds()],
}


if __name__ == "__main__":
    main()
