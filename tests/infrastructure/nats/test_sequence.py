"""Order from disorder, without any server."""

import random

from hypothesis import given
from hypothesis import strategies as st

from infrastructure.nats.sequence import Sequence


@given(st.lists(st.integers(1, 30)), st.integers(1, 7), st.randoms())
def test_whatever_comes_every_position_is_taken_once_and_in_order(extra, limit, rng: random.Random):
    coming = [*range(1, 31), *extra]
    rng.shuffle(coming)
    sequence, taken = Sequence(0), []
    for position in coming:
        sequence.add(position, position)
        if rng.random() < 0.5:
            while batch := sequence.next(limit):
                taken += batch
                sequence.taken(batch[-1])
    while batch := sequence.next(limit):
        taken += batch
        sequence.taken(batch[-1])
    assert taken == list(range(1, 31))


def test_nothing_behind_a_gap_is_taken():
    sequence = Sequence(4)
    assert sequence.add(6, "six")
    assert sequence.next(10) == []
    assert sequence.add(5, "five")
    assert sequence.next(10) == ["five", "six"]
    assert sequence.next(1) == ["five"]


def test_what_was_taken_is_no_news():
    sequence = Sequence(4)
    assert not sequence.add(4, "four")
    assert sequence.add(5, "five")
    assert not sequence.add(5, "five again")


def test_what_is_given_up_may_come_again():
    sequence = Sequence(0)
    sequence.add(2, "two")
    assert sequence.give_up() == ["two"]
    assert sequence.add(2, "two")
