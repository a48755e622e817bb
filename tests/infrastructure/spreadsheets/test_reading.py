"""A file is read in a process of its own, which whatever is in it harms alone."""

import asyncio
import subprocess
import sys
import time as clock
from datetime import date, datetime, time, timedelta
from io import BytesIO

import psutil
import pytest
from openpyxl import Workbook

from application.scheduling.import_cells import COLUMNS, ERROR, FORMULA
from infrastructure.spreadsheets import package, parse, reading
from infrastructure.spreadsheets.package import RefusedError
from infrastructure.spreadsheets.reading import rows_of
from infrastructure.spreadsheets.sheet import MOST_ROWS
from tests.support.sheets import HEADING, ROW, a_sheet, hostile, many_rows, raw
from tests.support.waiting import sooner_than

HOSTILE = hostile()
WITHIN = 10.0
"""Seconds; as the document of pitfalls demands."""
SMALL = 400 * 1024 * 1024
"""Bytes of the address space of whoever reads."""


def wall(text):
    """As a cell has it: of no time zone."""
    return datetime.fromisoformat(text)


async def read(file, **bounds):
    return [row async for row in rows_of(file, COLUMNS, **bounds)]


async def refusal(file, **bounds):
    with pytest.raises(RefusedError) as refused:
        await read(file, **bounds)
    return refused.value


def memory():
    """Bytes of this process."""
    return psutil.Process().memory_info().rss


_others = set()
"""Processes that other tests have started: engines, and what Python runs beside itself."""


@pytest.fixture(autouse=True)
def others():
    _others.clear()
    _others.update(psutil.Process().children())


def children():
    return [each for each in psutil.Process().children() if each not in _others]


@pytest.mark.parametrize("what", HOSTILE)
def test_nothing_hostile_is_taken_or_lasts(what):
    """Looked at in this process, which has no bounds: the looking itself must have them."""
    started, before = clock.monotonic(), memory()
    *_, last = list(parse._lines(HOSTILE[what], list(COLUMNS)))
    if "formula" in what:
        assert last == {"end": 1}, "it is told cell by cell"
    elif what != "one endless text":
        assert last["refused"]
    assert clock.monotonic() - started < WITHIN / 2
    assert memory() - before < SMALL


@pytest.mark.parametrize(
    "what", ["one endless text", "huge shared strings", "a style without end", "a zip bomb"]
)
async def test_whoever_asked_stays_small(what):
    before = memory()
    with pytest.raises(RefusedError):
        await read(HOSTILE[what])
    assert memory() - before < 20_000_000
    assert children() == []


def test_there_is_much_that_is_hostile():
    assert len(HOSTILE) >= 38


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("an encrypted file", "is encrypted, or in the format of before 2007: save it as .xlsx"),
        ("macros", "holds macros: save it as .xlsx, without them"),
        ("a zip bomb", "is too large when it is unpacked"),
        ("rows past the limit", f"has more than {MOST_ROWS} rows"),
        ("only a heading", "has no rows"),
    ],
)
async def test_a_refusal_says_what_to_do_about_it(what, reason):
    assert (await refusal(HOSTILE[what])).reason == reason


async def test_a_wrong_heading_is_told_by_its_column():
    refused = await refusal(HOSTILE["a column that is missing"])
    assert (refused.row, refused.column) == (1, "end")
    refused = await refusal(HOSTILE["another heading"])
    assert (refused.row, refused.column) == (1, "who")


async def test_what_people_fill_in_comes_out_as_what_it_is():
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([" Unit ", *(name.upper() for name in HEADING[1:])])
    sheet.append([3, "nurse", date(2027, 3, 1), time(8), timedelta(days=1), 2, " a@x.de ", True])
    sheet.append([None] * 8)
    sheet.append(["  ", "", None])
    sheet.append(["Ward", "=1+1", "#REF!", wall("2027-03-01T08:00"), 0.5, "2", "ü\n", 1.5])
    sheet["C5"].data_type = "e"
    sheet["J5"] = "beside"
    first, second = await read(saved(book))
    assert first.number == 2
    assert first.cells == {
        "unit": 3.0,
        "role": "nurse",
        "date": wall("2027-03-01"),
        "start": time(8),
        "end": timedelta(days=1),
        "headcount": 2.0,
        "people": "a@x.de",
        "notes": True,
    }
    assert second.number == 5
    assert second.cells == {
        "unit": "Ward",
        "role": FORMULA,
        "date": ERROR,
        "start": wall("2027-03-01T08:00"),
        "end": 0.5,
        "headcount": "2",
        "people": "ü",
        "notes": 1.5,
        "J": "beside",
    }


async def test_columns_may_stand_in_any_order_and_some_may_be_missing():
    heading = ("date", "start", "end", "role", "unit")
    file = a_sheet(("2027-03-01", "08:00", "16:00", "nurse", "Ward"), heading=heading, title="Plan")
    (row,) = await read(file)
    assert (row.cells["unit"], row.cells["end"]) == ("Ward", "16:00")


async def test_what_a_file_says_of_its_size_is_not_believed():
    honest = raw(
        "".join(
            f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'
            for n, text in enumerate(["unit", "Ward"], start=1)
        ),
        before='<dimension ref="A1:XFD1048576"/>',
    )
    assert (await refusal(honest)).column == "role"


async def test_who_reads_is_stopped_when_time_is_up(monkeypatch):
    instead(monkeypatch, "import time; time.sleep(60)")
    with sooner_than(60):
        assert (await refusal(a_sheet(ROW), patience=0.2)).reason == "takes too long to read"
    assert children() == []


async def test_who_reads_is_bound_in_memory_and_time_on_the_cpu_and_has_no_secrets(monkeypatch):
    row = '{"row": 2, "cells": {}}'
    instead(
        monkeypatch,
        "import time; from infrastructure.spreadsheets import parse; parse._bind(); "
        f"print({row!r}, flush=True); time.sleep(60)",
    )
    rows = rows_of(a_sheet(ROW), COLUMNS)
    await anext(rows)
    (reader,) = children()
    limits = {
        name: reader.rlimit(getattr(psutil, f"RLIMIT_{name}"))
        for name in ("AS", "CPU", "FSIZE", "CORE", "NOFILE")
    }
    assert limits["AS"][1] <= SMALL
    assert limits["CPU"][1] <= WITHIN
    assert (limits["FSIZE"], limits["CORE"]) == ((0, 0), (0, 0))
    assert limits["NOFILE"][1] <= 64
    assert reader.environ() == {}
    await rows.aclose()
    assert children() == []


def instead(monkeypatch, code):
    """What runs in place of the program that reads."""
    monkeypatch.setattr(reading, "_COMMAND", (sys.executable, "-I", "-c", code))


async def test_whoever_dies_of_a_file_refuses_it(monkeypatch):
    instead(monkeypatch, "import os, sys; sys.stdin.buffer.read(); os.kill(os.getpid(), 11)")
    assert (await refusal(a_sheet(ROW))).reason == "takes too long to read"
    instead(monkeypatch, "import sys; sys.stdin.buffer.read()")
    assert (await refusal(a_sheet(ROW))).reason == "can't be read as an .xlsx file"


async def test_several_are_read_side_by_side():
    sheets = [read(a_sheet(ROW)) for _ in range(2)]
    assert [len(rows) for rows in await asyncio.gather(*sheets)] == [1, 1]


def test_a_program_that_looks_at_files_knows_nothing_of_opstream():
    """What it has not imported, nobody can make it use."""
    code = "import infrastructure.spreadsheets.parse, sys; print(*sys.modules)"
    asked = [sys.executable, "-I", "-c", code]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()
    assert "infrastructure.spreadsheets.package" in told
    assert not {"domain", "application", "psycopg", "infrastructure.settings"} & set(told)


def test_what_is_refused_by_size_is_more_than_the_largest_list():
    honest = package.opened(many_rows(MOST_ROWS // 10))
    assert 30 * max(part.file_size for part in honest.infolist()) < package.LARGEST_PART


def saved(book):
    written = BytesIO()
    book.save(written)
    return written.getvalue()
