"""A checkpoint's form, its signature, and the digests that it vouches for."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from infrastructure.sealing.checkpoint import Checkpoint, NotACheckpointError, distrust
from infrastructure.sealing.digests import GENESIS, SIZE, first_difference, folded, packed, unpacked
from infrastructure.sealing.evidence import examined
from tests.support.sealing import ANOTHER, KEY

TRUSTED = {KEY.id: KEY.public}
digests = some.lists(some.binary(min_size=SIZE, max_size=SIZE), max_size=6)


def checkpoint(number=1, key=KEY, **others):
    told = {
        "number": number,
        "position": 10 * number,
        "log_hash": "a" * 64,
        "trail_position": 9 * number,
        "trail_hash": "b" * 64,
        "made_at": "2026-11-21T08:00:00.000000+00:00",
        "key_id": KEY.id,
        "previous": GENESIS,
    }
    return Checkpoint(**told | others).signed(key.private)


def chain(count):
    links, previous = [], GENESIS
    for number in range(1, count + 1):
        links.append(checkpoint(number, previous=previous))
        previous = links[-1].hash
    return links


def lines(links):
    return [(number, link.line) for number, link in enumerate(links, 1)]


def finding_in(numbered):
    found = examined("checkpoints", numbered, TRUSTED).finding
    return found and (found.place, found.what)


def test_it_is_written_as_one_line_of_json_and_read_back():
    made = checkpoint()
    assert Checkpoint.read(made.line) == made
    assert "\n" not in made.line
    assert set(json.loads(made.line)) == set(Checkpoint.__slots__)


@pytest.mark.parametrize("name", sorted(set(Checkpoint.__slots__) - {"signature", "key_id"}))
def test_the_signature_covers_everything_that_it_says(name):
    made = checkpoint()
    value = getattr(made, name)
    other = replace(made, **{name: value + 1 if isinstance(value, int) else value + "0"})
    assert distrust(made, TRUSTED) is None
    assert distrust(other, TRUSTED) == "has a wrong signature"


def test_the_signature_covers_the_keys_name():
    named = replace(checkpoint(key_id="another"), key_id=KEY.id)
    assert distrust(named, TRUSTED) == "has a wrong signature"


def test_a_key_that_is_not_known_proves_nothing():
    made = checkpoint(key_id=ANOTHER.id, key=ANOTHER)
    assert "a key that is not known here" in distrust(made, TRUSTED)
    assert distrust(made, TRUSTED | {ANOTHER.id: ANOTHER.public}) is None


@pytest.mark.parametrize("signature", ["", "x", "é", "AAAA", "A" * 88])
def test_nonsense_is_no_signature(signature):
    assert distrust(replace(checkpoint(), signature=signature), TRUSTED) == "has a wrong signature"


@pytest.mark.parametrize(
    "line",
    [
        *("", "x", "[]", "null", "{}", '{"number": 1}'),
        replace(checkpoint(), number="1").line,
        replace(checkpoint(), number=True).line,
        replace(checkpoint(), made_at="yesterday").line,
        checkpoint().line.replace("{", '{"more": 1, ', 1),
    ],
)
def test_what_is_not_a_checkpoint(line):
    with pytest.raises(NotACheckpointError):
        Checkpoint.read(line)


def test_a_chain_is_good():
    assert finding_in(lines(chain(4))) is None
    assert finding_in([]) is None


def test_the_first_that_is_missing_or_does_not_follow_is_told():
    good = lines(chain(4))
    assert finding_in(good[1:]) == (1, "is missing")
    assert finding_in([good[0], *good[2:]]) == (2, "is missing")
    assert finding_in([*good[:2], good[1], *good[2:]]) == (2, "is one too many")
    assert finding_in([(1, good[1][1])]) == (1, "says that it is number 2")
    assert finding_in([good[0], (2, checkpoint(2).line)]) == (2, "does not follow the one before")
    assert finding_in([(1, good[0][1].replace(":", ": ", 1))]) == (
        1,
        "is not written as checkpoints are",
    )
    backwards = checkpoint(2, previous=chain(1)[0].hash, position=9)
    assert finding_in([good[0], (2, backwards.line)]) == (2, "does not follow the one before")


@given(digests, digests)
def test_the_running_hash_does_not_depend_on_where_it_was_interrupted(one, other):
    assert folded(folded(GENESIS, one), other) == folded(GENESIS, [*one, *other])


@given(digests, digests)
def test_rows_that_differ_have_another_running_hash(one, other):
    assert (folded(GENESIS, one) == folded(GENESIS, other)) == (one == other)
    assert (first_difference(one, other) is None) == (one == other)


@given(digests)
def test_digests_are_packed_and_unpacked(given_digests):
    assert unpacked(packed(given_digests)) == given_digests
