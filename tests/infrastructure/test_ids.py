"""New identifiers."""

import time
from uuid import RFC_4122

from infrastructure.ids import new_id


def test_they_are_of_version_7():
    made = [new_id() for _ in range(1_000)]
    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}


def test_no_two_are_alike():
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_they_begin_with_the_time():
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000
    assert before <= made.int >> 80 <= after


def test_later_ones_come_after_earlier_ones():
    earlier = new_id()
    time.sleep(0.002)
    assert earlier < new_id()
