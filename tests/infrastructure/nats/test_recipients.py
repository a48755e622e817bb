"""Who is reached by a notice, by which channels and when; on the real read models."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import psycopg
import pytest

from domain.identity.account import Account
from domain.identity.membership import Membership
from domain.scheduling.person import Person, PersonKind
from domain.scheduling.preferences import NotificationPreferences, Preferences, QuietHours
from domain.scheduling.shift import Shift
from domain.scheduling.unit import Unit
from domain.shared.ids import PLATFORM
from domain.shared.moment import happening_at
from domain.shared.period import Period
from infrastructure.postgres.briefs import briefs_at
from infrastructure.postgres.notifications import Notifier
from tests.infrastructure.nats.support import MAPPER, NOW, TENANT, events_of, query, store
from tests.infrastructure.nats.test_notifier import delivered, project

NIGHT = QuietHours(time(0), time(23, 59, 59), "Europe/Berlin")


@pytest.fixture
async def connection(database_url):
    async with await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, prepare_threshold=0
    ) as connection:
        yield connection


class Town:
    """Things that happen, as the log stores them."""

    def __init__(self, database_url):
        self.database_url = database_url

    def happens(self, *aggregates, actor=None, tenant=TENANT):
        return store(self.database_url, events_of(*aggregates), actor or uuid4(), tenant)

    def person(self, name, *, roles=("nurse",), account=None, phone=None, tenant=TENANT):
        with happening_at(NOW):
            made = Person(
                id=uuid4(),
                name=name,
                email=f"{name.lower()}@example.test",
                kind=PersonKind.VOLUNTEER,
                roles=roles,
                account_id=account,
                phone=phone,
            )
        self.happens(made, tenant=tenant)
        return made

    def member(self, name, role):
        with happening_at(NOW):
            account = Account(id=uuid4(), email=f"{name.lower()}@example.test", name=name)
            member = Membership(
                id=Membership.id_of(TENANT, account.id), account_id=account.id, roles=(role,)
            )
        self.happens(account, tenant=PLATFORM)
        self.happens(member)
        return account, member

    def wishes(self, account_id, **wishes):
        with happening_at(NOW):
            self.happens(
                NotificationPreferences.state(
                    NotificationPreferences.id_of(TENANT, account_id),
                    account_id,
                    Preferences(**wishes),
                )
            )

    def shift(self, actor, *, headcount=1):
        with happening_at(NOW):
            ward = Unit(id=uuid4(), name="Ward 1", zone="UTC")
            shift = Shift(
                id=uuid4(),
                unit_id=ward.id,
                role="nurse",
                period=Period(NOW, NOW + timedelta(hours=8)),
                zone="UTC",
                headcount=headcount,
                notes={},
            )
        self.happens(ward)
        self.happens(shift, actor=actor)
        return shift

    def told(self):
        """Kind, channel and address, in the order of what happened and of addresses."""
        return query(
            self.database_url,
            "SELECT kind, channel, address FROM deliveries ORDER BY position, address, channel",
        )


@pytest.fixture
def town(database_url):
    return Town(database_url)


async def notify(town, connection):
    await project(town.database_url)
    async with connection.transaction():
        await Notifier(MAPPER)(connection, await delivered(connection))


async def test_a_place_is_offered_to_those_who_could_take_it_and_to_nobody_else(town, connection):
    cora, _ = town.member("Cora", "coordinator")
    ana, ben = town.person("Ana"), town.person("Ben")
    town.person("Cook", roles=("cook",))
    town.person("Foreign", tenant=uuid4())
    gone = town.person("Gone")
    with happening_at(NOW):
        gone.deactivate()
        town.happens(gone)
        shift = town.shift(cora.id, headcount=2)
        shift.publish(notify=True)
    town.happens(shift, actor=cora.id)
    await notify(town, connection)
    assert town.told() == [
        ("shift.open", "email", "ana@example.test"),
        ("shift.open", "email", "ben@example.test"),
    ]
    rows = query(town.database_url, "SELECT person_id, subject, body FROM notifications")
    assert {row[0] for row in rows} == {ana.id, ben.id}
    when = "2026-11-21 08:00 – 16:00 (UTC)"  # noqa: RUF001 - a dash between times
    assert {row[1] for row in rows} == {f"2 places are open: nurse, Ward 1, {when}"}
    assert {row[2] for row in rows} == {f"Open: nurse, Ward 1, {when}. You can claim it."}


async def test_each_is_told_by_the_channels_that_he_or_she_wants(town, connection):
    cora, _ = town.member("Cora", "coordinator")
    accounts = [uuid4() for _ in range(4)]
    both = town.person("Both", account=accounts[0], phone="+49 (30) 123-456")
    text = town.person("Text", account=accounts[1], phone="030/99887")
    nowhere = town.person("Nowhere", account=accounts[2])
    silent = town.person("Silent", account=accounts[3], phone="+49 30 5")
    untold = town.person("Untold", phone="+49 30 777")
    town.wishes(accounts[0], sms=True)
    town.wishes(accounts[1], email=False, sms=True)
    town.wishes(accounts[2], email=False, sms=True)
    town.wishes(accounts[3], email=False)
    shift = town.shift(cora.id, headcount=9)
    for one in (both, text, nowhere, silent, untold):
        with happening_at(NOW):
            shift._person_assigned(person_id=one.id)
    town.happens(shift, actor=cora.id)
    await notify(town, connection)
    assert [(channel, address) for _, channel, address in town.told()] == [
        ("sms", "+4930123456"),
        ("email", "both@example.test"),
        ("sms", "03099887"),
        ("email", "untold@example.test"),
    ]
    assert query(town.database_url, "SELECT count(*) FROM notifications") == [(5,)]
    texts = query(
        town.database_url, "SELECT body, subject, html FROM deliveries WHERE channel = 'sms'"
    )
    assert all(len(body) <= 320 and (subject, html) == ("", None) for body, subject, html in texts)
    ((subject, html),) = query(
        town.database_url,
        "SELECT subject, html FROM deliveries WHERE address = 'both@example.test'",
    )
    assert subject.startswith("Please answer: nurse, Ward 1, ")
    assert "<p>Hello Both,</p>" in html


async def test_nobody_is_written_to_in_quiet_hours_and_the_application_tells_at_once(
    town, connection
):
    cora, _ = town.member("Cora", "coordinator")
    account = uuid4()
    ana = town.person("Ana", account=account)
    town.wishes(account, quiet_hours=NIGHT)
    shift = town.shift(cora.id)
    with happening_at(NOW):
        shift._person_assigned(person_id=ana.id)
    town.happens(shift, actor=cora.id)
    await notify(town, connection)
    ((created, due, start, zone),) = query(
        town.database_url,
        "SELECT created_at, next_attempt_at, quiet_start, quiet_zone FROM deliveries",
    )
    assert due == NIGHT.end_after(created)
    assert (start, zone) == (time(0), "Europe/Berlin")
    assert query(town.database_url, "SELECT count(*) FROM notifications") == [(1,)]
    assert due > datetime.now(UTC)


async def answered(town, connection, coordinator_id):
    ana = town.person("Ana", account=(account := uuid4()))
    shift = town.shift(coordinator_id)
    with happening_at(NOW):
        shift._person_assigned(person_id=ana.id)
        town.happens(shift, actor=coordinator_id)
        shift._assignment_declined(person_id=ana.id)
    town.happens(shift, actor=account)
    await notify(town, connection)
    return [address for kind, _, address in town.told() if kind == "assignment.declined"]


async def test_the_coordinator_who_answers_for_it_is_told_and_no_other(town, connection):
    cora, _ = town.member("Cora", "coordinator")
    town.member("Dora", "coordinator")
    assert await answered(town, connection, cora.id) == ["cora@example.test"]
    assert "assignment.withdrawn" not in {kind for kind, *_ in town.told()}, "Ana knows it"


async def test_once_he_or_she_has_left_all_others_are_told(town, connection):
    cora, membership = town.member("Cora", "coordinator")
    for name, role in (("Dora", "coordinator"), ("Emma", "coordinator"), ("Adam", "admin")):
        town.member(name, role)
    with happening_at(NOW):
        membership.remove()
        town.happens(membership)
    told = await answered(town, connection, cora.id)
    assert told == ["dora@example.test", "emma@example.test"]


async def test_where_there_is_no_coordinator_the_admins_are_told(town, connection):
    town.member("Adam", "admin")
    town.member("Staff", "staff")
    assert await answered(town, connection, uuid4()) == ["adam@example.test"]


async def test_whom_a_coordinator_takes_off_a_shift_is_told(town, connection):
    cora, _ = town.member("Cora", "coordinator")
    ana = town.person("Ana", account=uuid4())
    shift = town.shift(cora.id)
    with happening_at(NOW):
        shift._person_assigned(person_id=ana.id)
        shift._assignment_declined(person_id=ana.id)
    town.happens(shift, actor=cora.id)
    await notify(town, connection)
    assert [(kind, address) for kind, _, address in town.told()] == [
        ("shift.assigned", "ana@example.test"),
        ("assignment.withdrawn", "ana@example.test"),
    ]


async def test_however_late_what_is_told_of_an_event_is_what_was_so_then(town, connection):
    cora, _ = town.member("Cora", "coordinator")
    ana, ben = town.person("Ana"), town.person("Ben")
    shift = town.shift(cora.id)
    with happening_at(NOW):
        shift.publish()
        shift._person_assigned(person_id=ana.id)
        shift._assignment_reassigned(person_id=ana.id, to_person_id=ben.id)
        shift.cancel("The kitchen is flooded.", ())
    town.happens(shift, actor=cora.id)
    await project(town.database_url)
    for event in await delivered(connection):
        async with connection.transaction():
            await Notifier(MAPPER)(connection, [event])
    one_by_one = town.told()
    query(town.database_url, "DELETE FROM deliveries; DELETE FROM notifications")
    await notify(town, connection)
    assert one_by_one == town.told()
    assert one_by_one[-1] == ("shift.cancelled", "email", "ben@example.test")
    cancelled = [address for kind, _, address in one_by_one if kind == "shift.cancelled"]
    assert cancelled == ["ben@example.test"]


async def test_a_brief_holds_what_its_moment_s_own_event_did_and_nothing_later(town, connection):
    ana, ben = uuid4(), uuid4()
    shift = town.shift(uuid4(), headcount=2)
    with happening_at(NOW):
        shift.publish()
        shift._person_assigned(person_id=ana)
        shift._person_assigned(person_id=ben)
    newest = town.happens(shift)
    moments = [(shift.id, newest - back) for back in (0, 1, 2)]
    briefs = await briefs_at(connection, MAPPER, [*moments, (uuid4(), newest)])
    assert [set(briefs[moment].holders) for moment in moments] == [{ana, ben}, {ana}, set()]
    assert len(briefs) == len(moments)
