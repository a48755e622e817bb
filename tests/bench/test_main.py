"""Which parts run, with what, and how their answers are told."""

import pytest
import typer

from tests.bench import table
from tests.bench.catalogue import PARTS
from tests.bench.main import chosen, numbers


def test_parts_run_in_their_own_order_and_without_names_those_of_the_default():
    assert [part.name for part in chosen(["memory", "commands"])] == ["commands", "memory"]
    assert [part.name for part in chosen(["all"])] == list(PARTS)
    assert [part.name for part in chosen([])] == ["commands", "projector"]
    with pytest.raises(typer.BadParameter, match="no such part: speed"):
        chosen(["speed"])


def test_the_default_takes_less_than_10_minutes_and_everything_less_than_30():
    assert len(PARTS) == 11
    assert sum(part.minutes for part in PARTS.values() if part.by_default) < 10
    assert sum(part.minutes for part in PARTS.values()) < 30


@pytest.mark.parametrize("text", ["", "1,x", "0", "1,513"])
def test_lists_of_numbers_are_read_strictly(text):
    with pytest.raises(typer.BadParameter):
        numbers(text, highest=512)


def test_answers_that_reads_do_not_show_are_told_as_such():
    assert table.refused({1: 3, 409: 2, 0: 1}) == [
        "1 answers that never came",
        "3 answers that reads did not show yet",
        "2 answers with status 409",
    ]
