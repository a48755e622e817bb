"""A publish that JetStream stored and acknowledged: the only proof that it works.

With its store deleted, the server goes on answering pings and /healthz. This speaks the protocol
itself, because probes run in threads that have no event loop.
"""

import json
import socket
from io import BufferedRWPair
from typing import Any

STREAM = {
    "name": "HEALTH",
    "subjects": ["opstream.health"],
    "max_msgs": 1,
    "discard": "old",
    "storage": "file",
}
_INBOX = "_INBOX.opstream.health"
_PAYLOAD = "x" * 8192  # more than a page: a small message still fits on a full disk


def round_trip(port: int, user: str, password: str, timeout: float = 2.0) -> None:
    """Raises OSError when no acknowledgement came; every step has `timeout` seconds."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout) as link,
        link.makefile("rwb") as lines,
    ):
        options = {"user": user, "pass": password, "verbose": False, "lang": "probe"}
        _send(lines, f"CONNECT {json.dumps(options)}\r\nSUB {_INBOX} 1\r\n")
        _publish(lines, f"$JS.API.STREAM.CREATE.{STREAM['name']}", json.dumps(STREAM))
        _publish(lines, "opstream.health", _PAYLOAD)


def _publish(lines: BufferedRWPair, subject: str, payload: str) -> None:
    _send(lines, f"PUB {subject} {_INBOX} {len(payload)}\r\n{payload}\r\n")
    answer = json.loads(_next_message(lines))
    if "error" in answer:
        raise OSError(f"{subject}: {answer['error'].get('description')}")


def _send(lines: BufferedRWPair, text: str) -> None:
    lines.write(text.encode())
    lines.flush()


def _next_message(lines: BufferedRWPair) -> Any:
    while line := lines.readline():
        verb, *rest = line.split()
        if verb == b"MSG":
            return lines.read(int(rest[-1]) + 2)
        if verb == b"PING":
            _send(lines, "PONG\r\n")
        elif verb == b"-ERR":
            raise OSError(line.decode().strip())
    raise OSError("the server closed the connection")
