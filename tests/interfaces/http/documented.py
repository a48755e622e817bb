"""Every answer that any test gets is one that the contract's document tells of."""

import re
from functools import cache
from typing import Any

import httpx

from interfaces.http.app import CONTRACTS
from interfaces.http.documents import openapi_of

TOLD_OF = re.compile(
    "opstream-.*|ratelimit-.*|retry-after|preference-applied|www-authenticate|x-request-id"
)
OF_HTTP = {404, 405, 500}
"""What may happen wherever one asks."""


async def documented(response: httpx.Response) -> None:
    """Its status is told of, with all of its headers; an httpx event hook."""
    request = response.request
    operation = _operation(request.method, request.url.path)
    if operation is None:
        assert response.status_code in OF_HTTP | {200}, response.status_code
        return
    document, described = operation
    if response.status_code == 500:
        return
    answers = described["responses"]
    assert str(response.status_code) in answers, (request.url.path, response.status_code)
    answer = _resolved(document, answers[str(response.status_code)])
    told = {name.lower() for name in answer.get("headers", {})}
    unknown = {name for name in response.headers if TOLD_OF.fullmatch(name)} - told
    assert not unknown, (request.url.path, response.status_code, unknown)


def _operation(method: str, path: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    fitting = [each for each in _documented() if each[1].fullmatch(path)]
    # What is called by its name, such as /shifts/publish, is no shift of that id.
    named = [each for each in fitting if each[1].pattern == path]
    for document, _, operations in named or fitting:
        if method.lower() in operations:
            return document, operations[method.lower()]
    return None


@cache
def _documented() -> list[tuple[dict[str, Any], re.Pattern[str], dict[str, Any]]]:
    return [
        (document, re.compile(re.sub(r"{\w+}", "[^/]+", path)), operations)
        for document in (openapi_of(name, CONTRACTS) for name in CONTRACTS)
        for path, operations in document["paths"].items()
    ]


def _resolved(document: dict[str, Any], what: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in what:
        return what
    found: Any = document
    for step in what["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)
