"""Looking at an .xlsx file before anything that understands it does.

Its directory tells what is in it and how large that becomes; a pass over its XML, which keeps
nothing, counts what is there. Whatever is more than any list of shifts needs is refused.
"""

from io import BytesIO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl
from zipfile import BadZipFile, ZipFile, ZipInfo

from defusedxml.common import DefusedXmlException
from defusedxml.sax import parse

MOST_PARTS = 1000
LARGEST_PART = 48 * 1024 * 1024
"""Bytes of one part when it is inflated; ten thousand rows of the template take 6 MB."""
LARGEST_WHOLE = 64 * 1024 * 1024
LARGEST_BESIDES = 4 * 1024 * 1024
"""Bytes of a part that holds neither cells nor texts; all of it is understood at once."""
MOST_ELEMENTS = 1_500_000
MOST = {"si": 100_000, "row": 100_000, "c": 400_000, "xf": 70_000}
"""Texts, rows, cells and styles; blank ones too, for they cost no less."""
DEEPEST = 32
"""Elements in elements."""

_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = b"PK\x03\x04"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_CONTENT_TYPES = "[Content_Types].xml"
_ENCRYPTED = 0x1
_NOT_ONE = "is not an .xlsx file"


class RefusedError(Exception):
    """The file is not taken; `row` and `column` where it is one place that is wrong."""

    def __init__(self, reason: str, row: int | None = None, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row
        self.column = column


def must_look_like_one(data: bytes) -> None:
    """Raises RefusedError when its first bytes tell that it is something else."""
    if data.startswith(_OLD_OFFICE):
        raise RefusedError("is encrypted, or in the format of before 2007: save it as .xlsx")
    if not data.startswith(_ZIP):
        raise RefusedError(_NOT_ONE)


def opened(data: bytes) -> ZipFile:
    """The file's parts, all of them looked at. Raises RefusedError."""
    must_look_like_one(data)
    try:
        archive = ZipFile(BytesIO(data))
        _look_at_directory(archive.infolist())
        elements = 0
        for part in archive.infolist():
            elements += _elements_in(archive, part, MOST_ELEMENTS - elements)
        _look_at_types(archive)
    except (BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise RefusedError("is damaged") from error
    return archive


def _look_at_directory(parts: list[ZipInfo]) -> None:
    if len(parts) > MOST_PARTS:
        raise RefusedError("has too many parts")
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise RefusedError("is encrypted")
    names = [part.filename for part in parts]
    if len(set(names)) < len(names):
        raise RefusedError("is damaged: it has a part twice")
    if any("vbaproject" in name.lower() for name in names):
        raise RefusedError("holds macros: save it as .xlsx, without them")
    if _CONTENT_TYPES not in names:
        raise RefusedError(_NOT_ONE)
    if any(part.file_size > _largest(part) for part in parts):
        raise RefusedError("is too large when it is unpacked")
    if sum(part.file_size for part in parts) > LARGEST_WHOLE:
        raise RefusedError("is too large when it is unpacked")


def _largest(part: ZipInfo) -> int:
    name = part.filename.lower()
    holds_cells = "/worksheets/" in name or name.endswith("sharedstrings.xml")
    return LARGEST_PART if holds_cells or not _is_xml(part) else LARGEST_BESIDES


def _is_xml(part: ZipInfo) -> bool:
    return part.filename.lower().endswith((".xml", ".rels", ".vml"))


def _elements_in(archive: ZipFile, part: ZipInfo, most: int) -> int:
    """How many elements a part of XML has; it is read to its end, and what it tells of its size
    is then known to be so.
    """
    if not _is_xml(part):
        return 0
    counting = _Counting(most)
    try:
        with archive.open(part) as xml:
            parse(xml, counting, forbid_dtd=True)
    except DefusedXmlException:
        raise RefusedError("declares a document type or entities, as no spreadsheet does") from None
    except SAXException:
        raise RefusedError("is damaged: a part of it is not XML") from None
    return counting.elements


def _look_at_types(archive: ZipFile) -> None:
    types = _Types()
    with archive.open(_CONTENT_TYPES) as xml:
        parse(xml, types, forbid_dtd=True)
    if any("macroenabled" in each for each in types.found):
        raise RefusedError("may hold macros: save it as .xlsx, without them")
    if _WORKBOOK not in types.found:
        raise RefusedError(_NOT_ONE)


class _Counting(ContentHandler):
    def __init__(self, most: int) -> None:
        super().__init__()
        self.elements = 0
        self._left = dict(MOST)
        self._most = most
        self._depth = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: ARG002, N802
        self.elements += 1
        self._depth += 1
        name = name.rpartition(":")[2]
        if name in self._left:
            self._left[name] -= 1
        if self.elements > self._most or self._left.get(name) == 0:
            raise RefusedError("holds more than a list of shifts can")
        if self._depth > DEEPEST:
            raise RefusedError("is damaged: it is nested too deep")

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802
        self._depth -= 1


class _Types(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: ARG002, N802
        self.found.add(str(attrs.get("ContentType", "")).strip().lower())
