"""Each contract's document: what it says, word for word, and that it is whole.

The documents are kept in ``snapshots``. After a change that is meant:

    OPSTREAM_UPDATE_SNAPSHOTS=1 uv run pytest tests/interfaces/http/test_openapi.py
"""

import json
import os
from pathlib import Path

import httpx
import pytest

from interfaces.http.app import CONTRACTS
from interfaces.http.authentication import PUBLIC
from interfaces.http.documents import openapi_of
from interfaces.http.fields import Body
from tests.interfaces.http.documented import documented

SNAPSHOTS = Path(__file__).parent / "snapshots"
COMMANDS = {"POST", "PATCH", "PUT", "DELETE"}
NO_EVENTS = {
    ("POST", "/calendar/me"),
    ("DELETE", "/calendar/me"),
    ("POST", "/notifications/{notification_id}/read"),
    ("POST", "/dead-letters/{dead_letter_id}/resend"),
    ("POST", "/dead-letters/resend"),
}
"""What they change is no truth and stands in plain tables; asked again they change nothing, or make
a secret that no kept answer may hold.
"""
NOTHING_NEW = "304"
"""An answer that has no content."""


@pytest.fixture(params=CONTRACTS)
def document(request):
    return openapi_of(request.param, CONTRACTS)


def operations(document):
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_a_document_says_what_it_said(document):
    name = document["info"]["title"].removeprefix("opstream: ")
    path = SNAPSHOTS / f"openapi-{name}.json"
    now = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("OPSTREAM_UPDATE_SNAPSHOTS"):
        path.write_text(now)
    assert now == path.read_text(), "if this is meant, see the top of this file"


def test_no_failure_is_told_in_the_framework_s_words(document):
    assert "HTTPValidationError" not in json.dumps(document)


def test_everything_it_refers_to_is_there(document):
    def referred(what):
        if isinstance(what, dict):
            yield from ([what["$ref"]] if isinstance(what.get("$ref"), str) else [])
            what = list(what.values())
        if isinstance(what, list):
            for inner in what:
                yield from referred(inner)

    for reference in set(referred(document)):
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def test_operations_have_names_tags_and_words_of_their_own(document):
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids) > 3
    for _, path, operation in operations(document):
        assert operation["operationId"].isidentifier()
        assert operation["tags"], path
        assert operation["description"], path


def test_only_public_operations_are_open(document):
    for method, path, operation in operations(document):
        is_public = (method, path) in PUBLIC
        assert (operation.get("security") == []) == is_public, path
        assert ("401" in operation["responses"]) == (not is_public or path == "/auth/login")


def test_every_answer_is_told_with_its_content(document):
    answers = [
        (path, status, answer)
        for _, path, operation in operations(document)
        for status, answer in operation["responses"].items()
    ]
    assert len(answers) >= 5
    for path, status, answer in answers:
        name = answer.get("$ref", "").rpartition("/")[2]
        told = document["components"]["responses"][name] if name else answer
        assert bool(told.get("content")) == (status != NOTHING_NEW), (path, status)


def test_commands_tell_of_their_headers_and_failures():
    document = openapi_of("scheduler", CONTRACTS)
    commands = [
        operation
        for method, path, operation in operations(document)
        if method in COMMANDS and (method, path) not in PUBLIC | NO_EVENTS
    ]
    assert len(commands) >= 20
    for operation in commands:
        asked = [one["$ref"].rsplit("/", 1)[1] for one in operation["parameters"] if "$ref" in one]
        assert asked == ["X-Tenant-Id", "Idempotency-Key", "Prefer"]
        assert {"401", "403", "404", "409", "422", "503"} <= set(operation["responses"])
        success = operation["responses"].get("200") or operation["responses"]["201"]
        assert {"Opstream-Position", "Opstream-Reads"} <= set(success["headers"])
        assert ("415" in operation["responses"]) == ("requestBody" in operation)
        assert "413" in operation["responses"]


def bodies_of(contract, body=Body):
    """Every body of a contract, by its name, and those that contracts share."""
    shared = ["interfaces.http.money"]
    found = {}
    for kind in body.__subclasses__():
        own = kind.__module__.startswith(f"interfaces.http.{contract}.")
        if (own and kind.__name__ != "In") or kind.__module__ in shared:
            found[kind.__name__] = kind
        found |= bodies_of(contract, kind)
    return found


@pytest.mark.parametrize("contract", ["scheduler", "eventflow"])
def test_bodies_show_an_example_that_would_be_read(contract):
    document = openapi_of(contract, CONTRACTS)
    shown = {
        name: schema["examples"]
        for name, schema in document["components"]["schemas"].items()
        if name.endswith("In")
    }
    bodies = bodies_of(contract)
    assert set(shown) == set(bodies) - ({"MoneyIn"} if contract == "eventflow" else set())
    assert len(shown) >= 14
    for name, examples in shown.items():
        for example in examples:
            bodies[name].model_validate(example)


@pytest.mark.parametrize(
    ("status", "headers"), [(418, {}), (200, {"RateLimit-Limit": "5"}), (201, {})]
)
async def test_an_answer_nobody_was_told_of_is_noticed(status, headers):
    request = httpx.Request("GET", "http://api/shifts")
    with pytest.raises(AssertionError, match="/shifts"):
        await documented(httpx.Response(status, headers=headers, request=request))
