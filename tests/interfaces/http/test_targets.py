"""A request may ask for what is no path at all; that is answered too, in some contract's words."""

import json

import pytest

from infrastructure.settings import Settings
from interfaces.http.app import build_app


@pytest.fixture(scope="module")
def app():
    return build_app(Settings())


@pytest.mark.parametrize("target", ["*", "", "shifts", "http://api/shifts", "api:443", "\ud83d"])
@pytest.mark.parametrize("method", ["OPTIONS", "GET", "CONNECT"])
async def test_a_target_that_is_no_path_is_not_found(app, method, target):
    status, body = await asked(app, method, target)
    assert status == 404
    assert json.loads(body)["error"] == "NotFoundError"


async def asked(app, method, target):
    """Past httpx, which sends paths only."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = scope_of(method) | {"path": target, "raw_path": target.encode("utf-8", "replace")}
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def scope_of(method):
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"api")],
        "client": ("127.0.0.1", 1),
        "server": ("api", 80),
    }
