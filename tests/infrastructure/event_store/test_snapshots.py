"""A snapshot is the state, and a shorter way to it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from domain.identity.account import Account, EmailAddress
from domain.identity.external import ExternalIdentity
from domain.identity.membership import Membership
from domain.identity.tenant import Tenant
from domain.scheduling.agenda import Agenda
from domain.scheduling.availability import Availability
from domain.scheduling.candidate import Candidate
from domain.scheduling.digest import Digest, HoursAboveCap, OpenPlaces
from domain.scheduling.policy import Policy, Terms
from domain.scheduling.preferences import NotificationPreferences, Preferences, QuietHours
from domain.scheduling.shift_import import ShiftImport, Source
from domain.scheduling.staffing import AssignmentStatus
from domain.scheduling.swap import Swap
from domain.scheduling.swap_sides import Side
from domain.shared.aggregate import Aggregate
from domain.shared.moment import happening_at
from infrastructure.event_store.snapshots import restored, state_of
from tests.support.scheduling import (
    ANA,
    ANAS_ACCOUNT,
    ANAS_CALENDAR,
    BEN,
    CLEO,
    EVENING,
    LAST_WEEK,
    MORNING,
    NIGHTS,
    NOW,
    OTHER,
    SHIFT,
    SWAP,
    TENANT,
    WARD,
    agenda,
    draft,
    euros,
    pattern,
    person,
    published,
    role,
    ward,
)
from tests.support.work import eventful, task
from tests.support.workflows import eventful_workflows


def identities():
    with happening_at(LAST_WEEK):
        return [
            Account(id=ANAS_ACCOUNT, email="ana@demo.test", name="Ana"),
            EmailAddress(id=EmailAddress.id_of("ana@demo.test"), account_id=ANAS_ACCOUNT),
            Tenant(id=TENANT, name="Demo"),
            Membership(
                id=Membership.id_of(TENANT, ANAS_ACCOUNT), account_id=ANAS_ACCOUNT, roles=("staff",)
            ),
            linked(TENANT),
            linked(None),
        ]


def linked(only_in):
    return ExternalIdentity(
        id=ExternalIdentity.id_of("https://issuer.test", "ana"),
        issuer="https://issuer.test",
        subject="ana",
        account_id=ANAS_ACCOUNT,
        only_in=only_in,
    )


def scheduled():
    return [
        ward(),
        role(),
        role(rate=euros("24.50"), active=False),
        person(ANA, account=ANAS_ACCOUNT, rate=euros("31.00")),
        person(BEN, active=False),
        draft(),
        published(headcount=3, pending=[ANA], accepted=[BEN], declined=[CLEO]),
        agenda(),
        agenda(ANA, {SHIFT: MORNING, OTHER: EVENING}),
        *said(),
        *a_taken_swap(),
        *eventful(),
        *eventful_workflows(),
        task(),
    ]


def a_taken_swap():
    """And its shifts, of which the one knows that a place is offered."""
    one, other = published(pending=[ANA]), published(EVENING, id=OTHER, accepted=[BEN])
    ana, ben = Candidate(person(ANA)), Candidate(person(BEN))
    with happening_at(LAST_WEEK):
        swap = Swap.offer(SWAP, one, ANA, note="A wedding.")
        sides = Side(one, ANA, (), to=ben), Side(other, BEN, (), to=ana)
        swap.take(*sides, needs_approval=True)
    return [one, other, swap]


def said():
    with happening_at(LAST_WEEK):
        return [
            Availability.state(Availability.id_of(TENANT, ANA), ANA, ANAS_CALENDAR),
            Policy(id=Policy.id_of(TENANT), terms=Terms(minimum_rest_hours=9.5)),
            NotificationPreferences.state(
                NotificationPreferences.id_of(TENANT, ANAS_ACCOUNT),
                ANAS_ACCOUNT,
                Preferences(quiet_hours=QuietHours(time(22), time(6), "Europe/Berlin")),
            ),
            Digest(
                id=Digest.id_of(TENANT, LAST_WEEK.date()),
                day=LAST_WEEK.date(),
                hours=(HoursAboveCap(ANA, "Ana", "2026-W45", 36.0, 35.5),),
                left_out=0,
                open_places=(OpenPlaces(WARD, "Ward 1", shifts=2, places=3),),
            ),
            pattern(replace(NIGHTS, last_day=date(2027, 2, 28), people=(ANA,))),
            ShiftImport(id=SHIFT, source=Source("week.xlsx", "0a" * 32, rows=60), shifts=60),
        ]


def round_trip(aggregate):
    return restored(type(aggregate), aggregate.id, aggregate.version, state_of(aggregate))


def kinds():
    found = [kind for kind in Aggregate.__subclasses__() if kind.__module__.startswith("domain.")]
    assert len(found) >= 8
    return set(found)


def test_every_kind_of_aggregate_is_tried_here():
    assert {type(thing) for thing in identities() + scheduled()} == kinds()


@pytest.mark.parametrize("aggregate", identities() + scheduled(), ids=lambda a: type(a).__name__)
def test_an_aggregate_comes_back_as_it_was(aggregate):
    aggregate.pending_events.clear()
    back = round_trip(aggregate)
    assert back == aggregate
    assert back.version == aggregate.version
    for name, value in vars(aggregate).items():
        assert type(vars(back)[name]) is type(value), name


def test_statuses_come_back_as_themselves():
    shift = published(headcount=2, pending=[ANA], accepted=[BEN])
    assert round_trip(shift).assignments[BEN] is AssignmentStatus.ACCEPTED
    assert round_trip(shift).is_published


def test_what_came_back_can_decide():
    back = round_trip(published(pending=[ANA]))
    with happening_at(NOW):
        back.accept(ANA)
    assert [event.originator_version for event in back.pending_events] == [back.version]


NOTES = [
    {"text": "ü\u2028", "number": 1.5, "none": None, "list": [1, [True, {}]]},
    {"$uuid": "looks like a mark"},
    {"$dict": [["a", 1]]},
    {"id": UUID(int=1), "when": NOW, "day": date(2026, 11, 2), "money": Decimal("10.50")},
    {UUID(int=1): {"deep": (1, 2)}, "set": {1}, "frozen": frozenset({"a"})},
    {"elsewhere": datetime(2026, 11, 2, 9, 30, tzinfo=timezone(timedelta(hours=5, minutes=45)))},
    {"period": MORNING, "status": AssignmentStatus.DECLINED},
]


@pytest.mark.parametrize("notes", NOTES, ids=lambda notes: str(next(iter(notes))))
def test_whatever_it_holds_comes_back(notes):
    shift = draft()
    shift.notes = notes
    assert round_trip(shift).notes == notes


def test_a_number_beyond_64_bits_comes_back():
    shift = draft()
    shift.notes = {"big": 2**70}
    assert round_trip(shift).notes == {"big": 2**70}


def test_utc_is_the_one_utc():
    assert round_trip(agenda(ANA, {SHIFT: MORNING})).bookings[SHIFT].start.tzinfo is UTC


def test_a_snapshot_of_an_older_shape_is_no_snapshot(monkeypatch):
    hers = agenda()
    state = state_of(hers)
    monkeypatch.setattr(Agenda, "SNAPSHOT_VERSION", 2)
    assert restored(Agenda, hers.id, hers.version, state) is None
