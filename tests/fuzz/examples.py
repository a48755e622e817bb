"""A document with examples under which there is something: what is asked first, and varied."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fuzz.target import Caller

Json = dict[str, Any]


def with_examples(document: Mapping[str, Any], caller: Caller) -> Json:
    """A copy that shows, for each field that the caller is supplied with, the first value."""
    shown = copy.deepcopy(dict(document))
    for name, parameter in shown.get("components", {}).get("parameters", {}).items():
        if name in caller.headers:
            parameter["example"] = caller.headers[name]
    for label, operation in _operations(shown):
        first = {key: values[0] for key, values in caller.supply.get(label, {}).items() if values}
        _show_parameters(operation, first)
        _show_body(shown, operation, first)
        _show_files(operation, caller.files.get(label, {}))
    return shown


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _show_parameters(operation: Json, first: Mapping[str, str]) -> None:
    for parameter in operation.get("parameters", ()):
        key = f"{parameter.get('in')}.{parameter.get('name')}"
        if key in first:
            parameter["example"] = first[key]


def _show_body(document: Json, operation: Json, first: Mapping[str, str]) -> None:
    """The body's own example, with what is supplied in the fields that it has."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    schema = _resolved(document, content["schema"])
    for example in schema.get("examples", ())[:1]:
        content["example"] = _field("body", example, first)


def _show_files(operation: Json, files: Mapping[str, bytes]) -> None:
    content = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
    if content is not None and files:
        content["example"] = dict(files)


def _field(path: str, given: Any, first: Mapping[str, str]) -> Any:
    if path in first:
        return first[path]
    match given:
        case dict():
            return {name: _field(f"{path}.{name}", each, first) for name, each in given.items()}
        case list():
            own = f"{path}[*]"
            return [first[own]] if own in first else [_field(own, each, first) for each in given]
        case _:
            return given


def _resolved(document: Json, what: Json) -> Json:
    while "$ref" in what:
        found: Any = document
        for step in what["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        what = found
    return what
