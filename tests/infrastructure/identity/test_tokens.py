"""Access tokens: what they say, and that they are believed no longer than they say."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest

from application.access import Actor
from domain.shared.errors import Unauthenticated
from infrastructure.identity import tokens
from infrastructure.identity.keys import signing_key
from infrastructure.identity.tokens import Tokens
from infrastructure.settings import Settings

ACTOR = Actor.with_roles(uuid4(), uuid4(), ("coordinator", "staff"))
LIFE = timedelta(minutes=15)


class Clock:
    def __init__(self):
        self.now = datetime(2031, 5, 4, 12, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return signing_key(Settings(data_dir=tmp_path_factory.mktemp("keys")))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def known(key, clock):
    return Tokens(key, "opstream", LIFE, clock)


def test_a_token_speaks_for_whom_it_was_made(known):
    token = known.issue(ACTOR)
    actor = known.verify(token.text)
    assert actor == ACTOR
    assert actor.granted == ACTOR.granted
    assert token.expires_in == 900


def test_what_a_token_says(known, key, clock):
    text = known.issue(ACTOR).text
    assert jwt.get_unverified_header(text) == {"alg": "RS256", "kid": key.kid, "typ": "at+jwt"}
    claims = jwt.decode(text, options={"verify_signature": False})
    noon = int(clock.now.timestamp())
    assert claims == {
        "iss": "opstream",
        "aud": "opstream",
        "sub": str(ACTOR.account_id),
        "tid": str(ACTOR.tenant_id),
        "roles": ["coordinator", "staff"],
        "iat": noon,
        "exp": noon + 900,
        "jti": claims["jti"],
    }
    assert (
        claims["jti"]
        != jwt.decode(known.issue(ACTOR).text, options={"verify_signature": False})["jti"]
    )


@pytest.mark.parametrize("seen_before", [True, False])
def test_a_token_is_believed_until_it_expires_and_not_a_moment_longer(known, clock, seen_before):
    text = known.issue(ACTOR).text
    if seen_before:
        known.verify(text)
    clock.now += LIFE - timedelta(seconds=1)
    assert known.verify(text) == ACTOR
    clock.now += timedelta(seconds=1)
    for _ in range(2):
        with pytest.raises(Unauthenticated, match="expired"):
            known.verify(text)
    assert known._verified == {}


def test_a_signature_is_checked_once(known, monkeypatch):
    text = known.issue(ACTOR).text
    known.verify(text)
    monkeypatch.setattr(tokens.jwt, "decode", None)
    assert known.verify(text) == ACTOR


def test_what_is_not_valid_is_not_remembered(known):
    head, claims, signature = known.issue(ACTOR).text.split(".")
    forged = f"{head}.{claims}.{signature[::-1]}"
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            known.verify(forged)
    assert known._verified == {}


def test_only_so_many_are_remembered(known, monkeypatch):
    monkeypatch.setattr(tokens, "_CACHED", 3)
    texts = [known.issue(ACTOR).text for _ in range(5)]
    for text in texts:
        known.verify(text)
    assert list(known._verified) == texts[2:]
    assert known.verify(texts[0]) == ACTOR


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_the_key_has_one_algorithm(known, key, algorithm):
    claims = jwt.decode(known.issue(ACTOR).text, options={"verify_signature": False})
    headers = {"kid": key.kid, "typ": "at+jwt"}
    text = jwt.encode(claims, key.private, algorithm=algorithm, headers=headers)
    with pytest.raises(Unauthenticated):
        known.verify(text)


def test_another_issuer_with_the_same_key_is_another(key, clock):
    text = Tokens(key, "others", LIFE, clock).issue(ACTOR).text
    with pytest.raises(Unauthenticated):
        Tokens(key, "opstream", LIFE, clock).verify(text)


def test_nobody_becomes_the_system_by_a_token(known):
    """The system's account has no membership, and its token no role to it."""
    actor = known.verify(known.issue(Actor.with_roles(uuid4(), uuid4(), ("system",))).text)
    assert actor.granted == frozenset()
