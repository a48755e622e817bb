"""Occasions and who is a member of which."""

from datetime import timedelta

import pytest

from domain.shared.ids import OccasionId
from domain.work.occasion import OccasionChange
from projections.paging import PageRequest
from projections.work import occasions
from projections.work.occasions import (
    OccasionFilter,
    Standing,
    companions_of,
    find_occasion,
    list_members_of,
    list_occasions,
    occasions_of,
    standing_of,
)
from tests.support.given import given, then_rows, when
from tests.support.scheduling import FOREIGN, LAST_WEEK, NOW, TENANT
from tests.support.work import (
    CUSTOMER,
    FAIR,
    FLORIST,
    MANAGER,
    PASSER_BY,
    TASK,
    VENDOR,
    WEDDING,
    occasion,
)

JUNE = occasion().period
NOTHING = OccasionId(TASK)


def row(**changes):
    known = {
        "occasion_id": WEDDING,
        "tenant_id": TENANT,
        "name": "Wedding of Ana and Ben",
        "description": "",
        "starts_at": JUNE.start,
        "ends_at": JUNE.end,
    }
    return known | changes


def member(account_id, at=LAST_WEEK):
    return {
        "occasion_id": WEDDING,
        "account_id": account_id,
        "tenant_id": TENANT,
        "joined_at": at,
    }


def test_an_occasion_is_listed_as_it_is_now():
    given(occasion())
    then_rows(occasions.model, occasions=[row()])
    later = JUNE.end + timedelta(hours=1)
    change = OccasionChange(name="Theirs", description="By the lake", end=later)
    when(lambda wedding: wedding.change(change))
    changed = row(name="Theirs", description="By the lake", ends_at=later)
    then_rows(occasions.model, occasions=[changed])


def test_members_come_and_go():
    given(occasion(members=(MANAGER, VENDOR)))
    then_rows(occasions.model, occasion_members=[member(MANAGER), member(VENDOR)])
    when(lambda wedding: [wedding.remove_member(MANAGER), wedding.add_member(CUSTOMER)])
    then_rows(occasions.model, occasion_members=[member(VENDOR), member(CUSTOMER, NOW)])


def given_two():
    given(occasion(members=(MANAGER, VENDOR)), occasion(FAIR, members=(MANAGER, FLORIST)))


@pytest.mark.parametrize(
    ("who", "wanted", "found"),
    [
        (None, OccasionFilter(), {WEDDING, FAIR}),
        (MANAGER, OccasionFilter(), {WEDDING, FAIR}),
        (VENDOR, OccasionFilter(), {WEDDING}),
        (PASSER_BY, OccasionFilter(), set()),
        (VENDOR, OccasionFilter(search="ANA and"), {WEDDING}),
        (VENDOR, OccasionFilter(search="100%"), set()),
        (VENDOR, OccasionFilter(ends_after=JUNE.end), set()),
        (VENDOR, OccasionFilter(ends_after=JUNE.start), {WEDDING}),
        (VENDOR, OccasionFilter(starts_before=JUNE.start), set()),
        (VENDOR, OccasionFilter(starts_before=JUNE.end), {WEDDING}),
    ],
    ids=str,
)
async def test_they_are_found(asking, who, wanted, found):
    given_two()
    async with asking(occasions.model) as connection:
        page = await list_occasions(connection, TENANT, who, wanted, PageRequest())
        assert {each.occasion_id for each in page.items} == found
        assert {each.members for each in page.items} <= {2}
        elsewhere = await list_occasions(connection, FOREIGN, who, wanted, PageRequest())
        assert elsewhere.total == 0


async def test_it_is_told_who_is_a_member_of_what(asking):
    given_two()
    async with asking(occasions.model) as connection:
        assert set(await occasions_of(connection, TENANT, MANAGER)) == {WEDDING, FAIR}
        assert await occasions_of(connection, FOREIGN, MANAGER) == []
        assert set(await companions_of(connection, TENANT, VENDOR)) == {MANAGER, VENDOR}
        assert (await find_occasion(connection, TENANT, WEDDING)).members == 2
        page = await list_members_of(connection, TENANT, WEDDING, PageRequest())
        assert [each.account_id for each in page.items] == [MANAGER, VENDOR]
        for which, who, standing in (
            (WEDDING, VENDOR, Standing(exists=True, is_member=True)),
            (FAIR, VENDOR, Standing(exists=True, is_member=False)),
            (NOTHING, VENDOR, Standing(exists=False, is_member=False)),
        ):
            assert await standing_of(connection, TENANT, which, who) == standing
        nowhere = await standing_of(connection, FOREIGN, WEDDING, VENDOR)
        assert nowhere == Standing(exists=False, is_member=False)
