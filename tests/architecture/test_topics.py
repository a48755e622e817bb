"""Topics are names for ever: `topics.txt` only grows.

A new event or aggregate adds its topic there. Nothing is ever taken away or renamed, since the log
holds these names; the class behind a topic may move and be renamed freely.
"""

import ast
from collections import Counter

import pytest
from eventsourcing.utils import resolve_topic

from domain.shared.aggregate import Aggregate
from tests.architecture.code import ROOT, files_of, name_of
from tests.support.events import event_classes

LISTED = (ROOT / "tests/architecture/topics.txt").read_text().split()


def aggregates():
    found = [kind for kind in Aggregate.__subclasses__() if kind.__module__.startswith("domain.")]
    return {kind for kind in found if resolve_topic(kind.TOPIC) is kind}


def topics():
    event_topics = {kind.TOPIC for kind in event_classes()}
    return event_topics | {kind.TOPIC for kind in aggregates()}


def test_a_topic_is_listed_once():
    assert len(LISTED) >= 26
    assert max(Counter(LISTED).values()) == 1


@pytest.mark.parametrize("topic", LISTED)
def test_a_topic_that_is_listed_still_has_its_class(topic):
    assert topic in topics(), f"The log may hold {topic}: a class must go on reading it."


@pytest.mark.parametrize("topic", sorted(topics()))
def test_a_topic_of_the_code_is_listed(topic):
    assert topic in LISTED, f"Add {topic} to topics.txt, for ever."


def declared():
    """Every class of the domain that is written as an event or an aggregate."""
    for file in files_of("domain"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef) and KINDS & {
                ast.unparse(base) for base in node.bases
            }:
                yield file, node


KINDS = {"Event", "Created", "Aggregate"}
BASES = {"Created"}
"""What others derive from has no name of its own."""


def test_every_event_and_aggregate_says_its_topic_itself():
    found = [(file, node) for file, node in declared() if node.name not in BASES]
    assert len(found) >= 26
    for file, node in found:
        said = [line.value for line in node.body if ast.unparse(line).startswith("TOPIC = ")]
        assert len(said) == 1, f"{name_of(file)}: {node.name} has no TOPIC"
        context, name = said[0].value.split(".")
        assert f"domain/{context}/" in name_of(file)
        assert name.isalnum()


def test_every_nested_event_class_of_an_aggregate_is_found():
    for aggregate in aggregates():
        nested = {
            value
            for name, value in vars(aggregate).items()
            if isinstance(value, type) and name != "Event"
        }
        assert nested, aggregate
        assert nested <= set(event_classes()), aggregate
