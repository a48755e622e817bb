"""What is written into a cell is text, whoever it comes from."""

import re

_LIVE = ("=", "+", "-", "@", "\t", "\r", "|", "%")
"""What spreadsheets, or what they import CSV with, take for the start of a formula."""
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST = 32_767
"""Characters of a cell."""


def safe_cell(text: str) -> str:
    """The text, as a cell can hold it without doing anything: with an apostrophe before it, as
    people write it, where it could be taken for a formula.
    """
    plain = _NOT_IN_XML.sub("", text)
    return (f"'{plain}" if plain.startswith(_LIVE) else plain)[:LONGEST]
