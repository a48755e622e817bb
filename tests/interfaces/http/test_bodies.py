"""What HTTP itself may get wrong: bodies, methods, paths, and the other way to tell failures."""

from uuid import uuid4

import pytest

from tests.interfaces.http.answers import invalid, refused
from tests.interfaces.http.documented import documented
from tests.support.api import new_shift, position, running_api

JSON = {"Content-Type": "application/json"}
LIMIT = 4096


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    """With a limit that is soon reached."""
    async with running_api(a_database, a_folder, documented, max_body_bytes=LIMIT) as running:
        yield running


@pytest.fixture(autouse=True)
async def nothing_stored(api):
    before = await position(api)
    yield
    assert await position(api) == before


@pytest.mark.parametrize(
    "content",
    [b"{", b"{]", b"'a'", b'{"name": }', b"\xff\xfe", b"{\"a\": '\xe4'}", b"nul", b'{"a": 1}{}'],
)
async def test_what_is_no_json_is_said_to_be_none(api, content):
    invalid(await api.admin.post("/units", content=content, headers=JSON), "body")


@pytest.mark.parametrize("headers", [JSON, {}])
async def test_no_body_is_none(api, headers):
    response = await api.admin.post("/units", headers=headers)
    invalid(response, "body")
    assert response.json()["details"] == {"fields": {"body": "is required"}}


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "json", "", "\xe4"]
)
async def test_a_body_is_sent_as_json(api, kind):
    content = b'{"name": "Ward", "zone": "Europe/Berlin"}'
    headers = {"Content-Type": kind.encode("latin-1")}
    response = await api.admin.post("/units", content=content, headers=headers)
    assert refused(response, 415, "UnsupportedMediaType") == {}


async def test_who_may_not_send_it_learns_nothing_of_its_kind(api):
    response = await api.nobody.post("/units", content=b"x", headers={"Content-Type": "text/plain"})
    refused(response, 401, "AuthenticationError")


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT * 100])
async def test_a_body_that_says_it_is_too_large_is_not_read(api, size):
    response = await api.admin.post("/units", content=b" " * size, headers=JSON)
    assert refused(response, 413, "PayloadTooLarge") == {}
    assert response.headers["x-request-id"]


async def test_a_body_that_nobody_needs_has_a_limit_where_a_key_would_be_for_it(api):
    headers = {"Idempotency-Key": "1"}
    path = f"/shifts/{uuid4()}/publish"
    response = await api.admin.post(path, content=b" " * (LIMIT + 1), headers=headers)
    refused(response, 413, "PayloadTooLarge")


@pytest.mark.parametrize("announced", [None, "1", "-1", "x", "9" * 30])
async def test_a_body_that_turns_out_too_large_is_not_read_on(api, announced):
    sent = 0

    async def chunks():
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b" " * 1024

    headers = JSON if announced is None else {**JSON, "Content-Length": announced}
    response = await api.admin.post("/units", content=chunks(), headers=headers)
    refused(response, 413, "PayloadTooLarge")
    assert sent <= LIMIT / 1024 + 1


async def test_a_body_may_be_as_large_as_the_limit(api):
    filler = b'{"name": ""}'
    content = filler + b" " * (LIMIT - len(filler))
    invalid(await api.admin.post("/units", content=content, headers=JSON), "name", "zone")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/shifts", {"GET", "POST"}),
        ("GET", "/shifts/publish", {"POST"}),
        ("DELETE", "/shifts/copy-week", {"POST"}),
        ("PUT", "/shifts/1", {"GET", "PATCH", "DELETE"}),
        ("OPTIONS", "/shifts/open", {"GET"}),
        ("GET", "/auth/login", {"POST"}),
        ("BREW", "/units", {"GET", "POST"}),
        ("POST", "/docs", {"GET", "HEAD"}),
    ],
)
async def test_a_method_that_a_path_does_not_know_is_not_allowed(api, method, path, allowed):
    response = await api.admin.request(method, path)
    refused(response, 405, "MethodNotAllowed")
    assert set(response.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path",
    ["/", "/nope", "/shifts/", "/SHIFTS", "/shifts//publish", "/%00", "/%ED%A0%80", "/a" * 999],
)
async def test_a_path_that_nobody_knows_is_not_found(api, path):
    refused(await api.admin.get(path), 404, "NotFoundError")
    refused(await api.nobody.get(path), 404, "NotFoundError")


@pytest.mark.parametrize(
    ("method", "path", "kind", "status"),
    [
        ("GET", "/nope", "no_route", 404),
        ("PUT", "/shifts", "method_not_allowed", 405),
        ("GET", "/shifts", "unauthenticated", 401),
    ],
)
async def test_who_asks_for_problem_json_gets_it(api, method, path, kind, status):
    headers = {"Accept": "text/html, application/problem+json;q=0.9", "X-Request-Id": "mine"}
    response = await api.nobody.request(method, path, headers=headers)
    body = response.json()
    assert body == {
        "type": f"urn:opstream:problem:{kind}",
        "title": kind.replace("_", " ").capitalize(),
        "status": status,
        "detail": body["detail"],
        "request_id": "mine",
    }
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


async def test_problem_json_names_fields_too(api):
    headers = {"Accept": "application/problem+json"}
    response = await api.admin.post("/units", json={"name": "a"}, headers=headers)
    assert response.json()["details"] == {"fields": {"zone": "is required"}}
    assert response.status_code == 422


@pytest.mark.parametrize("wanted", ["abc", "A-1._z", "x" * 100])
async def test_a_request_keeps_the_id_it_came_with(api, wanted):
    response = await api.nobody.get("/healthz", headers={"X-Request-Id": wanted})
    assert response.headers["x-request-id"] == wanted


@pytest.mark.parametrize("wanted", ["", "a b", "x" * 101, "é", "a\nb", "a\x00", '"', "<script>"])
async def test_an_id_that_could_do_harm_is_replaced(api, wanted):
    headers = {"X-Request-Id": wanted.encode("latin-1")}
    given = (await api.nobody.get("/healthz", headers=headers)).headers["x-request-id"]
    assert len(given) == 36
    assert given != wanted


async def test_an_error_of_our_own_tells_nothing_but_where_it_is_logged(api, monkeypatch):
    async def fail(*_):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(type(api.core.dispatcher), "run", fail)
    body = new_shift("3fa85f64-5717-4562-b3fc-2c963f66afa6")
    response = await api.coordinator.post("/shifts", json=body, headers={"X-Request-Id": "mine"})
    assert refused(response, 500, "InternalError") == {}
    assert "secret" not in response.text
    assert response.headers["x-request-id"] == "mine"
