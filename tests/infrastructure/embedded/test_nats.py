import os
import resource
import shutil
import signal
from contextlib import contextmanager
from functools import partial

import nats
import pytest

from infrastructure.embedded import nats as embedded_nats
from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.nats import USER, EmbeddedNats
from infrastructure.embedded.round_trip import round_trip
from infrastructure.embedded.supervisor import Service, Supervisor
from tests.infrastructure.embedded.support import eventually


@pytest.fixture
def server(data_dir):
    server = EmbeddedNats(data_dir)
    server.prepare()
    server.start_child()
    server.wait_ready()
    yield server
    server._child.stop()


async def connect(url):
    return await nats.connect(url, connect_timeout=1, max_reconnect_attempts=0)


@contextmanager
def no_room_for(server):
    """It can't make a file longer for as long as the block runs."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(server._child.pid, resource.RLIMIT_FSIZE, (16, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(server._child.pid, resource.RLIMIT_FSIZE, unlimited)


async def published(url, timeout=5.0):  # noqa: ASYNC109
    """How many messages the stream T holds after one more."""
    link = await connect(url)
    try:
        stream = link.jetstream()
        await stream.add_stream(name="T", subjects=["t"])
        await stream.publish("t", b"x", timeout=timeout)
        return (await stream.stream_info("T")).state.messages
    finally:
        await link.close()


async def test_messages_and_url_are_the_same_after_a_restart(server, data_dir):
    assert await published(server.url) == 1
    server._child.stop()
    second = EmbeddedNats(data_dir)
    second.prepare()
    second.start_child()
    second.wait_ready()
    assert second.url == server.url
    assert await published(second.url) == 2
    second._child.stop()


async def test_acknowledged_messages_survive_a_kill(server):
    assert await published(server.url) == 1
    os.kill(server._child.pid, signal.SIGKILL)
    assert server._child.wait(2)
    server.start_child()
    server.wait_ready()
    assert await published(server.url) == 2


@pytest.mark.parametrize("user", ["", USER])
def test_it_refuses_without_credentials(server, user):
    with pytest.raises(OSError, match="Authorization Violation"):
        round_trip(server._port, user, "wrong")


def test_secrets_are_for_nobody_else(server, data_dir):
    for name in ("nats.json", "nats.conf"):
        assert (data_dir / name).stat().st_mode & 0o777 == 0o600
    assert server.store_dir.stat().st_mode & 0o777 == 0o700


def test_every_write_is_synced(server, monkeypatch):
    server.check_sync_always()
    monkeypatch.setattr(server, "_monitor", lambda _path: {"jetstream": {"config": {}}})
    with pytest.raises(StartupFailed, match="doesn't sync every write"):
        server.check_sync_always()


def test_a_stopped_server_is_not_well(server):
    assert server.healthy()
    server._child.stop()
    assert not server.healthy()


async def test_a_deleted_store_is_noticed_and_a_restart_makes_it_again(server):
    assert await published(server.url) == 1
    shutil.rmtree(server.store_dir)
    assert not server.healthy()
    server._child.kill()
    server.start_child()
    server.wait_ready()
    assert await published(server.url) == 1


def test_a_server_stuck_after_a_full_disk_is_noticed_and_cured_by_a_restart(server, monkeypatch):
    """It answers /healthz, yet stores nothing, and stays so when there is room again."""
    monkeypatch.setattr(embedded_nats, "round_trip", partial(round_trip, timeout=0.3))
    with no_room_for(server):
        assert not server.healthy()
    assert not server.healthy()
    assert server._monitor("/healthz?js-enabled-only=true") == {"status": "ok"}
    server._child.kill()
    server.start_child()
    server.wait_ready()


async def test_one_stuck_stream_is_noticed_although_the_round_trip_works(server):
    """The disk was full only while an event was to be stored, not when the probe asked."""
    assert await published(server.url) == 1
    with no_room_for(server), pytest.raises(TimeoutError):
        await published(server.url, timeout=0.3)
    round_trip(server._port, USER, server._password)
    assert not server.healthy()
    server._child.kill()
    server.start_child()
    server.wait_ready()
    assert await published(server.url) == 2


def test_it_is_not_started_before_there_is_room(server, monkeypatch):
    """Started on a full disk it would be stuck once more, and not be asked for 15 s."""
    events = []
    supervisor = Supervisor(lambda _name, what: events.append(what))
    supervisor.add(Service("nats", server.start_child, server.healthy), server._child)
    with monkeypatch.context() as full:
        full.setattr(embedded_nats, "ROOM", 1 << 60)
        server._child.kill()
        assert eventually(lambda: supervisor.tick() or len(events) == 2)
        assert supervisor.child("nats") is None
    assert events[1] == (
        f"nats can't be started: the disk of {server.store_dir} is full, next start in 0.2 s"
    )
    assert eventually(lambda: supervisor.tick() or supervisor.child("nats"))
    server.wait_ready()
    supervisor.stop_all()


async def test_a_stream_that_it_can_not_read_back_holds_up_nothing(server):
    """Else it would be restarted for ever: whoever publishes declares the stream anew."""
    assert await published(server.url) == 1
    server._child.kill()
    (described,) = server.store_dir.rglob("T/meta.inf")
    described.write_bytes(b"")
    server.start_child()
    server.wait_ready()
    assert "could not be recovered" in str(server._monitor("/healthz?details=true"))


@pytest.mark.usefixtures("fast_probes")
def test_the_supervisor_replaces_a_server_whose_store_was_deleted(server):
    supervisor = Supervisor()
    supervisor.add(Service("nats", server.start_child, server.healthy), server._child)
    first = server._child
    assert eventually(lambda: supervisor.tick() or supervisor._kept[0].probe._succeeded)
    shutil.rmtree(server.store_dir)
    assert eventually(lambda: supervisor.tick() or server._child is not first)
    server.wait_ready()
    supervisor.stop_all()


def test_a_server_that_can_not_start_says_why(server, data_dir):
    server._child.stop()
    (data_dir / "nats.conf").write_text("nonsense {")
    server.start_child()
    with pytest.raises(StartupFailed, match=r"^nats ended with code 1: .*Parse error.*\(log: /"):
        server.wait_ready()
