"""From events to notifications and deliveries, and from deliveries to a channel."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from domain.identity.account import Account
from domain.identity.membership import Membership
from domain.scheduling.person import Person, PersonKind
from domain.scheduling.shift import Shift
from domain.shared.ids import PLATFORM
from domain.shared.moment import happening_at
from domain.shared.period import Period
from infrastructure.event_store.reader import read_after
from infrastructure.messages.outbox import Outbox
from infrastructure.messages.ways import Way
from infrastructure.nats.cloud_events import decode, encode
from infrastructure.nats.consumer import TryLaterError
from infrastructure.postgres import notifications
from infrastructure.postgres.deliveries import BATCH, CLAIM, SEND_TIMEOUT, Sender, pause
from infrastructure.postgres.notifications import Notifier
from infrastructure.postgres.projector.runner import Projector
from projections.identity import directory
from projections.scheduling import people, preferences, units
from tests.infrastructure.nats.support import (
    MAPPER,
    NOW,
    TENANT,
    checkpoint,
    events_of,
    eventually,
    query,
    running,
    store,
)

MODELS = [people.model, directory.model, preferences.model, units.model]
DELIVERY = (
    "INSERT INTO deliveries (position, recipient, channel, tenant_id, address, subject, body, "
    "next_attempt_at, created_at) VALUES (%s, gen_random_uuid(), 'email', gen_random_uuid(), "
    "'ana@example.test', 'Hello', 'Text', now(), now())"
)


@pytest.fixture
async def connection(database_url):
    async with await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, prepare_threshold=0
    ) as connection:
        yield connection


def someone(name, account_id):
    return Person(
        id=uuid4(),
        name=name,
        email=f"{name}@example.test",
        kind=PersonKind.VOLUNTEER,
        roles=("nurse",),
        account_id=account_id,
    )


@pytest.fixture
def story(database_url):
    """Cora drafts and assigns Ana, who accepts. Returns Cora's account, Ana, and the shift."""
    with happening_at(NOW):
        cora = Account(id=uuid4(), email="cora@example.test", name="Cora")
        ana = someone("ana", uuid4())
        shift = Shift(
            id=uuid4(),
            unit_id=uuid4(),
            role="nurse",
            period=Period(NOW, NOW + timedelta(hours=8)),
            zone="UTC",
            headcount=1,
            notes={},
        )
        membership = Membership(
            id=Membership.id_of(TENANT, cora.id), account_id=cora.id, roles=("coordinator",)
        )
        store(database_url, events_of(cora), tenant=PLATFORM)
        store(database_url, events_of(membership))
        store(database_url, events_of(ana, shift), actor=cora.id)
        shift._person_assigned(person_id=ana.id)
        store(database_url, events_of(shift), actor=cora.id)
        shift._assignment_accepted(person_id=ana.id)
        store(database_url, events_of(shift), actor=ana.account_id)
    return cora, ana, shift


async def delivered(connection):
    entries = await read_after(connection, 0, 100)
    return [decode(encode(entry, 10**6)) for entry in entries]


async def project(database_url):
    projector = Projector(database_url, MAPPER, MODELS)
    last = query(database_url, "SELECT max(notification_id) FROM stored_events")[0][0]
    async with running(projector):
        await eventually(
            lambda: all(checkpoint(database_url, model.checkpoint) == last for model in MODELS)
        )


async def test_each_is_told_in_the_app_and_by_mail(database_url, connection, story):
    cora, ana, shift = story
    await project(database_url)
    notifier = Notifier(MAPPER)
    for event in await delivered(connection):  # one by one: what it knows is in the database
        async with connection.transaction():
            await notifier(connection, [event])
    told = query(
        database_url,
        "SELECT kind, account_id, person_id, tenant_id, data->>'shift_id', read_at "
        "FROM notifications ORDER BY kind DESC",
    )
    assert told == [
        ("shift.assigned", ana.account_id, ana.id, TENANT, str(shift.id), None),
        ("assignment.accepted", cora.id, None, TENANT, str(shift.id), None),
    ]
    deliveries = query(
        database_url,
        "SELECT position, recipient, channel, address, status, attempts FROM deliveries ORDER BY 1",
    )
    assert deliveries == [
        (5, ana.id, "email", "ana@example.test", "pending", 0),
        (6, cora.id, "email", "cora@example.test", "pending", 0),
    ]


@pytest.mark.usefixtures("story")
async def test_taking_the_same_events_again_tells_nobody_twice(database_url, connection):
    await project(database_url)
    events = await delivered(connection)
    for _ in range(2):
        async with connection.transaction():
            await Notifier(MAPPER)(connection, events)
    assert query(database_url, "SELECT count(*) FROM notifications") == [(2,)]
    assert query(database_url, "SELECT count(*) FROM deliveries") == [(2,)]


@pytest.mark.usefixtures("story")
async def test_it_waits_for_the_read_models_that_know_the_recipients(
    database_url, connection, monkeypatch
):
    monkeypatch.setattr(notifications, "PATIENCE", 0.1)
    events = await delivered(connection)
    with pytest.raises(TryLaterError):
        async with connection.transaction():
            await Notifier(MAPPER)(connection, events)
    assert query(database_url, "SELECT count(*) FROM notifications") == [(0,)]


async def test_a_person_of_another_tenant_is_never_written_to(database_url, connection, story):
    _, ana, _ = story
    await project(database_url)
    query(database_url, "UPDATE scheduling_people_v3.people SET tenant_id = gen_random_uuid()")
    async with connection.transaction():
        await Notifier(MAPPER)(connection, await delivered(connection))
    recipients = query(database_url, "SELECT recipient FROM deliveries")
    assert (ana.id,) not in recipients


class Flaky:
    name = "email"

    def __init__(self, failures):
        self.failures = failures
        self.sent = []

    async def send(self, message):
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the line is dead")
        self.sent.append(message)


async def test_due_deliveries_are_sent_once(database_url, tmp_path):
    for position in (1, 2, 3):
        query(database_url, DELIVERY, (position,))
    async with running(
        *(Sender(database_url, Way(Outbox(tmp_path)), 3, poll=0.02) for _ in range(2))
    ):
        await eventually(lambda: len(list(tmp_path.glob("*.txt"))) == 3)
        await eventually(
            lambda: (
                query(database_url, "SELECT DISTINCT status, attempts FROM deliveries")
                == [("sent", 1)]
            )
        )


async def test_a_failed_delivery_is_put_off_and_tried_again(database_url, connection):
    query(database_url, DELIVERY, (1,))
    channel = Flaky(failures=1)
    sender = Sender(database_url, Way(channel), attempts=3)
    assert await sender.send_due(connection) == 1
    ((status, attempts, error, later),) = query(
        database_url,
        "SELECT status, attempts, last_error, next_attempt_at - now() FROM deliveries",
    )
    assert (status, attempts, error) == ("pending", 1, "ConnectionError('the line is dead')")
    assert timedelta(seconds=0.2) < later <= timedelta(seconds=1)
    assert await sender.send_due(connection) == 0
    query(database_url, "UPDATE deliveries SET next_attempt_at = now()")
    assert await sender.send_due(connection) == 1
    assert query(database_url, "SELECT status, attempts FROM deliveries") == [("sent", 2)]
    assert [message.address for message in channel.sent] == ["ana@example.test"]


async def test_after_the_last_attempt_it_is_a_dead_letter(database_url, connection):
    query(database_url, DELIVERY, (1,))
    sender = Sender(database_url, Way(Flaky(failures=9)), attempts=3)
    for _ in range(4):
        await sender.send_due(connection)
        query(database_url, "UPDATE deliveries SET next_attempt_at = now()")
    dead = query(database_url, "SELECT position, attempts FROM dead_letters")
    assert dead == [(1, 3)]


async def test_what_a_dead_sender_claimed_is_due_again_later(database_url, connection):
    query(database_url, DELIVERY, (1,))

    class Dies:
        name = "email"

        async def send(self, _message):
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Sender(database_url, Way(Dies()), attempts=3).send_due(connection)
    survivor = Sender(database_url, Way(channel := Flaky(failures=0)), attempts=3)
    assert await survivor.send_due(connection) == 0
    query(database_url, "UPDATE deliveries SET next_attempt_at = next_attempt_at - interval '60 s'")
    assert await survivor.send_due(connection) == 1
    assert len(channel.sent) == 1


async def test_a_claim_lasts_longer_than_its_attempt_and_not_much(database_url, connection):
    """All that is claimed together is tried together, or the last would be claimed too long."""
    for position in range(1, BATCH + 1):
        query(database_url, DELIVERY, (position,))
    all_at_once = asyncio.Barrier(BATCH)

    class Waits:
        name = "email"

        async def send(self, _message):
            async with asyncio.timeout(5):
                await all_at_once.wait()

    assert await Sender(database_url, Way(Waits()), attempts=3).send_due(connection) == BATCH
    assert query(database_url, "SELECT DISTINCT status FROM deliveries") == [("sent",)]
    assert SEND_TIMEOUT < CLAIM < 20


def test_pauses_double_up_to_an_hour_with_some_chance():
    assert all(0.5 <= pause(1) <= 1 for _ in range(50))
    assert all(4 <= pause(4) <= 8 for _ in range(50))
    assert all(1800 <= pause(40) <= 3600 for _ in range(50))
    assert len({pause(4) for _ in range(10)}) > 1
