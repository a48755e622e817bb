"""The people, places and times that tests tell about, each as its own events made it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from application.access import Actor
from domain.scheduling.agenda import Agenda
from domain.scheduling.availability import Blackout, Calendar, Window
from domain.scheduling.candidate import Candidate
from domain.scheduling.pattern import ShiftPattern, Template
from domain.scheduling.person import Person, PersonKind
from domain.scheduling.role import Role
from domain.scheduling.shift import Shift
from domain.scheduling.unit import Unit
from domain.shared.ids import AccountId, PatternId, PersonId, ShiftId, SwapId, TenantId, UnitId
from domain.shared.moment import happening_at
from domain.shared.money import Money
from domain.shared.period import Month, Period

NOW = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
"""The Monday morning on which every story plays."""
LAST_WEEK = NOW - timedelta(days=7)
"""When everything that is given came to be."""

TENANT = TenantId(UUID("0000000a-0000-4000-8000-000000000001"))
FOREIGN = TenantId(UUID("0000000a-0000-4000-8000-000000000002"))

WARD = UnitId(UUID("0000000b-0000-4000-8000-000000000001"))
KITCHEN = UnitId(UUID("0000000b-0000-4000-8000-000000000002"))
SHIFT = ShiftId(UUID("0000000c-0000-4000-8000-000000000001"))
OTHER = ShiftId(UUID("0000000c-0000-4000-8000-000000000002"))
ANA = PersonId(UUID("0000000d-0000-4000-8000-000000000001"))
BEN = PersonId(UUID("0000000d-0000-4000-8000-000000000002"))
CLEO = PersonId(UUID("0000000d-0000-4000-8000-000000000003"))
PATTERN = PatternId(UUID("00000010-0000-4000-8000-000000000001"))
SWAP = SwapId(UUID("0000000f-0000-4000-8000-000000000001"))
NOBODY = PersonId(UUID("0000000d-0000-4000-8000-00000000000f"))
ANAS_ACCOUNT = AccountId(UUID("0000000e-0000-4000-8000-000000000001"))
BENS_ACCOUNT = AccountId(UUID("0000000e-0000-4000-8000-000000000002"))
COORDINATORS_ACCOUNT = AccountId(UUID("0000000e-0000-4000-8000-000000000009"))

SYSTEM = Actor.system(TENANT)
ADMIN = Actor.with_roles(COORDINATORS_ACCOUNT, TENANT, ("admin",))
COORDINATOR = Actor.with_roles(COORDINATORS_ACCOUNT, TENANT, ("coordinator",))
ANA_HERSELF = Actor.with_roles(ANAS_ACCOUNT, TENANT, ("volunteer",))
BEN_HIMSELF = Actor.with_roles(BENS_ACCOUNT, TENANT, ("volunteer",))
AUDITOR = Actor.with_roles(COORDINATORS_ACCOUNT, TENANT, ("auditor",))
STRANGER = Actor.with_roles(COORDINATORS_ACCOUNT, FOREIGN, ("admin",))


def hours(first: int, last: int, day: int = 2, month: int = 11) -> Period:
    """So many hours of one day in 2026, by default of the story's Monday."""
    midnight = datetime(2026, month, day, tzinfo=UTC)
    return Period(midnight + timedelta(hours=first), midnight + timedelta(hours=last))


MORNING = hours(8, 14)
NOON = hours(12, 16)
EVENING = hours(14, 22)
NEW_YEARS_EVE = hours(20, 30, day=31, month=12)
OVER = hours(0, 6)
"""A night that has ended when the stories begin."""

ANAS_CALENDAR = Calendar(
    "Europe/Berlin",
    weekly=(Window(1, time(6), time(20)), Window(5, time(20), time(6))),
    blackouts=(Blackout(hours(0, 24, day=24, month=12), "Christmas"),),
)
"""Mondays by day, Friday nights, and not on Christmas Eve."""


def ward(zone: str = "Europe/Berlin") -> Unit:
    with happening_at(LAST_WEEK):
        return Unit(id=WARD, name="Ward 1", zone=zone)


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def role(name: str = "nurse", rate: Money | None = None, *, active: bool = True) -> Role:
    """One of the catalogue of `TENANT`."""
    with happening_at(LAST_WEEK):
        made = Role.add(TENANT, name, "", rate)
        if not active:
            made.close()
    return made


def person(
    id: PersonId = ANA,
    *,
    roles: Iterable[str] = ("nurse",),
    account: AccountId | None = None,
    active: bool = True,
    cap: float | None = None,
    kind: PersonKind = PersonKind.VOLUNTEER,
    rate: Money | None = None,
) -> Person:
    name = {ANA: "Ana", BEN: "Ben", CLEO: "Cleo"}.get(id, "Somebody")
    with happening_at(LAST_WEEK):
        made = Person(
            id=id,
            name=name,
            email=f"{name.lower()}@demo.test",
            kind=kind,
            roles=tuple(roles),
            account_id=account,
            weekly_hour_cap=cap,
            hourly_rate=rate,
        )
        if not active:
            made.deactivate()
    return made


def draft(
    period: Period = MORNING, *, id: ShiftId = SHIFT, headcount: int = 1, unit: UnitId = WARD
) -> Shift:
    with happening_at(LAST_WEEK):
        return Shift(
            id=id,
            unit_id=unit,
            role="nurse",
            period=period,
            zone="Europe/Berlin",
            headcount=headcount,
            notes={},
        )


NIGHTS = Template(
    role="nurse",
    start=time(22),
    end=time(6),
    rrule="FREQ=WEEKLY;BYDAY=MO,TH",
    first_day=date(2026, 11, 2),
)
"""On Mondays and Thursdays, from the story's Monday on."""


def pattern(template: Template = NIGHTS, *, ended: bool = False) -> ShiftPattern:
    with happening_at(LAST_WEEK):
        made = ShiftPattern(id=PATTERN, unit_id=WARD, template=template)
        if ended:
            made.end()
    return made


def published(
    period: Period = MORNING,
    *,
    id: ShiftId = SHIFT,
    headcount: int = 1,
    pending: Iterable[PersonId] = (),
    accepted: Iterable[PersonId] = (),
    declined: Iterable[PersonId] = (),
    unit: UnitId = WARD,
) -> Shift:
    shift = draft(period, id=id, headcount=headcount, unit=unit)
    with happening_at(LAST_WEEK):
        shift.publish()
        for person_id in (*declined, *accepted, *pending):
            shift.assign_all([Candidate(person(person_id))])
        for person_id in accepted:
            shift.accept(person_id)
        for person_id in declined:
            shift.decline(person_id, ())
    return shift


def agenda(
    person_id: PersonId = ANA,
    booked: dict[ShiftId, Period] | None = None,
    month: Month = Month(2026, 11),  # noqa: B008 - frozen
) -> Agenda:
    with happening_at(LAST_WEEK):
        made = Agenda(
            id=Agenda.id_of(TENANT, person_id, month), person_id=person_id, month=str(month)
        )
        for shift_id, period in (booked or {}).items():
            made.book(shift_id, period)
    return made
