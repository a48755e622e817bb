"""The channels to real providers: SMTP, and whatever else apprise can talk to."""

import asyncio
import io
import logging
import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from application.processes.channels import OutgoingMessage, UndeliverableError
from infrastructure.messages import provider_url
from infrastructure.messages.provider_url import NotSentError, ProviderUrl
from infrastructure.messages.providers import Provider
from infrastructure.messages.threads import AllBusyError, Threads
from tests.infrastructure.messages.servers import (
    Mailbox,
    TextMessages,
    free_port,
    no_entry,
    smtp_server,
)
from tests.infrastructure.nats.support import eventually

MOMENT = datetime(2026, 11, 21, 8, tzinfo=UTC)
PASSWORD = "s3cret/word"


def mail(**changed):
    values = {
        "key": "7-ana",
        "address": "ana@example.test",
        "subject": "Please answer: Köchin",
        "text": "You are asked. ✓",
        "created_at": MOMENT,
        "html": "<p>You are <b>asked</b>. ✓</p>",
    }
    return OutgoingMessage(**values | changed)


def text_message(address="+4930123456"):
    return OutgoingMessage("7-ana", address, "", "You are asked.", MOMENT)


def mailer(port, before="", after=""):
    url = f"mailto://{before}127.0.0.1:{port}?from=ward@example.test&to={{to}}{after}"
    return Provider("email", ProviderUrl("email", url))


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def port(mailbox):
    port = free_port()
    with smtp_server(mailbox, port):
        yield port


@pytest.fixture
def texts():
    with TextMessages() as provider:
        yield provider


def texter(texts, place="sms/{to}", credentials=""):
    url = f"json://{credentials}127.0.0.1:{texts.port}/{place}"
    return Provider("sms", ProviderUrl("sms", url))


class TestMail:
    async def test_a_mail_has_text_and_html_and_a_name_that_stays(self, port, mailbox):
        for _ in range(2):
            await mailer(port).send(mail())
        taken, again = mailbox.mails
        assert taken["Subject"] == "Please answer: Köchin"
        assert (taken["From"], taken["To"]) == ("ward@example.test", "ana@example.test")
        assert taken["Message-ID"] == again["Message-ID"] == "<7-ana@example.test>"
        assert taken["Auto-Submitted"] == "auto-generated"
        assert taken.get_content_type() == "multipart/alternative"
        plain, html = taken.iter_parts()
        assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
        assert plain.get_content().strip() == "You are asked. ✓"
        assert html.get_content().strip() == "<p>You are <b>asked</b>. ✓</p>"

    async def test_the_url_says_who_else_gets_it(self, port, mailbox):
        await mailer(port, after="&bcc=archive@example.test&name=Ward%201").send(mail())
        assert mailbox.recipients == [["ana@example.test", "archive@example.test"]]
        assert mailbox.mails[0]["From"] == "Ward 1 <ward@example.test>"
        assert "archive" not in mailbox.mails[0].as_string()

    async def test_an_address_that_is_refused_for_good_is_undeliverable(self, port, mailbox):
        mailbox.refuses["ana@example.test"] = "550 no such person"
        with pytest.raises(UndeliverableError, match=r"^550 no such person$"):
            await mailer(port).send(mail())

    async def test_one_that_is_refused_for_now_may_be_tried_again(self, port, mailbox):
        mailbox.refuses["ana@example.test"] = "450 try again later"
        with pytest.raises(NotSentError, match="450 try again later"):
            await mailer(port).send(mail())

    async def test_a_refusal_counts_although_others_are_taken(self, port, mailbox):
        mailbox.refuses["ana@example.test"] = "550 no such person"
        with pytest.raises(UndeliverableError):
            await mailer(port, after="&bcc=archive@example.test").send(mail())

    async def test_a_server_that_is_down_is_told_without_secrets(self):
        with pytest.raises(NotSentError, match=r"^Connection refused$"):
            await mailer(free_port(), before="ward:hidden@").send(mail())

    async def test_a_server_that_tells_our_password_is_not_believed(self, mailbox):
        port = free_port()
        options = {"authenticator": no_entry, "auth_require_tls": False}
        with smtp_server(mailbox, port, **options), pytest.raises(NotSentError) as raised:
            await mailer(port, before="ward:s3cret%2Fword@", after="&mode=insecure").send(mail())
        assert "535 not with ***" in str(raised.value)
        assert PASSWORD not in repr(raised.value)

    @pytest.mark.parametrize(
        "address",
        [
            "a,b@example.test",
            "ana@example.test,eve@example.test",
            "ana@example.test?bcc=eve@example.test",
            "ana%2Ceve@example.test",
            "ana@example.test\r\nBcc: eve@example.test",
            "ana@example.test/eve@example.test",
            "ana&to=eve@example.test",
            "Ana <ana@example.test>",
            "",
        ],
    )
    async def test_nobody_can_put_more_into_the_url_than_an_address(self, port, mailbox, address):
        with pytest.raises(UndeliverableError):
            await mailer(port).send(mail(address=address))
        assert mailbox.mails == []


class TestTextMessages:
    async def test_a_text_message_goes_to_the_number(self, texts):
        await texter(texts).send(text_message())
        assert texts.taken == [("/sms/+4930123456", "You are asked.")]

    async def test_whatever_the_provider_says_no_secret_is_told(self, texts):
        texts.answers = [401, 500]
        for _ in range(2):
            with pytest.raises(NotSentError) as raised:
                await texter(texts, "token-1234/{to}", "ward:hidden@").send(text_message())
            for secret in ("hidden", "token-1234", "d2FyZDpoaWRkZW4="):
                assert secret not in repr(raised.value)
        assert "error=500" in str(raised.value)

    async def test_it_may_answer_late(self, texts):
        late = threading.Event()
        texts.answers = [late]
        sending = asyncio.create_task(texter(texts).send(text_message()))
        await eventually(lambda: texts.asked)
        assert not sending.done()
        late.set()
        await sending
        assert len(texts.taken) == 1

    async def test_one_that_does_not_answer_is_given_up(self, texts, monkeypatch):
        monkeypatch.setattr(provider_url, "_READ", 0.1)
        hangs = threading.Event()
        texts.answers = [hangs]
        with pytest.raises(NotSentError, match="Connection error"):
            await texter(texts).send(text_message())
        hangs.set()

    async def test_nothing_of_it_reaches_a_log(self, texts, capfd):
        heard = io.StringIO()
        handler = logging.StreamHandler(heard)
        logging.getLogger().addHandler(handler)
        try:
            texts.answers = [500]
            with pytest.raises(NotSentError):
                await texter(texts, "token-1234/{to}").send(text_message())
        finally:
            logging.getLogger().removeHandler(handler)
        assert heard.getvalue() + "".join(capfd.readouterr()) == ""

    @pytest.mark.parametrize("address", ["+49 30 1", "030/1", "+49301,+49302", "ana", "+4930?x=1"])
    async def test_nobody_can_put_more_into_the_url_than_a_number(self, texts, address):
        with pytest.raises(UndeliverableError):
            await texter(texts).send(text_message(address))
        assert texts.asked == 0


class TestTheUrl:
    @pytest.mark.parametrize(
        ("url", "wrong"),
        [
            ("mailto://ward:hidden@smtp.example.test?from=a@b.test", "no place for the recipient"),
            ("hidden-{to}", "not the URL of a provider"),
            ("nobody://hidden/{to}", "not the URL of a provider"),
            (
                "mailto://ward:hidden@smtp.example.test/x@y.test?to={to}",
                "not the URL of a provider",
            ),
        ],
    )
    def test_one_that_can_not_be_used_is_refused_without_telling_it(self, url, wrong, capfd):
        with pytest.raises(ValueError, match=wrong) as raised:
            ProviderUrl("email", url)
        assert "hidden" not in str(raised.value) + "".join(capfd.readouterr())

    def test_secrets_are_found_in_whatever_form(self):
        url = ProviderUrl("sms", "json://ward:p%40ss@sms.example.test/t%6Fken/{to}?:key=v%61lue")
        told = "p@ss p%40ss token t%6Fken value v%61lue d2FyZDpwQHNz sms.example.test"
        assert url.without_secrets(told) == "*** *** *** *** *** *** *** sms.example.test"


class TestThreads:
    @contextmanager
    def hanging(self, threads, number):
        end = threading.Event()
        tasks = [asyncio.create_task(threads.run(end.wait)) for _ in range(number)]
        try:
            yield tasks
        finally:
            end.set()

    async def test_there_are_never_more_than_so_many(self):
        threads = Threads("test", 2)
        before = threading.active_count()
        with self.hanging(threads, 2) as tasks:
            await asyncio.sleep(0)
            for task in tasks:  # whoever waited has given up; the threads have not ended
                task.cancel()
            for _ in range(3):
                with pytest.raises(AllBusyError):
                    await threads.run(lambda: None)
            assert threading.active_count() <= before + 2
        await eventually(lambda: not threads._busy)
        assert await threads.run(lambda: 7) == 7

    async def test_what_is_raised_there_is_raised_here(self):
        def fails():
            raise ConnectionError("the line is dead")

        with pytest.raises(ConnectionError):
            await Threads("test", 1).run(fails)
