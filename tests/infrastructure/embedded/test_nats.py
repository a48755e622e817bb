import os
import resource
import shutil
import signal
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


async def published(url):
    """How many messages the stream T holds after one more."""
    link = await connect(url)
    try:
        stream = link.jetstream()
        await stream.add_stream(name="T", subjects=["t"])
        await stream.publish("t", b"x")
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
    resource.prlimit(server._child.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    assert not server.healthy()
    resource.prlimit(server._child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    assert not server.healthy()
    assert server._monitor("/healthz?js-enabled-only=true") == {"status": "ok"}
    server._child.kill()
    server.start_child()
    server.wait_ready()


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
