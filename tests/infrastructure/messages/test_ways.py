"""Where messages go, and how many, as the settings say."""

from datetime import timedelta

import pytest

from infrastructure.messages.outbox import Outbox
from infrastructure.messages.providers import Provider
from infrastructure.messages.ways import Rate, ways
from infrastructure.settings import Settings, WrongSettingsError

MAIL = "mailto://ward:hidden@smtp.example.org?from=ward@example.org&to={to}"


def test_without_settings_everything_goes_to_the_outbox_at_any_rate(tmp_path):
    found = ways(Settings(data_dir=tmp_path))
    assert [(way.channel.name, type(way.channel), way.rate) for way in found] == [
        ("email", Outbox, None),
        ("sms", Outbox, None),
    ]


def test_what_is_set_to_nothing_is_not_set(tmp_path):
    settings = Settings(data_dir=tmp_path, email_url="", email_rate="", sms_url="", sms_rate="")
    assert [(type(way.channel), way.rate) for way in ways(settings)] == [(Outbox, None)] * 2


def test_each_channel_has_its_provider_and_rate(tmp_path):
    settings = Settings(data_dir=tmp_path, email_url=MAIL, email_rate="60/minute", sms_rate="1/day")
    mail, text = ways(settings)
    assert (mail.channel.name, type(mail.channel)) == ("email", Provider)
    assert mail.rate == Rate(60, timedelta(minutes=1))
    assert (type(text.channel), text.rate) == (Outbox, Rate(1, timedelta(days=1)))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"email_url": "pigeon://ward:hidden@loft/{to}"}, "OPSTREAM_EMAIL_URL is not the URL"),
        ({"sms_url": MAIL.replace("{to}", "a@b.test")}, "OPSTREAM_SMS_URL has no place"),
        ({"sms_url": MAIL}, "OPSTREAM_SMS_URL is not the URL"),
        ({"email_rate": "often"}, "OPSTREAM_EMAIL_RATE: "),
        ({"sms_rate": "0/minute"}, "OPSTREAM_SMS_RATE lets nothing pass"),
    ],
)
def test_a_mistake_is_told_in_one_line_without_secrets(wrong, told, capfd):
    with pytest.raises(WrongSettingsError, match=f"^{told}") as raised:
        ways(Settings(**wrong))
    assert "\n" not in str(raised.value)
    assert "hidden" not in str(raised.value) + "".join(capfd.readouterr())
