"""An external issuer has one way to sign, or opstream does not start."""

import pytest

from infrastructure.identity.external_settings import external_tokens
from infrastructure.settings import Settings, WrongSettingsError
from tests.support.issuer import ISSUER, SECRET

JWKS = "https://ours.supabase.test/auth/v1/.well-known/jwks.json"


def given(**settings):
    return Settings(**{f"external_{name}": value for name, value in settings.items()})


def refused(settings):
    with pytest.raises(WrongSettingsError) as told:
        external_tokens(settings)
    line = str(told.value)
    assert line.startswith(("OPSTREAM_EXTERNAL_", "Of OPSTREAM_EXTERNAL_"))
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    "settings", [{}, {"audience": "us"}, {"issuer": "", "secret": "", "jwks_url": ""}]
)
def test_there_may_be_none(settings):
    assert external_tokens(given(**settings)) is None


@pytest.mark.parametrize("how", [{"secret": SECRET}, {"jwks_url": JWKS}, {"secret": "é" * 16}])
def test_it_has_a_secret_or_publishes_keys(how):
    tokens = external_tokens(given(issuer=ISSUER, **how))
    assert tokens is not None
    assert tokens.issuer == ISSUER


def test_what_is_set_empty_is_not_set():
    assert external_tokens(given(issuer=ISSUER, secret=SECRET, jwks_url="")) is not None
    assert external_tokens(given(issuer=ISSUER, secret="", jwks_url=JWKS)) is not None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"issuer": ISSUER}, "is set without OPSTREAM_EXTERNAL_SECRET or OPSTREAM_EXTERNAL_JWKS"),
        ({"secret": SECRET}, "is set without OPSTREAM_EXTERNAL_ISSUER"),
        ({"jwks_url": JWKS}, "is set without OPSTREAM_EXTERNAL_ISSUER"),
        ({"issuer": "", "jwks_url": JWKS}, "is set without OPSTREAM_EXTERNAL_ISSUER"),
        ({"issuer": ISSUER, "secret": SECRET, "jwks_url": JWKS}, "only one may be set"),
        ({"issuer": "opstream", "secret": SECRET}, "must differ from OPSTREAM_JWT_ISSUER"),
        ({"issuer": ISSUER, "secret": SECRET, "audience": ""}, "must not be empty"),
        ({"issuer": ISSUER, "secret": "hush"}, "must have 32 bytes or more"),
        ({"issuer": ISSUER, "secret": "h" * 31}, "must have 32 bytes or more"),
        (
            {"issuer": ISSUER, "secret": "-----BEGIN PUBLIC KEY-----\nhush\n-----END"},
            "not a shared secret",
        ),
    ],
)
def test_a_wrong_combination_is_one_line(settings, words):
    line = refused(given(**settings))
    assert words in line
    assert "hush" not in line


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/jwks.json",
        "http://127.9.9.9/jwks.json",
        "http://localhost:54321/auth/v1/.well-known/jwks.json",
        "http://[::1]:1/jwks.json",
        "HTTPS://ours.supabase.test/jwks.json",
    ],
)
def test_keys_come_by_tls_or_from_this_machine(url):
    assert external_tokens(given(issuer=ISSUER, jwks_url=url)) is not None


@pytest.mark.parametrize(
    "url",
    [
        "http://ours.supabase.test/jwks.json",
        "http://10.0.0.1/jwks.json",
        "http://127.0.0.1.evil.test/jwks.json",
        "http://localhost@evil.test/jwks.json",
        "http://localhost.evil.test/jwks.json",
        "http://0.0.0.0/jwks.json",
        "file:///etc/passwd",
        "ftp://localhost/jwks.json",
        "data:application/json,{}",
        "ours.supabase.test/jwks.json",
        "https://",
        "https:///jwks.json",
        "https://[::1/jwks.json",
        "https://host:port/jwks.json",
        "x",
    ],
)
def test_and_from_nowhere_else(url):
    assert "must start with https://" in refused(given(issuer=ISSUER, jwks_url=url))
