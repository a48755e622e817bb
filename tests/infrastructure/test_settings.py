"""Settings are read once, from the environment and the command line, and say what is wrong."""

from pathlib import Path

import pytest

from infrastructure.settings import Settings, WrongSettingsError, read_settings

DATABASE = "postgresql://me:secret@localhost/opstream"


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OPSTREAM_{name.upper()}", raising=False)


@pytest.fixture
def given(monkeypatch):
    def give(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"OPSTREAM_{name}", value)

    return give


def test_nothing_has_to_be_set():
    settings = read_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.outbox == Path(".opstream/outbox")


def test_every_setting_says_what_it_means_in_one_sentence():
    assert len(Settings.model_fields) >= 24
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert "|" not in field.description, name


def test_the_command_line_goes_before_the_environment(given):
    given(PORT="9000", HOST="0.0.0.0")
    settings = read_settings(port=9001, host=None)
    assert (settings.host, settings.port) == ("0.0.0.0", 9001)


def test_the_outbox_may_stand_elsewhere(given):
    given(DATA_DIR="/data", OUTBOX_DIR="/mail")
    assert read_settings().outbox == Path("/mail")


def test_a_secret_is_not_shown(given):
    given(DATABASE_URL=DATABASE, JWT_PRIVATE_KEY="hush", EXTERNAL_SECRET="hush")
    settings = read_settings()
    for secret in ("me:secret", "hush"):
        assert secret not in repr(settings) + str(settings)
    assert settings.required("database_url") == DATABASE


def test_what_is_required_and_missing_is_named():
    with pytest.raises(WrongSettingsError, match="OPSTREAM_NATS_URL is not set"):
        read_settings().required("nats_url")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "99999"),
        ("PORT", "eighty"),
        ("API_WORKERS", "0"),
        ("READ_WAIT_SECONDS", "11"),
        ("STREAM_REPLICAS", "6"),
        ("LOG_LEVEL", "loud"),
        ("DATABASE_URL", "mysql://localhost/opstream"),
        ("DATABASE_URL", ""),
        ("NATS_URL", "http://localhost"),
    ],
)
def test_a_value_that_can_not_be_is_told_by_its_name(given, name, value):
    given(**{name: value})
    with pytest.raises(WrongSettingsError, match=f"^OPSTREAM_{name}") as wrong:
        read_settings()
    assert "\n" not in str(wrong.value)


def test_all_wrong_values_are_told_at_once(given):
    given(PORT="0", LOG_LEVEL="loud")
    with pytest.raises(WrongSettingsError, match=r"OPSTREAM_PORT.*; OPSTREAM_LOG_LEVEL"):
        read_settings()


def test_a_wrong_secret_is_not_repeated(given):
    given(DATABASE_URL="mysql://me:hush@localhost")
    with pytest.raises(WrongSettingsError) as wrong:
        read_settings()
    assert "hush" not in str(wrong.value)


def test_settings_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        read_settings().port = 1
