"""Texts in tables that spreadsheets open: CSV and Excel files."""

_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""What begins a formula, also as the wide characters that some programs take for it."""
_CONTROL = ("\t", "\r", "\n")


def safe_cell(value: object) -> object:
    """The value, with an apostrophe before a text that a spreadsheet might run as a formula.

    Every writer of a table uses it: names and reasons come from outside. Numbers stay numbers.
    """
    if not isinstance(value, str):
        return value
    runs = value.lstrip().startswith(_FORMULA) or value.startswith(_CONTROL)
    return f"'{value}" if runs else value
