"""What is stored can be read back, now and in ten years.

`samples/` keeps one stored event of every topic, as JSON, for ever. A new event class needs a line
in `tests/support/events.py` and a new file here: the test that misses it prints what to save. A
sample is never changed. When an event class changes shape, give it a `class_version` and an
`upcast_v1_v2`, and save what it stores now as a second file, `<topic>.v2.json`.
"""

import json
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, get_origin, get_type_hints
from uuid import UUID

import pytest
from eventsourcing.persistence import MapperDeserialisationError, StoredEvent
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.shared.aggregate import Aggregate, Event
from domain.shared.money import LARGEST, Money
from domain.shared.period import Period
from infrastructure.event_store.mapper import EventMapper, UnknownTopicError
from tests.support.events import event_classes, examples
from tests.support.scheduling import ANA, LAST_WEEK, SHIFT

SAMPLES = Path(__file__).parent / "samples"
EXAMPLES = examples()
MAPPER = EventMapper()
each_topic = pytest.mark.parametrize("topic", EXAMPLES)


def as_sample(event):
    stored = MAPPER.to_stored_event(event)
    state = json.loads(stored.state)
    sample = {"topic": stored.topic, "originator_id": str(stored.originator_id)}
    return sample | {"originator_version": stored.originator_version, "state": state}


def read_sample(file):
    sample = json.loads(file.read_text())
    return StoredEvent(
        UUID(sample["originator_id"]),
        sample["originator_version"],
        sample["topic"],
        json.dumps(sample["state"]).encode(),
    )


def test_there_is_an_example_of_every_event_class():
    assert {kind.TOPIC for kind in event_classes()} == set(EXAMPLES)
    assert len(EXAMPLES) >= 23


@each_topic
def test_an_event_comes_back_as_it_was(topic):
    event = EXAMPLES[topic]
    stored = MAPPER.to_stored_event(event)
    assert (stored.originator_id, stored.originator_version, stored.topic) == (
        event.originator_id,
        event.originator_version,
        topic,
    )
    back = MAPPER.to_domain_event(stored)
    assert type(back) is type(event)
    assert vars(back) == vars(event)
    for name, value in vars(event).items():
        assert isinstance(getattr(back, name), type(value)), name


@each_topic
def test_what_was_stored_is_read_back_for_ever(topic):
    file = SAMPLES / f"{topic}.json"
    assert file.exists(), (
        f"There is no sample of {topic}. Save this, for ever, as {file}:\n"
        + json.dumps(as_sample(EXAMPLES[topic]), indent=2)
    )
    assert MAPPER.to_domain_event(read_sample(file)) == EXAMPLES[topic]


def test_every_sample_can_be_read():
    files = sorted(SAMPLES.glob("*.json"))
    assert len(files) >= 24
    for file in files:
        event = MAPPER.to_domain_event(read_sample(file))
        assert file.name.startswith(event.TOPIC)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MOMENTS = st.datetimes(timezones=st.just(UTC))
st.register_type_strategy(datetime, MOMENTS)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(Period, st.builds(Period, MOMENTS, MOMENTS))
st.register_type_strategy(
    Money, st.builds(Money, st.decimals(0, LARGEST, places=2), st.just("EUR"))
)
st.register_type_strategy(object, JSON)


@pytest.mark.parametrize("kind", event_classes(), ids=lambda kind: kind.TOPIC)
@settings(max_examples=15, deadline=None)
@for_all(st.data())
def test_any_values_come_back_as_they_were(kind, data):
    hints = {
        name: hint
        for name, hint in get_type_hints(kind).items()
        if get_origin(hint) is not ClassVar
    }
    fields = {name: data.draw(st.from_type(hint)) for name, hint in hints.items()}
    event = object.__new__(kind)
    event.__dict__.update(fields)
    back = MAPPER.to_domain_event(MAPPER.to_stored_event(event))
    assert vars(back) == vars(event)


def test_what_is_stored_is_plain_json():
    event = EXAMPLES["scheduling.PersonAdded"]
    assert json.loads(MAPPER.to_stored_event(event).state) == {
        "timestamp": "2026-10-26T06:00:00Z",
        "originator_topic": "scheduling.Person",
        "name": "Ana",
        "email": "ana@demo.test",
        "kind": "volunteer",
        "roles": ["nurse"],
        "account_id": "0000000e-0000-4000-8000-000000000001",
        "phone": None,
        "weekly_hour_cap": None,
        "hourly_rate": None,
        "class_version": 3,
    }


@pytest.mark.parametrize(
    "topic", ["scheduling.Nothing", "scheduling.Shift", "os:system", "no.such.module:Thing", ""]
)
def test_an_unknown_topic_is_named(topic):
    assert not MAPPER.knows(topic)
    with pytest.raises(UnknownTopicError, match=f"topic {topic}|{topic} is not"):
        MAPPER.to_domain_event(StoredEvent(SHIFT, 1, topic, b"{}"))


def test_a_known_topic_is_known():
    assert MAPPER.knows("scheduling.ShiftPublished")


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"nonsense",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"timestamp":"yesterday","person_id":"0000000d-0000-4000-8000-000000000001"}',
        b'{"timestamp":"2026-10-26T06:00:00Z","person_id":"Ana"}',
    ],
)
def test_what_can_not_be_read_is_named(state):
    with pytest.raises(MapperDeserialisationError, match=rf"PersonAssigned {SHIFT} v7"):
        MAPPER.to_domain_event(StoredEvent(SHIFT, 7, "scheduling.PersonAssigned", state))


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "hyacinth"},
        {"email": {"hyacinth": 1}},
        {"timestamp": "hyacinth"},
        {"roles": "hyacinth"},
    ],
    ids=str,
)
def test_what_can_not_be_read_is_not_quoted(changed):
    """It is somebody's name or address, and the message goes to the log, causes and all."""
    stored = MAPPER.to_stored_event(EXAMPLES["scheduling.PersonAdded"])
    state = json.dumps({**json.loads(stored.state), "name": "hyacinth", **changed}).encode()
    with pytest.raises(MapperDeserialisationError) as told:
        MAPPER.to_domain_event(replace(stored, state=state))
    trace = "".join(traceback.format_exception(told.value, limit=0))
    assert "hyacinth" not in trace
    assert next(iter(changed)) in trace


class Parcel(Aggregate):
    """Moved was stored in its youth as `{"to": …}`, and later as `{"place": …}`."""

    TOPIC = "test.Parcel"

    class Moved(Event):
        TOPIC = "test.Moved"
        class_version = 3
        place: str
        floor: int

        @staticmethod
        def upcast_v1_v2(state):
            state["place"] = state.pop("to")

        @staticmethod
        def upcast_v2_v3(state):
            state["floor"] = 0

    class Lost(Event):
        TOPIC = "test.Lost"
        class_version = 2


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "Ward 1"},
        {"place": "Ward 1", "class_version": 2},
        {"place": "Ward 1", "floor": 0, "class_version": 3},
    ],
    ids=["v1", "v2", "v3"],
)
def test_what_older_code_stored_is_lifted_to_what_is_known_now(fields):
    state = json.dumps({"timestamp": LAST_WEEK.isoformat(), **fields}).encode()
    event = MAPPER.to_domain_event(StoredEvent(ANA, 4, "test.Moved", state))
    assert vars(event) == {
        "originator_id": ANA,
        "originator_version": 4,
        "timestamp": LAST_WEEK,
        "place": "Ward 1",
        "floor": 0,
    }


def test_what_is_stored_now_says_its_version():
    event = Parcel.Moved(
        originator_id=ANA, originator_version=4, timestamp=LAST_WEEK, place="Ward 1", floor=1
    )
    stored = MAPPER.to_stored_event(event)
    assert json.loads(stored.state)["class_version"] == 3
    assert MAPPER.to_domain_event(stored) == event


@pytest.mark.parametrize("state", [b"{}", b"[]", b"null", b"1"])
def test_what_can_not_be_lifted_is_named(state):
    for topic in ("test.Moved", "test.Lost"):
        with pytest.raises(MapperDeserialisationError, match=topic):
            MAPPER.to_domain_event(StoredEvent(ANA, 1, topic, state))
