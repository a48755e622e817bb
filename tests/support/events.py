"""One event of every class of the domain, as its aggregate made it.

A new event class needs a line here; the stored samples and the round trips are checked with it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from uuid import UUID

from domain.identity.account import Account, EmailAddress
from domain.identity.external import ExternalIdentity
from domain.identity.membership import Membership
from domain.identity.tenant import Tenant
from domain.scheduling.availability import Availability, Calendar
from domain.scheduling.candidate import Candidate
from domain.scheduling.digest import Digest, HoursAboveCap, OpenPlaces
from domain.scheduling.person import ProfileChange
from domain.scheduling.policy import Policy, Terms, TermsChange
from domain.scheduling.preferences import NotificationPreferences, Preferences, QuietHours
from domain.scheduling.role import RoleChange
from domain.scheduling.shift import Shift
from domain.scheduling.shift_import import ShiftImport, Source
from domain.scheduling.staffing import PlanChange
from domain.scheduling.swap import Swap
from domain.scheduling.swap_sides import Side
from domain.scheduling.warnings import Override
from domain.shared.aggregate import Aggregate, Event
from domain.shared.ids import ShiftId
from domain.shared.moment import happening_at
from infrastructure.event_store.mapper import event_class, load_domain
from tests.support.appends import news_of
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
from tests.support.work import eventful
from tests.support.workflows import eventful_workflows

ISSUER = "https://ours.supabase.test/auth/v1"


def examples() -> dict[str, Event]:
    """By topic."""
    events = [event for thing in _things() for event in news_of(thing)]
    return {event.TOPIC: event for event in events}


def event_classes() -> list[type[Event]]:
    """Every event class of the domain that has a name of its own."""
    load_domain()
    topics = {kind.TOPIC for kind in _below(Event) if kind.__module__.startswith("domain.")}
    return [event_class(topic) for topic in sorted(topics)]


def _below(kind: type) -> Iterator[type]:
    """Those with a topic. The library derives another class from each that an aggregate has."""
    for child in kind.__subclasses__():
        if getattr(child, "TOPIC", None):
            yield child
        yield from _below(child)


def _things() -> list[Aggregate]:
    with happening_at(LAST_WEEK):
        account = Account(id=ANAS_ACCOUNT, email="ana@demo.test", name="Ana")
        address = EmailAddress(id=EmailAddress.id_of(account.email), account_id=ANAS_ACCOUNT)
        tenant = Tenant(id=TENANT, name="Demo")
        member = Membership(
            id=Membership.id_of(TENANT, ANAS_ACCOUNT), account_id=ANAS_ACCOUNT, roles=("staff",)
        )
        member.change_roles(("admin", "staff"))
        member.remove()
        member.rejoin(("auditor",))
        external = ExternalIdentity(
            id=ExternalIdentity.id_of(ISSUER, "ana"),
            issuer=ISSUER,
            subject="ana",
            account_id=ANAS_ACCOUNT,
            only_in=TENANT,
        )
        external.unlink()
        external.link(ANAS_ACCOUNT, None)
        changed = draft(id=UUID(int=1))
        notes = {"dog": True, "call": ["Ana", 3, 1.5, None], "where": {"floor": "2"}}
        changed.change(
            PlanChange(role="cook", start=EVENING.start, end=EVENING.end, headcount=2, notes=notes)
        )
        handed_on = published(id=UUID(int=2), pending=[ANA])
        handed_on.reassign(ANA, (), to=Candidate(person(BEN)))
        handed_on.reassign(BEN, (), to=Candidate(person(CLEO)), swap_id=SWAP)
        handed_on.remind()
        handed_on.cancel("The kitchen is flooded.", ())
        given_up = draft(id=UUID(int=3))
        given_up.discard()
        taken = published(id=UUID(int=4), headcount=2)
        taken.claim(Candidate(person(ANA, cap=1)))
        taken.override_warnings(ANA, Override("Agreed with her."))
        hers = agenda(ANA, {SHIFT: MORNING})
        free = Availability.state(Availability.id_of(TENANT, ANA), ANA, Calendar("UTC"))
        free.replace(ANAS_CALENDAR)
        wishes = NotificationPreferences.state(
            NotificationPreferences.id_of(TENANT, ANAS_ACCOUNT), ANAS_ACCOUNT, Preferences(sms=True)
        )
        quiet = QuietHours(time(22), time(6, 30), "Europe/Berlin")
        wishes.replace(Preferences(email=False, sms=True, quiet_hours=quiet))
        policy = Policy(id=Policy.id_of(TENANT), terms=Terms())
        told = Digest(
            id=Digest.id_of(TENANT, LAST_WEEK.date()),
            day=LAST_WEEK.date(),
            hours=(HoursAboveCap(ANA, "Ana", "2026-W45", 40.5, 38.5),),
            left_out=2,
            open_places=(OpenPlaces(WARD, "Ward 1", shifts=2, places=3),),
        )
        policy.change(TermsChange(minimum_rest_hours=9.5, swaps_need_approval=True))
        nights = pattern(replace(NIGHTS, notes={"bring": ["lamp"]}, people=(ANA,)))
        nights.change(replace(NIGHTS, last_day=date(2027, 2, 28), weeks_ahead=4))
        nights.end()
        hers.release(SHIFT)
        nurse = role(rate=euros("24.50"))
        nurse.change(RoleChange(description="With a licence", hourly_rate=euros("25.00")))
        nurse.close()
        nurse.reopen()
        closed = ward()
        closed.change(name="Ward 2", zone="UTC")
        closed.close()
        closed.reopen()
        back = person(ANA, active=False)
        back.change(ProfileChange(phone="+49 30 123", weekly_hour_cap=38.5))
        back.reactivate()
        source = Source("week.xlsx", "0a" * 32, rows=60)
        imported = ShiftImport(id=UUID(int=6), source=source, shifts=60)
    return [
        *_swaps(),
        *eventful(),
        *eventful_workflows(),
        account,
        address,
        tenant,
        member,
        external,
        closed,
        nurse,
        back,
        person(ANA, account=ANAS_ACCOUNT, active=False),
        changed,
        handed_on,
        given_up,
        taken,
        _completed(),
        free,
        wishes,
        policy,
        told,
        nights,
        published(headcount=2, accepted=[ANA], declined=[BEN]),
        hers,
        imported,
    ]


def _completed() -> Shift:
    done = published(id=UUID(int=5))
    with happening_at(MORNING.end):
        done.complete()
    return done


def _swaps() -> Iterator[Aggregate]:
    """First among the things, so that their shifts are nobody's example but of offering."""
    one = published(id=ShiftId(UUID(int=6)), headcount=2, pending=[ANA, CLEO])
    other = published(EVENING, id=ShiftId(UUID(int=7)), accepted=[BEN])
    with happening_at(LAST_WEEK):
        rejected = Swap.offer(UUID(int=61), one, ANA, to=BEN, note="A wedding.")
        rejected.take(*_sides(one, other), needs_approval=True)
        rejected.reject("The ward needs her on Friday.")
        exchanged = Swap.offer(UUID(int=62), one, ANA)
        exchanged.take(*_sides(one, other), needs_approval=True)
        exchanged.approve(*_sides(one, other))
        withdrawn = Swap.offer(UUID(int=63), one, CLEO)
        withdrawn.withdraw()
        lapsed = Swap.offer(UUID(int=64), one, CLEO, to=ANA, note="A wedding.")
        lapsed.lapse()
    yield from (one, other, exchanged, rejected, withdrawn, lapsed)


def _sides(one: Shift, other: Shift) -> tuple[Side, Side]:
    """Ana leaves the one, and Ben the other."""
    ana, ben = Candidate(person(ANA)), Candidate(person(BEN))
    return Side(one, ANA, (), to=ben), Side(other, BEN, (), to=ana)
