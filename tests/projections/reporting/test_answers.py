"""What was declined, and what was overridden."""

from datetime import date, timedelta

from domain.scheduling.candidate import Candidate
from domain.scheduling.warnings import Override
from domain.shared.moment import happening_at
from projections.paging import PageRequest
from projections.reporting import staffing as report
from projections.reporting.answers import AnswerFilter, list_answers
from projections.reporting.staffing import What
from tests.support.given import given, then_rows, when
from tests.support.scheduling import (
    ANA,
    BEN,
    FOREIGN,
    KITCHEN,
    LAST_WEEK,
    NOW,
    OTHER,
    SHIFT,
    TENANT,
    WARD,
    hours,
    person,
    published,
    ward,
)

MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)
TOO_MUCH = "The person has 6 h in week 2026-W45; the cap is 1 h."


def row(who, what, version, **changes):
    known = {"shift_id": SHIFT, "version": version, "tenant_id": TENANT, "person_id": who}
    return known | {"what": what, "at": NOW, "reason": None, "warnings": []} | changes


def test_every_time_that_somebody_declines_is_told():
    given(published(pending=[ANA]))
    when(lambda shift: shift.decline(ANA, ()))
    when(lambda shift: shift.assign_all([Candidate(person(ANA))]))
    when(lambda shift: shift.decline(ANA, ()))
    then_rows(report.model, answers=[row(ANA, "declined", 4), row(ANA, "declined", 6)])


def test_what_was_overridden_is_told_with_its_reason():
    given(published())
    busy, override = Candidate(person(ANA, cap=1)), Override("Agreed with her.")
    when(lambda shift: shift.assign_all([busy], override))
    told = {"reason": "Agreed with her.", "warnings": [TOO_MUCH]}
    then_rows(report.model, answers=[row(ANA, "overridden", 4, **told)])


def test_a_warning_that_nobody_overrode_is_not_told():
    given(published())
    when(lambda shift: shift.claim(Candidate(person(ANA, cap=1))))
    then_rows(report.model, answers=[])


def what_happened():
    given(ward(), person(ANA), person(BEN), published(declined=[BEN]))
    tuesday = published(hours(23, 30), id=OTHER, headcount=2, declined=[ANA])
    with happening_at(LAST_WEEK + timedelta(hours=1)):
        tuesday.assign_all([Candidate(person(BEN, cap=1))], Override("Agreed."))
    given(tuesday)
    given(ward(), published(id=KITCHEN, declined=[ANA]), tenant=FOREIGN)


ASKED = [
    (AnswerFilter(), ["Ben overridden", "Ben declined", "Ana declined"]),
    (AnswerFilter(what=What.OVERRIDDEN), ["Ben overridden"]),
    (AnswerFilter(what=What.DECLINED), ["Ben declined", "Ana declined"]),
    (AnswerFilter(person_id=BEN), ["Ben overridden", "Ben declined"]),
    (AnswerFilter(first=TUESDAY), ["Ben overridden", "Ana declined"]),
    (AnswerFilter(last=MONDAY), ["Ben declined"]),
    (AnswerFilter(unit_id=WARD, what=What.OVERRIDDEN), ["Ben overridden"]),
    (AnswerFilter(unit_id=KITCHEN), []),
]


async def test_answers_are_found_the_newest_first(asking):
    what_happened()
    async with asking(report.model) as connection:
        for wanted, expected in ASKED:
            found = await list_answers(connection, TENANT, wanted, PageRequest())
            assert [f"{row.person} {row.what}" for row in found.items] == expected, wanted
        everything = await list_answers(connection, TENANT, AnswerFilter(), PageRequest())
    told = {(row.unit, row.unit_id, row.role, row.zone) for row in everything.items}
    assert told == {("Ward 1", WARD, "nurse", "Europe/Berlin")}
