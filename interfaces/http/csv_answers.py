"""Lists as CSV (RFC 4180), for who asks for it: by ``?format=csv``, or by ``Accept: text/csv``."""

import csv
import io
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Query, Response

from domain.shared.errors import Invalid
from infrastructure.cells import safe_cell
from interfaces.http.call import Call
from projections.paging import PageRequest

MOST_LINES = 10_000
CSV = "text/csv"
DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}}}
}
"""For an operation that answers with either."""


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"


WantedFormat = Annotated[
    Format | None,
    Query(alias="format", description="Goes before `Accept`. CSV has all lines, without pages."),
]


def wants_csv(call: Call, wanted: Format | None) -> bool:
    """Raises Invalid when a page of it is asked for too."""
    is_csv = _accepts_csv(call) if wanted is None else wanted is Format.CSV
    if is_csv and (paged := {"page", "pageSize"} & set(call.query_params)):
        raise Invalid("CSV has no pages.", dict.fromkeys(sorted(paged), "goes with JSON alone"))
    return is_csv


def _accepts_csv(call: Call) -> bool:
    """Whether CSV is named, and before JSON if that is too."""
    ranges = [each.partition(";")[0].strip() for each in (call.header(b"accept") or "").split(",")]
    return next((each for each in ranges if each in {CSV, "application/json"}), "") == CSV


def all_lines() -> PageRequest:
    return PageRequest(size=MOST_LINES)


def csv_answer(
    name: str, total: int, heading: Sequence[str], lines: Iterable[Sequence[object]]
) -> Response:
    """Raises Invalid when there are more than `MOST_LINES` in all."""
    if total > MOST_LINES:
        told = f"{total} lines are more than {MOST_LINES}: ask for fewer days"
        raise Invalid("This is too much for one file.", {"from": told})
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heading)
    writer.writerows([safe_cell(value) for value in line] for line in lines)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(text.getvalue(), 200, headers, f"{CSV}; charset=utf-8")
