"""The keys of an external issuer, asked of a real server: seldom, once for all, and in time."""

import asyncio
import json
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from domain.shared.errors import Unauthenticated, Unavailable
from infrastructure.identity import published_keys
from infrastructure.identity.published_keys import LARGEST, LIFE, PAUSE, PublishedKeys
from tests.support.issuer import ALGORITHMS, Pair, publishing
from tests.support.logs import logged
from tests.support.waiting import sooner_than

ONE, TWO = Pair.of("ES256", "one"), Pair.of("ES256", "two")


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def server():
    with publishing(ONE) as published:
        yield published


@pytest.fixture
def keys(server, clock):
    return PublishedKeys(server.url, clock)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(published_keys, "PATIENCE", 0.2)


async def is_known(keys, kid="one"):
    """As a token that names the key asks for it."""
    await keys.renew()
    try:
        return bool(await keys.named(kid))
    except Unauthenticated:
        return False


async def is_unavailable(keys, kid="one"):
    with pytest.raises(Unavailable) as told:
        await is_known(keys, kid)
    return told.value.retry_after


async def test_nobody_is_asked_before_a_token_comes(server, keys):
    assert (server.asked, keys.generation) == (0, 0)


async def test_keys_are_asked_for_once(server, keys, clock):
    for _ in range(5):
        assert await is_known(keys)
        clock.now += LIFE / 6
    assert server.asked == 1


async def test_all_who_come_at_once_share_one_request(server, keys):
    server.delay = 0.1
    assert all(await asyncio.gather(*(is_known(keys) for _ in range(50))))
    assert server.asked == 1


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_key_has_the_one_algorithm_of_its_type(server, keys, algorithm):
    pair = Pair.of(algorithm)
    jwk = {name: value for name, value in pair.jwk.items() if name not in {"alg", "use"}}
    server.publish(jwk)
    await keys.renew()
    assert (await keys.named("one")).algorithm == algorithm


async def test_names_that_nobody_knows_make_one_request_in_ten_seconds(server, keys, clock):
    assert await is_known(keys)
    assert not any(await asyncio.gather(*(is_known(keys, f"a{n}") for n in range(100))))
    assert server.asked == 1
    clock.now += PAUSE
    assert not any(await asyncio.gather(*(is_known(keys, f"b{n}") for n in range(100))))
    clock.now += PAUSE - 0.1
    assert not any([await is_known(keys, f"c{n}") for n in range(100)])
    assert server.asked == 2
    assert await is_known(keys)


async def test_a_new_key_is_found_when_a_token_names_it(server, keys, clock):
    assert await is_known(keys)
    server.publish(ONE, TWO)
    clock.now += PAUSE
    assert await is_known(keys, "two")
    assert await is_known(keys, "one")
    assert (server.asked, keys.generation) == (2, 2)


async def test_a_key_that_was_withdrawn_ends_within_five_minutes(server, keys, clock):
    assert await is_known(keys)
    server.publish(TWO)
    clock.now += LIFE - 1
    assert await is_known(keys)
    clock.now += 1
    assert not await is_known(keys)
    assert await is_known(keys, "two")
    assert server.asked == 2


async def test_an_issuer_without_keys_has_withdrawn_them_all(server, keys, clock):
    assert await is_known(keys)
    server.publish()
    clock.now += LIFE
    assert not await is_known(keys)


async def test_the_same_keys_are_no_news(server, keys, clock):
    assert await is_known(keys)
    clock.now += LIFE
    assert await is_known(keys)
    assert (server.asked, keys.generation) == (2, 1)


async def test_as_long_as_no_key_is_known_who_asks_is_to_come_again(server, keys, clock):
    server.is_up = False
    assert await is_unavailable(keys) == 10
    clock.now += 4
    for _ in range(20):
        assert await is_unavailable(keys) == 6
    assert server.asked == 1
    server.is_up = True
    clock.now += 6
    assert await is_known(keys)
    assert server.asked == 2


async def test_nobody_listens(clock):
    with publishing() as gone:
        url = gone.url
    assert await is_unavailable(PublishedKeys(url, clock)) == 10


async def test_known_keys_outlast_an_issuer_that_is_away(server, keys, clock):
    assert await is_known(keys)
    server.is_up = False
    for _ in range(10):
        clock.now += LIFE
        assert await is_known(keys)
        await until_answered(keys)
    assert await is_unavailable(keys, "two") == 10
    server.is_up = True
    server.publish(ONE, TWO)
    clock.now += PAUSE
    assert await is_known(keys, "two")


@pytest.mark.usefixtures("impatient")
async def test_a_slow_issuer_is_not_waited_for(server, keys, clock):
    server.delay = 30
    with sooner_than(server.delay):
        await asyncio.gather(*(is_unavailable(keys) for _ in range(10)))
    server.delay = 0
    await until_answered(keys)
    clock.now += PAUSE
    assert await is_known(keys)


@pytest.mark.usefixtures("impatient")
async def test_known_keys_wait_for_a_slow_issuer_once(server, keys, clock):
    assert await is_known(keys)
    server.delay = 30
    clock.now += LIFE
    with sooner_than(server.delay):
        for _ in range(20):
            assert await is_known(keys)
    assert server.asked == 2
    server.delay = 0
    await until_answered(keys)


async def test_known_keys_do_not_wait_again_for_an_issuer_that_failed(
    server, keys, clock, monkeypatch
):
    monkeypatch.setattr(published_keys, "PATIENCE", 60)
    assert await is_known(keys)
    server.is_up = False
    clock.now += LIFE
    assert await is_known(keys)
    server.is_up, server.delay = True, 30
    with sooner_than(server.delay):
        for _ in range(20):
            clock.now += PAUSE
            assert await is_known(keys)
    server.delay = 0
    await until_answered(keys)


@pytest.mark.usefixtures("impatient")
async def test_what_hangs_below_all_timeouts_is_not_waited_for_either(clock):
    """As a resolver of names may."""
    gate = threading.Event()
    keys = PublishedKeys("", clock, lambda _: gate.wait(5) and {})
    assert await is_unavailable(keys) == 10
    gate.set()
    await until_answered(keys)
    assert not await is_known(keys)


@pytest.mark.usefixtures("impatient")
async def test_an_answer_that_drips_is_none(server, keys):
    server.drip = 0.05
    await is_unavailable(keys)
    await until_answered(keys)
    await is_unavailable(keys)


async def until_answered(keys):
    if keys._asking is not None:
        await asyncio.wait({keys._asking})


GARBAGE = {
    "nothing": b"",
    "a page": b"<html>",
    "a list": b"[]",
    "null": b"null",
    "no keys": b"{}",
    "keys that are none": b'{"keys": 3}',
    "deep": b"[" * 50_000,
    "cut off": b'{"keys": [{"kty": "RSA"',
    "no text": b"\xff\xfe",
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=list(GARBAGE))
async def test_garbage_is_no_answer(server, keys, clock, content):
    good, server.content = server.content, content
    await is_unavailable(keys)
    server.content = good
    clock.now += PAUSE
    assert await is_known(keys)
    server.content = content
    clock.now += LIFE
    assert await is_known(keys)


async def test_too_much_is_no_answer(server, keys, clock):
    server.content = server.content.ljust(LARGEST + 1)
    await is_unavailable(keys)
    server.content = server.content[:LARGEST]
    clock.now += PAUSE
    assert await is_known(keys)


@pytest.mark.parametrize("status", [204, 403, 404, 500, 503])
async def test_an_error_is_no_answer(server, keys, status):
    server.status, server.content = status, b"" if status == 204 else server.content
    await is_unavailable(keys)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_nobody_is_sent_elsewhere(server, keys, status):
    with publishing(ONE) as elsewhere:
        server.status, server.location = status, elsewhere.url
        await is_unavailable(keys)
        assert elsewhere.asked == 0


def rsa_jwk(bits):
    return RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, bits).public_key(), as_dict=True)


def ec_jwk(curve):
    return ECAlgorithm.to_jwk(ec.generate_private_key(curve).public_key(), as_dict=True)


USELESS = {
    "a shared secret": {"kty": "oct", "k": "c2VjcmV0" * 8},
    "a shared secret by name": {**ONE.jwk, "kty": "oct", "k": "c2VjcmV0" * 8, "alg": "HS256"},
    "for encryption": {**ONE.jwk, "use": "enc"},
    "of another algorithm": {**ONE.jwk, "alg": "ES384"},
    "of the algorithm none": {**ONE.jwk, "alg": "none"},
    "of another type": {**ONE.jwk, "kty": "RSA", "alg": "RS256"},
    "of another curve": ec_jwk(ec.SECP384R1()),
    "that is short": rsa_jwk(1024),
    "that is private": ECAlgorithm.to_jwk(ONE.private, as_dict=True),
    "that is no point": {**ONE.jwk, "x": ONE.jwk["y"]},
    "without numbers": {"kty": "RSA", "n": "", "e": ""},
    "of no type": {"crv": "P-256"},
    "of lists": {**ONE.jwk, "x": []},
    "of several algorithms": {**ONE.jwk, "alg": ["ES256"]},
    "of several types": {**ONE.jwk, "kty": ["EC"]},
    "for several uses": {**ONE.jwk, "use": ["sig"]},
}


@pytest.mark.parametrize("jwk", USELESS.values(), ids=list(USELESS))
async def test_a_key_that_can_not_be_used_is_none(server, keys, jwk):
    server.publish({**jwk, "kid": "one"}, TWO)
    assert not await is_known(keys)
    assert await is_known(keys, "two")


@pytest.mark.parametrize("kid", [None, 1, ["one"], {}])
async def test_a_key_without_a_name_is_none(server, keys, kid):
    server.publish({**ONE.jwk, "kid": kid}, TWO, [], "one")
    assert not await is_known(keys)
    assert await is_known(keys, "two")


async def test_of_two_keys_with_one_name_the_first_counts(server, keys):
    server.publish(ONE, {**TWO.jwk, "kid": "one"})
    await keys.renew()
    assert (await keys.named("one")).jwk == json.loads(json.dumps(ONE.jwk))


async def test_what_failed_is_told_without_words_of_the_issuer(server, keys):
    server.content = b"hush"
    with logged() as lines:
        await is_unavailable(keys)
    assert [line["event"] for line in lines] == ["external_keys.unreadable"]
    assert "hush" not in str(lines)
