"""From deliveries to providers that refuse, hang, answer late, or are away for a while."""

import asyncio
import contextlib
import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from application.processes.channels import UndeliverableError
from infrastructure.messages import provider_url
from infrastructure.messages.provider_url import ProviderUrl
from infrastructure.messages.providers import Provider
from infrastructure.messages.ways import Rate, Way
from infrastructure.postgres import deliveries
from infrastructure.postgres.deliveries import Sender, send_all
from tests.infrastructure.messages.servers import Mailbox, TextMessages, free_port, smtp_server
from tests.infrastructure.nats.support import eventually, query

DELIVERY = """INSERT INTO deliveries (position, recipient, channel, tenant_id, address, subject,
    body, html, next_attempt_at, created_at) VALUES (%s, gen_random_uuid(), %s, gen_random_uuid(),
    %s, 'Hello', 'Text', '<p>Text</p>', now(), now())"""
ADDRESSES = {"email": "ana@example.test", "sms": "+4930123456"}
BUSY = "AllBusyError('4 earlier attempts still wait for an answer')"
STATES = "SELECT status, attempts, last_error FROM deliveries ORDER BY position"
PAUSE = "SELECT extract(epoch FROM next_attempt_at - clock_timestamp())::float FROM deliveries"
AN_HOUR_LATER = """UPDATE provider_attempts SET tried_at = tried_at - interval '1 hour'
    WHERE ctid = ANY(ARRAY(SELECT ctid FROM provider_attempts LIMIT %s))"""
DUE_NOW = "UPDATE deliveries SET next_attempt_at = now() WHERE status = 'pending'"


@pytest.fixture
async def connection(database_url):
    async with await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, prepare_threshold=0
    ) as connection:
        yield connection


@pytest.fixture
def due(database_url):
    def due(*positions, channel="email"):
        for position in positions:
            query(database_url, DELIVERY, (position, channel, ADDRESSES[channel]))

    return due


@pytest.fixture
def states(database_url):
    return lambda: query(database_url, STATES)


@pytest.fixture
def texts():
    with TextMessages() as provider:
        yield provider


class Takes:
    """A channel that takes everything, and remembers what."""

    def __init__(self, name="email"):
        self.name = name
        self.taken = []

    async def send(self, message):
        self.taken.append(message.key)


@contextlib.asynccontextmanager
async def sending(senders):
    running = asyncio.create_task(send_all(senders))
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def by_mail(port):
    url = f"mailto://127.0.0.1:{port}?from=ward@example.test&to={{to}}"
    return Way(Provider("email", ProviderUrl("email", url)))


def by_text(texts):
    url = f"json://127.0.0.1:{texts.port}/sms/{{to}}"
    return Way(Provider("sms", ProviderUrl("sms", url)))


async def test_a_mail_waits_for_a_server_that_is_down_and_then_back(
    database_url, connection, due, states
):
    due(1)
    port, mailbox = free_port(), Mailbox()
    sender = Sender(database_url, by_mail(port), attempts=3)
    await sender.send_due(connection)
    assert states() == [("pending", 1, "NotSentError('Connection refused')")]
    assert await sender.send_due(connection) == 0, "it is put off"
    query(database_url, DUE_NOW)
    with smtp_server(mailbox, port):
        await sender.send_due(connection)
    assert states() == [("sent", 2, None)]
    (mail,) = mailbox.mails
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


async def test_an_address_that_is_refused_for_good_is_a_dead_letter_at_once(
    database_url, connection, due, states
):
    due(1, 2)
    port, mailbox = free_port(), Mailbox()
    query(database_url, "UPDATE deliveries SET address = 'nobody@example.test' WHERE position = 1")
    mailbox.refuses["nobody@example.test"] = "550 no such person"
    with smtp_server(mailbox, port):
        await Sender(database_url, by_mail(port), attempts=3).send_due(connection)
    assert states() == [
        ("dead", 1, "UndeliverableError('550 no such person')"),
        ("sent", 1, None),
    ]


async def test_a_provider_that_refuses_gets_it_again_and_then_never(
    database_url, connection, due, states, texts
):
    due(1, channel="sms")
    texts.answers = [500, 503, 429, 200]
    sender = Sender(database_url, by_text(texts), attempts=3)
    pauses = []
    for _ in range(5):
        await sender.send_due(connection)
        pauses.append(query(database_url, PAUSE)[0][0])
        query(database_url, DUE_NOW)
    ((status, attempts, error),) = states()
    assert (status, attempts, texts.asked, texts.taken) == ("dead", 3, 3, [])
    assert "429" in error
    assert 0.3 < pauses[0] <= 1.0 < pauses[1] + 0.1 <= 2.1, "back-off"


async def test_an_answer_that_comes_too_late_is_no_answer_and_it_is_sent_again(
    database_url, connection, due, states, texts, monkeypatch
):
    monkeypatch.setattr(deliveries, "SEND_TIMEOUT", 0.2)
    due(1, channel="sms")
    late = threading.Event()
    texts.answers = [late]
    sender = Sender(database_url, by_text(texts), attempts=3)
    await sender.send_due(connection)
    assert states() == [("pending", 1, "no answer within 0.2 s")]
    late.set()
    await eventually(lambda: len(texts.taken) == 1)
    query(database_url, DUE_NOW)
    await sender.send_due(connection)
    assert states() == [("sent", 2, None)]
    assert len(texts.taken) == 2, "at least once"


async def test_a_provider_that_hangs_holds_up_no_other_channel_and_takes_few_threads(
    database_url, due, states, texts, monkeypatch
):
    monkeypatch.setattr(deliveries, "SEND_TIMEOUT", 0.3)
    monkeypatch.setattr("infrastructure.messages.providers.MOST_THREADS", 4)
    hangs = threading.Event()
    texts.answers = [hangs] * 100
    due(*range(1, 11), channel="sms")
    due(*range(11, 31))
    before, takes = threading.active_count(), Takes()
    senders = [
        Sender(database_url, by_text(texts), attempts=20, poll=0.02),
        Sender(database_url, Way(takes), attempts=3, poll=0.02),
    ]
    async with sending(senders):
        await eventually(lambda: len(takes.taken) == 20)
        await eventually(lambda: BUSY in {error for *_, error in states()[:10]})
        # The server's own threads, one for each that waits, are of this process too.
        assert threading.active_count() <= before + 2 * 4 + 1
        assert {status for status, *_ in states()[:10]} == {"pending"}
    hangs.set()


async def test_a_thread_ends_when_its_provider_is_silent_for_long(
    database_url, connection, due, states, texts, monkeypatch
):
    monkeypatch.setattr(provider_url, "_READ", 0.1)
    due(1, channel="sms")
    texts.answers = [hangs := threading.Event()]
    way = by_text(texts)
    await Sender(database_url, way, attempts=1).send_due(connection)
    assert states()[0][0] == "dead"
    assert way.channel._threads._busy == 0
    hangs.set()


async def test_two_senders_together_keep_to_the_rate_of_their_provider(database_url, due, states):
    """What is over it is neither tried nor put off: it goes as soon as there is room again."""
    due(*range(1, 13))
    takes = Takes()
    way = Way(takes, Rate(5, timedelta(hours=1)))
    senders = [Sender(database_url, way, attempts=1, poll=0.02) for _ in range(2)]
    async with sending(senders), asyncio.timeout(10):
        for goes, tried in ((0, 5), (3, 8), (4, 12)):
            query(database_url, AN_HOUR_LATER, (goes,))
            await eventually(lambda tried=tried: states().count(("sent", 1, None)) == tried)
            assert len(takes.taken) == len(set(takes.taken)) == tried
            overdue = (
                "SELECT count(*) FROM deliveries WHERE attempts = 0 AND next_attempt_at < now()"
            )
            assert query(database_url, overdue) == [(12 - tried,)]
    assert query(database_url, "SELECT count(*) FROM provider_attempts") == [(5,)]


async def test_the_rate_of_one_channel_is_not_the_other_s(database_url, connection, due, states):
    due(1, 2)
    due(3, channel="sms")
    rate = Rate(1, timedelta(hours=1))
    for name in ("email", "sms", "email"):
        await Sender(database_url, Way(Takes(name), rate), attempts=3).send_due(connection)
    assert [status for status, *_ in states()] == ["sent", "pending", "sent"]
    assert states()[1] == ("pending", 0, None), "what waits for its turn is no attempt"


async def test_whoever_is_asleep_by_then_is_left_alone_and_that_is_no_attempt(
    database_url, connection, due, states, monkeypatch
):
    due(1)
    query(
        database_url,
        "UPDATE deliveries SET quiet_start = '22:00', quiet_end = '07:00', "
        "quiet_zone = 'Europe/Berlin'",
    )
    # Half an hour before the clocks go forward.
    monkeypatch.setattr(deliveries, "_now", lambda: datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
    takes = Takes()
    sender = Sender(database_url, Way(takes), attempts=3)
    assert await sender.send_due(connection) == 1
    assert states() == [("pending", 0, None)]
    ((again,),) = query(database_url, "SELECT next_attempt_at FROM deliveries")
    assert again == datetime.combine(again.date(), time(7), ZoneInfo("Europe/Berlin"))
    assert again == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert takes.taken == []


async def test_an_attempt_that_failed_in_the_evening_is_not_tried_again_at_night(
    database_url, connection, due, monkeypatch
):
    due(1)
    query(
        database_url,
        "UPDATE deliveries SET quiet_start = '22:00', quiet_end = '06:30', quiet_zone = 'UTC'",
    )
    evening = datetime(2026, 12, 1, 21, 59, 59, 900_000, tzinfo=UTC)
    monkeypatch.setattr(deliveries, "_now", lambda: evening)

    class Fails(Takes):
        async def send(self, _message):
            raise ConnectionError

    await Sender(database_url, Way(Fails()), attempts=3).send_due(connection)
    ((again,),) = query(database_url, "SELECT next_attempt_at FROM deliveries")
    assert again == datetime(2026, 12, 2, 6, 30, tzinfo=UTC)


async def test_what_no_channel_can_deliver_is_not_tried_again(
    database_url, connection, due, states
):
    due(1)

    class Refuses(Takes):
        async def send(self, _message):
            raise UndeliverableError("never")

    await Sender(database_url, Way(Refuses()), attempts=9).send_due(connection)
    assert states() == [("dead", 1, "UndeliverableError('never')")]
