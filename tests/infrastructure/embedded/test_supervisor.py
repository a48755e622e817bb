import os
import signal
import sys
import threading
import time

import pytest

from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.probe import Probe
from infrastructure.embedded.process import Program
from infrastructure.embedded.supervisor import Service, Supervisor
from tests.infrastructure.embedded.support import eventually
from tests.infrastructure.embedded.test_process import deaf, sleeper
from tests.support.waiting import sooner_than


@pytest.fixture
def events():
    return []


@pytest.fixture
def supervisor(events):
    supervisor = Supervisor(lambda name, what: events.append((time.monotonic(), name, what)))
    yield supervisor
    supervisor.stop_all(1.0)


def ticking(supervisor, condition, seconds=3.0):
    def tick_and_ask():
        supervisor.tick()
        return condition()

    return eventually(tick_and_ask, seconds)


def whats(events):
    return [what for _, _, what in events]


def test_a_killed_child_is_noticed_and_restarted_at_once(supervisor, events):
    supervisor.add(Service("one", sleeper().start))
    first = supervisor.child("one")
    os.kill(first.pid, signal.SIGKILL)
    assert ticking(supervisor, lambda: supervisor.child("one") not in {None, first})
    assert supervisor.child("one").alive
    assert whats(events)[1] == "ended with code -9, next start in 0.1 s"


def test_it_backs_off_from_a_child_that_keeps_dying(supervisor, events):
    supervisor.add(Service("false", Program("false", ("/bin/false",)).start))
    assert ticking(supervisor, lambda: len(events) == 8)
    assert [what.rpartition("in ")[2] for what in whats(events)[1::2]] == [
        "0.1 s",
        "0.2 s",
        "0.4 s",
        "0.8 s",
    ]
    starts = [when for when, _, what in events if what.startswith("started")]
    assert starts[3] - starts[2] > 0.4


def test_a_start_that_fails_is_tried_again(supervisor, events):
    failures = iter([StartupFailed("not now")])

    def sometimes():
        for failure in failures:
            raise failure
        return sleeper().start()

    child = sleeper().start()
    supervisor.add(Service("one", sometimes), child)
    child.kill()
    assert ticking(supervisor, lambda: supervisor.child("one") not in {None, child})
    assert "not now, next start in 0.2 s" in whats(events)


def test_the_first_start_fails_loudly(supervisor):
    with pytest.raises(StartupFailed):
        supervisor.add(Service("ghost", Program("ghost", ("/no/such/program",)).start))


@pytest.mark.usefixtures("fast_probes")
def test_a_child_that_was_well_and_no_longer_is_gets_killed(supervisor, events):
    answers = iter([True])
    supervisor.add(Service("one", sleeper().start, lambda: next(answers, False)))
    first = supervisor.child("one")
    assert ticking(supervisor, lambda: supervisor.child("one") not in {None, first})
    assert not first.alive
    assert "was not well and was killed, next start in 0.1 s" in whats(events)


def test_a_child_that_was_never_well_has_time_to_become_so():
    probe = Probe(lambda: False, every=0.0)
    assert not eventually(probe.given_up, 0.2)
    assert probe._failures > 3


def test_a_child_that_does_not_become_well_in_20_seconds_is_given_up():
    """NATS, whose disk filled up as it started, stays unwell; 30 s after there is room again all
    must have caught up.
    """
    probe = Probe(lambda: False, every=0.0)
    probe._born -= 20
    assert eventually(probe.given_up, 2)


def test_two_failures_are_forgiven():
    answers = iter([True, False, False, True, False, False] + [True] * 1000)
    probe = Probe(lambda: next(answers), every=0.0)
    assert not eventually(probe.given_up, 0.2)


@pytest.mark.usefixtures("fast_probes")
def test_a_probe_that_hangs_does_not_hold_up_the_supervisor(supervisor):
    answer = threading.Event()
    supervisor.add(Service("one", sleeper().start, lambda: answer.wait(30)))
    with sooner_than(30):
        for _ in range(10):
            supervisor.tick()
    answer.set()


def test_all_are_stopped_in_reverse_order_even_when_one_is_deaf(supervisor, events, tmp_path):
    for name, program in (
        ("one", sleeper()),
        ("two", deaf(tmp_path / "log")),
        ("three", sleeper()),
    ):
        supervisor.add(Service(name, program.start))
    assert eventually((tmp_path / "log").read_text)
    supervisor.stop_all(1.0)
    assert [name for _, name, what in events if what.startswith("stopped")] == [
        "three",
        "two",
        "one",
    ]


def test_nothing_is_restarted_after_all_were_stopped(supervisor):
    supervisor.add(Service("one", sleeper().start))
    child = supervisor.child("one")
    supervisor.stop_all()
    for _ in range(5):
        supervisor.tick()
    assert supervisor.child("one") is child


def test_a_signal_handler_may_end_it(supervisor):
    supervisor.add(Service("one", sleeper().start))
    stop = threading.Event()
    before = signal.signal(signal.SIGALRM, lambda _signum, _frame: stop.set())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        supervisor.run_forever(stop)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_signal_handler_may_stop_all(supervisor):
    child_code = "import time; time.sleep(60)"
    supervisor.add(Service("py", Program("py", (sys.executable, "-c", child_code)).start))
    before = signal.signal(signal.SIGALRM, lambda _signum, _frame: supervisor.stop_all(2.0))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        supervisor.run_forever(threading.Event())
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not supervisor.child("py").alive
