"""Whom and what a night's digest may be about."""

from uuid import UUID

from domain.shared.ids import PersonId
from projections.scheduling import people, shifts
from projections.scheduling.nightly import people_with_a_cap, shifts_with_open_places
from tests.support.given import given
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    EVENING,
    FOREIGN,
    MORNING,
    NOBODY,
    OTHER,
    OVER,
    SHIFT,
    TENANT,
    draft,
    person,
    published,
)


async def test_people_in_service_with_a_cap_are_found_one_batch_after_the_other(asking):
    given(person(BEN, cap=5), person(ANA, cap=5), person(CLEO), person(NOBODY, cap=5, active=False))
    given(person(PersonId(UUID(int=1)), cap=5), tenant=FOREIGN)
    async with asking(people.model) as connection:
        assert await people_with_a_cap(connection, TENANT, None, 1) == [ANA]
        assert await people_with_a_cap(connection, TENANT, ANA, 9) == [BEN]
        assert await people_with_a_cap(connection, TENANT, BEN, 9) == []


async def test_published_shifts_of_a_time_with_open_places_are_found(asking):
    given(
        published(EVENING, id=OTHER, headcount=2, pending=[ANA]),
        published(MORNING, id=SHIFT),
        published(MORNING, id=UUID(int=1), pending=[ANA]),
        published(OVER, id=UUID(int=2)),
        draft(MORNING, id=UUID(int=3)),
    )
    async with asking(shifts.model) as connection:
        wanted = (connection, TENANT, MORNING.start, EVENING.end)
        assert await shifts_with_open_places(*wanted, 9) == [SHIFT, OTHER]
        assert await shifts_with_open_places(*wanted, 1) == [SHIFT]
        earlier = (connection, TENANT, MORNING.start, EVENING.start)
        assert await shifts_with_open_places(*earlier, 9) == [SHIFT]
