"""Ctrl-C stops `opstream serve` also while it starts: at once, cleanly, and without a welcome."""

import signal
import socket
import time
from contextlib import closing

import pytest

from infrastructure.embedded.memory import free_port
from interfaces.cli import serving


@pytest.fixture
def mute():
    """The port of a server that accepts and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening.getsockname()[1]


def settings(port, tmp_path):
    return {
        "DATABASE_URL": f"postgresql://opstream@127.0.0.1:{port}/opstream",
        "NATS_URL": f"nats://127.0.0.1:{port}",
        "DATA_DIR": tmp_path / "data",
        "PORT": free_port(),
    }


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_while_the_database_does_not_answer(process, mute, tmp_path, signum):
    serve = process("serve", **settings(mute, tmp_path))
    assert serve.stdout.readline() == "migrating the database\n"
    time.sleep(0.3)
    serve.send_signal(signum)
    out, err = serve.communicate(timeout=60)
    assert (serve.returncode, out, err) == (0, "stopping\n", "")


def test_it_stops_while_it_waits_for_the_api(opstream, monkeypatch, mute, tmp_path):
    def interrupted(_settings):
        signal.raise_signal(signal.SIGINT)
        return False

    monkeypatch.setattr(serving, "migrate", lambda _url: None)
    monkeypatch.setattr(serving, "check_nats", lambda _settings: None)
    monkeypatch.setattr(serving, "_is_ready", interrupted)
    ended = opstream("serve", **settings(mute, tmp_path))
    assert ended.code == 0
    assert "api-1: started" in ended.out
    assert "api-1: stopped" in ended.out
    assert "ready" not in ended.out
