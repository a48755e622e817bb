"""Tokens of an external issuer: good ones speak of a subject, and nothing passes for one."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from application.access import Actor
from domain.shared.errors import Unauthenticated, Unavailable
from infrastructure.identity import external
from infrastructure.identity.external import LEEWAY, ExternalTokens, KeysByName, SharedSecret
from infrastructure.identity.keys import signing_key
from infrastructure.identity.published_keys import LIFE, PublishedKeys
from infrastructure.identity.tokens import LONGEST, Tokens
from infrastructure.settings import Settings
from tests.support.issuer import (
    ALGORITHMS,
    AUDIENCE,
    ISSUER,
    SECRET,
    Pair,
    claims_of,
    publishing,
    shared,
)

SUBJECT = "0b0f3c3e-5c3a-4f55-9a40-6f2d8f8b7a01"
PAIRS = {algorithm: Pair.of(algorithm) for algorithm in ALGORITHMS}
FOREIGN = {algorithm: Pair.of(algorithm) for algorithm in ALGORITHMS}
NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def monotonic(self):
        return self.now.timestamp()


class Family:
    """One way in which an issuer signs: the tokens' verifier, and who signs for it."""

    def __init__(self, tokens, sign, clock, server=None):
        self.tokens, self.clock, self.server = tokens, clock, server
        self._sign = sign

    def token(self, subject=SUBJECT, **changes):
        return self._sign(subject, **{"now": self.clock.now, **changes})

    async def believes(self, text):
        """None when it does not; and then it does not the next time either."""
        try:
            return await self.tokens.subject(text)
        except Unauthenticated:
            with pytest.raises(Unauthenticated):
                await self.tokens.subject(text)
            assert self.tokens._verified == {}
            return None


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def secret(clock):
    keys = SharedSecret(SECRET.encode())
    return Family(ExternalTokens(ISSUER, AUDIENCE, keys, clock), shared, clock)


@pytest.fixture
def server():
    with publishing(*PAIRS.values()) as published:
        yield published


def published_by(server, pair, clock):
    keys = KeysByName(PublishedKeys(server.url, clock.monotonic))
    return Family(ExternalTokens(ISSUER, AUDIENCE, keys, clock), pair.sign, clock, server)


@pytest.fixture(params=["HS256", *ALGORITHMS])
def family(request, clock):
    if request.param == "HS256":
        yield request.getfixturevalue("secret")
        return
    with publishing(PAIRS[request.param]) as server:
        yield published_by(server, PAIRS[request.param], clock)


@pytest.fixture
def published(server, clock):
    """Whose issuer has a key of each type, named by its algorithm."""
    server.publish(*({**pair.jwk, "kid": name} for name, pair in PAIRS.items()))
    return published_by(server, PAIRS["RS256"], clock)


@pytest.fixture(scope="module")
def own_key(tmp_path_factory):
    return signing_key(Settings(data_dir=tmp_path_factory.mktemp("keys")))


@pytest.fixture
def own(own_key, clock):
    return Tokens(own_key, "opstream", timedelta(minutes=15), clock)


async def test_a_token_speaks_of_its_subject(family):
    text = family.token()
    assert family.tokens.issued(text)
    assert await family.tokens.subject(text) == SUBJECT


async def test_it_may_have_several_audiences(family):
    assert await family.believes(family.token(aud=["storage", AUDIENCE])) == SUBJECT


WRONG = {
    "of another issuer": {"iss": "https://theirs.supabase.test/auth/v1"},
    "of no issuer": {"iss": None},
    "for another audience": {"aud": "anon"},
    "for us": {"aud": "opstream"},
    "for no audience": {"aud": None},
    "for an empty audience": {"aud": []},
    "without a subject": {"sub": None},
    "of an empty subject": {"sub": ""},
    "of a long subject": {"sub": "x" * 256},
    "of a subject with a line break": {"sub": "a\nb"},
    "of a subject with NUL": {"sub": "a\x00b"},
    "of a subject with blanks around it": {"sub": " a"},
    "of half a character": {"sub": "\ud800"},
    "of a number": {"sub": 7},
    "of a list": {"sub": [SUBJECT]},
    "without an end": {"exp": None},
    "with an end in words": {"exp": "never"},
    "that ends after all numbers": {"exp": float("inf")},
    "that ends at no number": {"exp": float("nan")},
    "with a huge end": {"exp": 10**400},
    "with a true end": {"exp": True},
    "without a beginning": {"iat": None},
    "with a beginning in words": {"iat": "now"},
    "that begins at no number": {"iat": float("nan")},
    "that is of tomorrow": {"iat": NOON + timedelta(hours=1)},
    "that ends before it was made": {"iat": NOON, "exp": NOON - timedelta(seconds=1)},
    "that is for tomorrow": {"nbf": NOON + timedelta(hours=1)},
    "for no number": {"nbf": float("nan")},
    "for words": {"nbf": "now"},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=list(WRONG))
async def test_a_token_is_none(family, changes):
    assert await family.believes(family.token(**changes)) is None


@pytest.mark.parametrize("subject", ["x" * 255, "auth0|5f7c8ec7", "Ana Ü", "a/b"])
async def test_a_subject_may_be(family, subject):
    assert await family.believes(family.token(subject)) == subject


@pytest.mark.parametrize("seen_before", [True, False])
async def test_it_is_believed_until_it_expires_and_the_clocks_may_differ(family, seen_before):
    text = family.token()
    if seen_before:
        await family.tokens.subject(text)
    family.clock.now += timedelta(hours=1, seconds=LEEWAY - 1)
    assert await family.tokens.subject(text) == SUBJECT
    family.clock.now += timedelta(seconds=1)
    for _ in range(2):
        with pytest.raises(Unauthenticated, match="expired"):
            await family.tokens.subject(text)
    assert family.tokens._verified == {}


async def test_the_issuers_clock_may_be_ahead_a_little(family):
    ahead = family.clock.now + timedelta(seconds=LEEWAY)
    assert await family.believes(family.token(iat=ahead, nbf=ahead)) == SUBJECT


@pytest.mark.parametrize("claim", ["iat", "nbf"])
async def test_but_not_more_than_a_little(family, claim):
    ahead = family.clock.now + timedelta(seconds=LEEWAY + 1)
    assert await family.believes(family.token(**{claim: ahead})) is None


async def test_a_signature_is_checked_once(family, monkeypatch):
    text = family.token()
    await family.tokens.subject(text)
    monkeypatch.setattr(external.jwt, "decode", None)
    assert family.tokens.issued(text)
    assert await family.tokens.subject(text) == SUBJECT


async def test_only_so_many_are_remembered(family, monkeypatch):
    monkeypatch.setattr(external, "_CACHED", 3)
    texts = [family.token(f"subject {number}") for number in range(5)]
    for text in texts:
        await family.tokens.subject(text)
    assert list(family.tokens._verified) == texts[2:]
    assert await family.tokens.subject(texts[0]) == "subject 0"


async def test_what_was_changed_is_none(family):
    head, claims, signature = family.token().split(".")
    other = family.token("somebody else").split(".")[1]
    wrong = ("A" if signature[0] == "B" else "B") + signature[1:]
    for text in (f"{head}.{other}.{signature}", f"{head}.{claims}.{wrong}"):
        assert family.tokens.issued(text)
        assert await family.believes(text) is None


async def test_a_token_that_is_too_long_is_not_looked_at(family):
    assert not family.tokens.issued(family.token(padding="x" * LONGEST))


@pytest.mark.parametrize(
    "text",
    ["", "x", "..", "a.b.c", "é", "null", "eyJhbGciOiJub25lIn0.e30.", "[" * 3000],
)
async def test_nonsense_is_not_the_issuers(family, text):
    assert not family.tokens.issued(text)
    assert await family.believes(text) is None


def _encoded(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def forged(claims, secret=None, **header):
    """Written by hand, for no library would: signed with a secret by HMAC, or not at all."""
    numbers = {name: claim.timestamp() for name, claim in claims.items() if name in {"iat", "exp"}}
    parts = [json.dumps(part).encode() for part in ({"typ": "JWT", **header}, claims | numbers)]
    signed = ".".join(map(_encoded, parts))
    if secret is None:
        return f"{signed}."
    kind = {"HS384": "sha384", "HS512": "sha512"}.get(header["alg"], "sha256")
    return f"{signed}.{_encoded(hmac.digest(secret, signed.encode(), kind))}"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, [], {}])
async def test_an_unsigned_token_is_none(family, algorithm):
    claims = claims_of(SUBJECT, now=family.clock.now)
    for kid in ("one", None):
        text = forged(claims, alg=algorithm, **({"kid": kid} if kid else {}))
        assert await family.believes(text) is None
        signature = family.token().split(".")[2]
        assert await family.believes(text + signature) is None


def public_forms(pair):
    public = pair.private.public_key()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    yield public.public_bytes(serialization.Encoding.PEM, spki)
    yield public.public_bytes(serialization.Encoding.PEM, spki).strip()
    yield public.public_bytes(serialization.Encoding.DER, spki)
    yield json.dumps(pair.jwk).encode()
    yield pair.jwk.get("n", pair.jwk.get("x")).encode()
    yield b""


@pytest.mark.parametrize("kind", ALGORITHMS)
@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512", *ALGORITHMS])
async def test_a_published_key_is_no_shared_secret(published, kind, algorithm):
    claims = claims_of(SUBJECT, now=published.clock.now)
    for secret in public_forms(PAIRS[kind]):
        assert await published.believes(forged(claims, secret, alg=algorithm, kid=kind)) is None


async def test_the_secret_counts_for_nothing_where_keys_are_published(published):
    for headers in ({}, {"kid": "RS256"}, {"kid": "one"}):
        text = jwt.encode(claims_of(SUBJECT, now=NOON), SECRET, "HS256", headers=headers)
        assert await published.believes(text) is None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_no_key_counts_where_a_secret_is_shared(secret, algorithm):
    for pair in (PAIRS[algorithm], FOREIGN[algorithm]):
        for headers in ({}, {"jwk": pair.jwk}):
            assert await secret.believes(pair.sign(SUBJECT, headers, now=NOON)) is None


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_a_shared_secret_has_one_algorithm(secret, algorithm):
    text = shared(SUBJECT, (SECRET * 3).encode(), algorithm, now=NOON)
    assert await secret.believes(text) is None
    claims = claims_of(SUBJECT, now=NOON)
    assert await secret.believes(forged(claims, SECRET.encode(), alg=algorithm)) is None
    assert await secret.believes(forged(claims, SECRET.encode(), alg="HS256")) == SUBJECT


@pytest.mark.parametrize("wrong", [b"", b"secret", SECRET.upper().encode(), SECRET[:-1].encode()])
async def test_another_secret_is_none(secret, wrong):
    claims = claims_of(SUBJECT, now=NOON)
    assert await secret.believes(forged(claims, wrong, alg="HS256")) is None


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "PS512"])
async def test_a_published_key_has_one_algorithm(published, algorithm):
    claims, private = claims_of(SUBJECT, now=NOON), PAIRS["RS256"].private
    text = jwt.encode(claims, private, algorithm, headers={"kid": "RS256"})
    assert await published.believes(text) is None


@pytest.mark.parametrize("kid", ALGORITHMS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_key_speaks_under_its_own_name_only(published, algorithm, kid):
    text = PAIRS[algorithm].sign(SUBJECT, {"kid": kid}, now=NOON)
    assert await published.believes(text) == (SUBJECT if kid == algorithm else None)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_no_key_but_the_issuers_is_believed(published, algorithm):
    pair = FOREIGN[algorithm]
    for headers in (
        {"kid": algorithm},
        {"kid": "foreign"},
        {"kid": ""},
        {"kid": "../../../../dev/null"},
        {"kid": algorithm, "jwk": pair.jwk},
        {"kid": algorithm, "jku": published.server.url},
        {"kid": algorithm, "x5u": "http://127.0.0.1:1/x"},
    ):
        assert await published.believes(pair.sign(SUBJECT, headers, now=NOON)) is None


@pytest.mark.parametrize("kid", [1, ["RS256"], {}, None, True])
async def test_a_key_is_named_by_words(published, kid):
    claims = claims_of(SUBJECT, now=NOON)
    assert await published.believes(forged(claims, b"x", alg="RS256", kid=kid)) is None


async def test_a_token_without_the_name_of_a_key_is_none(published):
    text = jwt.encode(claims_of(SUBJECT, now=NOON), PAIRS["RS256"].private, "RS256")
    assert await published.believes(text) is None


async def test_what_must_be_understood_and_is_not_is_none(family):
    signed = {"crit": ["x"], "x": 1}
    claims = claims_of(SUBJECT, now=NOON)
    if family.server is None:
        text = forged(claims, SECRET.encode(), alg="HS256", **signed)
    else:
        text = family.token(headers=signed)
    assert await family.believes(text) is None


async def test_an_issuer_is_one(secret):
    for issuer in ([ISSUER], {ISSUER: 1}, 1, True):
        text = forged(claims_of(SUBJECT, now=NOON, iss=issuer), SECRET.encode(), alg="HS256")
        assert not secret.tokens.issued(text)
        assert await secret.believes(text) is None


def actor():
    return Actor.with_roles(uuid4(), uuid4(), ("admin",))


async def test_a_token_of_ours_is_not_theirs(family, own):
    text = own.issue(actor()).text
    assert not family.tokens.issued(text)
    assert await family.believes(text) is None


@pytest.mark.parametrize("issuer", [ISSUER, "opstream"])
async def test_our_key_signs_nothing_of_theirs(published, own_key, own, issuer):
    for kid in (own_key.kid, "RS256"):
        headers = {"kid": kid, "typ": "at+jwt"}
        claims = claims_of(SUBJECT, now=NOON, iss=issuer, tid=str(uuid4()), jti="1")
        text = jwt.encode(claims, own_key.private, "RS256", headers=headers)
        assert await published.believes(text) is None
        with pytest.raises(Unauthenticated):
            own.verify(text)


@pytest.mark.parametrize("issuer", [ISSUER, "opstream"])
async def test_their_key_signs_nothing_of_ours(published, own_key, own, issuer):
    for kid in (own_key.kid, "RS256"):
        ours = {"iss": issuer, "aud": "opstream", "tid": str(uuid4()), "jti": "1", "roles": []}
        headers = {"kid": kid, "typ": "at+jwt"}
        text = PAIRS["RS256"].sign(str(uuid4()), headers, now=NOON, **ours)
        with pytest.raises(Unauthenticated):
            own.verify(text)
        assert await published.believes(text) is None


async def test_their_secret_signs_nothing_of_ours(secret, own_key, own):
    ours = {"iss": "opstream", "aud": "opstream", "tid": str(uuid4()), "jti": "1", "roles": []}
    claims = claims_of(str(uuid4()), now=NOON, **ours)
    text = forged(claims, SECRET.encode(), alg="HS256", kid=own_key.kid, typ="at+jwt")
    assert not secret.tokens.issued(text)
    with pytest.raises(Unauthenticated):
        own.verify(text)


async def test_a_token_whose_key_was_withdrawn_is_forgotten(published):
    text = published.token(headers={"kid": "RS256"})
    assert await published.tokens.subject(text) == SUBJECT
    published.server.publish({**PAIRS["ES256"].jwk, "kid": "ES256"})
    published.clock.now += timedelta(seconds=LIFE - 1)
    assert await published.tokens.subject(text) == SUBJECT
    published.clock.now += timedelta(seconds=1)
    assert await published.believes(text) is None


async def test_while_the_issuer_is_away_what_is_known_goes_on(published):
    token = {"headers": {"kid": "RS256"}}
    text = published.token(**token)
    published.server.is_up = False
    with pytest.raises(Unavailable):
        await published.tokens.subject(text)
    published.server.is_up = True
    published.clock.now += timedelta(seconds=10)
    assert await published.tokens.subject(text) == SUBJECT
    published.server.is_up = False
    published.clock.now += timedelta(seconds=LIFE)
    assert await published.tokens.subject(text) == SUBJECT
    assert await published.tokens.subject(published.token("another", **token)) == "another"


async def test_forged_names_of_keys_cost_the_issuer_nothing(published):
    for number in range(50):
        name = hashlib.sha256(bytes([number])).hexdigest()
        forgery = FOREIGN["ES256"].sign(SUBJECT, {"kid": name}, now=NOON)
        assert await published.believes(forgery) is None
    assert published.server.asked == 1
