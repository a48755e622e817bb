"""The list as it stands in a spreadsheet."""

SHEET = "Shifts"
"""Its sheet; the first, where none has this name."""
MOST_ROWS = 10_000
"""Without the heading and blank ones."""
LAST_ROW = 100_000
"""Beyond it nothing is looked for, blank or not."""
MOST_COLUMNS = 26
"""Columns that are looked at, so that what stands beside the list is noticed."""
REQUIRED = 5
"""So many of the columns must be there, from the first."""
