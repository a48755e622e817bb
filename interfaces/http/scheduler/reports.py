"""Reports: hours and cost, how units are filled, what was declined and overridden."""

from datetime import date
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends, Query, Response

from domain.shared.errors import Invalid
from domain.shared.ids import PersonId, UnitId
from interfaces.http.authentication import needs
from interfaces.http.call import MAY_BE_BEHIND, Call
from interfaces.http.csv_answers import DESCRIBED, WantedFormat, all_lines, csv_answer, wants_csv
from interfaces.http.fields import Day
from interfaces.http.scheduler.common import PageOut, Paging
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.report_schemas import AnswersOut, FillOut, HoursOut
from projections.paging import Page, PageRequest
from projections.reporting.answers import AnswerFilter, list_answers
from projections.reporting.fill import FillFilter, list_fill
from projections.reporting.hours import HoursFilter, list_hours
from projections.reporting.staffing import What

router = scheduler_router()

_DESCRIBED: dict[int | str, dict[str, Any]] = {200: DESCRIBED[200] | {"headers": MAY_BE_BEHIND}}
PersonAsked = Annotated[UUID | None, Query()]
UnitAsked = Annotated[UUID | None, Query()]


class Days(NamedTuple):
    first: date | None
    last: date | None


async def _days(
    first: Annotated[Day | None, Query(alias="from", description="The first day.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="The last day.")] = None,
) -> Days:
    if first and last and last < first:
        raise Invalid("There are no such days.", {"to": "must not be before from"})
    return Days(first, last)


DaysAsked = Annotated[Days, Depends(_days)]


@router.get(
    "/reports/hours",
    tags=["reports"],
    response_model=PageOut[HoursOut],
    responses=_DESCRIBED,
    dependencies=[needs("reports:read")],
)
async def get_hours(
    call: Call,
    paging: Paging,
    days: DaysAsked,
    wanted: WantedFormat = None,
    person_id: PersonAsked = None,
    unit_id: UnitAsked = None,
) -> Any:
    """Hours and cost per person and ISO week, for the whole weeks that the days are in.

    They are the hours of accepted places on shifts that were not cancelled, past and to come, and
    cost what the person or the role did when the place was accepted.
    """
    asked = HoursFilter(*days, _person(person_id), _unit(unit_id))
    in_csv = wants_csv(call, wanted)
    page = await call.ask_patiently(list_hours, call.actor.tenant_id, asked, _pages(paging, in_csv))
    return _answer("hours", HoursOut, page, in_csv)


@router.get(
    "/reports/fill",
    tags=["reports"],
    response_model=PageOut[FillOut],
    responses=_DESCRIBED,
    dependencies=[needs("reports:read")],
)
async def get_fill(
    call: Call,
    paging: Paging,
    days: DaysAsked,
    wanted: WantedFormat = None,
    unit_id: UnitAsked = None,
) -> Any:
    """How far units are staffed: of shifts that begin on the days, published or completed."""
    asked, in_csv = FillFilter(*days, _unit(unit_id)), wants_csv(call, wanted)
    page = await call.ask_patiently(list_fill, call.actor.tenant_id, asked, _pages(paging, in_csv))
    return _answer("fill", FillOut, page, in_csv)


@router.get(
    "/reports/answers",
    tags=["reports"],
    response_model=PageOut[AnswersOut],
    responses=_DESCRIBED,
    dependencies=[needs("reports:read")],
)
async def get_answers(
    call: Call,
    paging: Paging,
    days: DaysAsked,
    wanted: WantedFormat = None,
    what: Annotated[What | None, Query()] = None,
    person_id: PersonAsked = None,
    unit_id: UnitAsked = None,
) -> Any:
    """What was declined or overridden, the newest first, of shifts that begin on the days."""
    asked = AnswerFilter(what, *days, _person(person_id), _unit(unit_id))
    in_csv = wants_csv(call, wanted)
    pages = _pages(paging, in_csv)
    page = await call.ask_patiently(list_answers, call.actor.tenant_id, asked, pages)
    return _answer("answers", AnswersOut, page, in_csv)


def _pages(asked: PageRequest, in_csv: bool) -> PageRequest:
    return all_lines() if in_csv else asked


def _answer(
    name: str, kind: type[HoursOut | FillOut | AnswersOut], page: Page[Any], in_csv: bool
) -> Response | PageOut[Any]:
    if in_csv:
        return csv_answer(name, page.total, kind.HEADING, map(kind.line, page.items))
    return PageOut[Any].of(page, [kind.of(item) for item in page.items])


def _person(person_id: UUID | None) -> PersonId | None:
    return None if person_id is None else PersonId(person_id)


def _unit(unit_id: UUID | None) -> UnitId | None:
    return None if unit_id is None else UnitId(unit_id)
