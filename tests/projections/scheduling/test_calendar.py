"""People's calendars, and the numbers that grow with each change."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.scheduling.candidate import Candidate
from domain.scheduling.staffing import AssignmentStatus
from domain.shared.errors import RuleBroken
from domain.shared.ids import ShiftId
from domain.shared.moment import happening_at
from projections.fold import Fact, fold
from projections.rows import Rows
from projections.scheduling.calendar import (
    FUTURE,
    PAST,
    calendar_of,
    entry_of,
    model,
    places,
    shifts,
    units,
)
from tests.support.appends import news_of
from tests.support.given import given, projected, when
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    EVENING,
    FOREIGN,
    LAST_WEEK,
    MORNING,
    NOW,
    OTHER,
    SHIFT,
    SWAP,
    TENANT,
    draft,
    hours,
    person,
    published,
    ward,
)

A_MINUTE = timedelta(minutes=1)


def entries(rows):
    """Every place's entry, by its assignment's id."""
    held = {table: {row[key]: row for row in rows[table].all()} for table, key in KEYS.items()}
    found = [
        entry_of(place, shift, held[units][shift["unit_id"]])
        for place in rows[places].all()
        for shift in [held[shifts][place["shift_id"]]]
    ]
    return {entry.assignment_id: entry for entry in found}


KEYS = {shifts: "shift_id", units: "unit_id"}


def the_entry():
    (entry,) = entries(projected(model)).values()
    return entry


def test_a_place_is_shown_as_it_was_given():
    given(ward(), published(pending=[ANA]))
    entry = the_entry()
    assert (entry.role, entry.unit, entry.zone) == ("nurse", "Ward 1", "Europe/Berlin")
    assert (entry.starts_at, entry.ends_at) == (MORNING.start, MORNING.end)
    assert (entry.sequence, entry.status, entry.is_cancelled) == (0, "pending", False)
    assert (entry.given_at, entry.changed_at) == (LAST_WEEK, LAST_WEEK)


def test_an_answer_is_a_change():
    given(ward(), published(pending=[ANA]))
    when(lambda _, shift: shift.accept(ANA))
    entry = the_entry()
    assert (entry.sequence, entry.status, entry.is_cancelled) == (1, "accepted", False)
    assert (entry.given_at, entry.changed_at) == (LAST_WEEK, NOW)


def test_what_is_cancelled_stays_and_says_so():
    given(ward(), published(accepted=[ANA]))
    when(lambda _, shift: shift.cancel("Flooded.", ()))
    entry = the_entry()
    assert (entry.sequence, entry.status, entry.is_cancelled) == (2, "accepted", True)


def test_who_gave_a_place_away_is_not_to_come():
    given(ward(), published(accepted=[ANA]))
    when(lambda _, shift: shift.reassign(ANA, (), Candidate(person(BEN)), SWAP))
    gone, new = entries(projected(model)).values()
    assert (gone.sequence, gone.status, gone.is_cancelled) == (2, "swapped", True)
    assert (new.sequence, new.status, new.is_cancelled) == (0, "accepted", False)


def test_a_place_that_is_given_again_goes_on_with_its_number():
    given(ward(), published(declined=[ANA]))
    when(lambda _, shift: shift.assign_all([Candidate(person(ANA))]))
    entry = the_entry()
    assert (entry.sequence, entry.status, entry.is_cancelled) == (2, "pending", False)


def test_a_unit_of_another_name_is_a_change_and_one_of_another_zone_is_none():
    given(ward(), published(pending=[ANA]))
    when(lambda ward, _: ward.change(zone="UTC"))
    assert the_entry().sequence == 0
    when(lambda ward, _: ward.change(name="Attic"))
    entry = the_entry()
    assert (entry.sequence, entry.unit, entry.changed_at) == (1, "Attic", NOW)


def test_a_completed_shift_and_a_reminder_are_no_change():
    given(ward(), published(hours(0, 6), accepted=[ANA]))
    when(lambda _, shift: shift.complete())
    assert the_entry().sequence == 1


async def test_a_calendar_shows_one_persons_places_in_their_order(asking):
    given(
        ward(),
        published(EVENING, id=OTHER, accepted=[ANA]),
        published(MORNING, id=SHIFT, headcount=2, declined=[ANA], pending=[BEN]),
    )
    given(published(id=UUID(int=1), accepted=[ANA]), tenant=FOREIGN)
    async with asking(model) as connection:
        found = await calendar_of(connection, TENANT, ANA, NOW)
        assert [(each.starts_at, each.status) for each in found] == [
            (MORNING.start, AssignmentStatus.DECLINED),
            (EVENING.start, AssignmentStatus.ACCEPTED),
        ]
        assert {each.assignment_id: each for each in found}.items() <= all_entries().items()
        assert await calendar_of(connection, TENANT, ANA, MORNING.end + PAST) == [found[1]]
        assert await calendar_of(connection, TENANT, ANA, MORNING.start - FUTURE) == []


def all_entries():
    return {
        key: replace(entry, status=AssignmentStatus(entry.status))
        for key, entry in entries(projected(model)).items()
    }


a_person = st.sampled_from([ANA, BEN, CLEO])
a_shift = st.integers(0, 1)
a_step = st.one_of(
    st.tuples(st.sampled_from(["assign", "claim", "accept", "decline"]), a_shift, a_person),
    st.tuples(st.sampled_from(["reassign", "swap"]), a_shift, a_person, a_person),
    st.tuples(st.sampled_from(["rename", "close", "cancel", "remind"]), a_shift),
)


ACTS = {
    "assign": lambda shift, who: shift.assign_all([Candidate(person(who))]),
    "claim": lambda shift, who: shift.claim(Candidate(person(who))),
    "accept": lambda shift, who: shift.accept(who),
    "decline": lambda shift, who: shift.decline(who, ()),
    "reassign": lambda shift, who, to: shift.reassign(who, (), Candidate(person(to))),
    "swap": lambda shift, who, to: shift.reassign(who, (), Candidate(person(to)), SWAP),
    "cancel": lambda shift: shift.cancel("Flooded.", ()),
    "remind": lambda shift: shift.remind(),
}


def act(step, number, unit, both):
    what, which, *people = step
    with happening_at(LAST_WEEK + (number + 1) * A_MINUTE), suppress(RuleBroken):
        if what == "rename":
            unit.change(name=f"Ward {number % 3}")
        elif what == "close":
            unit.close()
        else:
            ACTS[what](both[which], *people)


@settings(max_examples=60, deadline=None)
@for_all(st.lists(a_step, min_size=10, max_size=30))
def test_whatever_happens_a_number_rises_with_each_change_and_never_falls(history):
    place = ward()
    both = [published(id=ShiftId(UUID(int=9))), draft(EVENING, id=OTHER, headcount=2)]
    with happening_at(LAST_WEEK):
        both[1].publish()
    rows = Rows(model.tables, complete=True)
    seen = folded(rows, place, *both)
    for number, step in enumerate(history):
        act(step, number, place, both)
        now = folded(rows, place, *both)
        assert now.keys() >= seen.keys(), "what was shown once is not taken away"
        for which, before in seen.items():
            after = now[which]
            assert after.sequence >= before.sequence, "it never falls"
            if shown(after) != shown(before):
                assert after.sequence > before.sequence, "it rises with each change"
            is_later = after.changed_at > before.changed_at
            assert is_later == (after.sequence > before.sequence)
        seen = now


def folded(rows, *things):
    facts = [Fact(1, TENANT, event) for thing in things for event in news_of(thing)]
    fold(model, facts, rows)
    return entries(rows)


def shown(entry):
    """All but what is about the change itself."""
    return replace(entry, sequence=0, changed_at=NOW)
