"""What a request carries and its route does not take: refused by name, and not passed over."""

from collections import Counter
from collections.abc import Iterator
from typing import get_args, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from interfaces.http.call import Call

_EMPTY = {b"", b"{}"}
"""Bodies that hold nothing; many clients send an empty object with every POST."""


class Undeclared:
    """Query parameters, and a body where the route has none."""

    def __init__(self, route: APIRoute) -> None:
        self._may_repeat = dict(_parameters(route.dependant))
        self._has_body = route.body_field is not None

    async def refuse(self, call: Call) -> None:
        """Raises RequestValidationError."""
        if call.scope["query_string"]:
            self._refuse_parameters(call)
        if not self._has_body and _announces_body(call):
            await _refuse_body(call)

    def _refuse_parameters(self, call: Call) -> None:
        wrong = []
        for name, times in Counter(name for name, _ in call.query_params.multi_items()).items():
            if name not in self._may_repeat:
                wrong.append({"loc": ("query", name), "type": "extra_forbidden", "msg": ""})
            elif times > 1 and not self._may_repeat[name]:
                wrong.append({"loc": ("query", name), "type": "repeated", "msg": ""})
        if wrong:
            raise RequestValidationError(wrong)


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Each by its name in the query, and whether it may be given more than once."""
    for field in dependant.query_params:
        yield field.alias, _is_many(field.field_info.annotation)
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def _is_many(annotation: object) -> bool:
    return any(
        get_origin(kind) in {list, set, tuple} for kind in (annotation, *get_args(annotation))
    )


def _announces_body(call: Call) -> bool:
    length = call.header(b"content-length") or "0"
    return length != "0" or call.header(b"transfer-encoding") is not None


async def _refuse_body(call: Call) -> None:
    if (await call.body()).strip() not in _EMPTY:
        wrong = {"loc": ("body",), "type": "extra_forbidden", "msg": ""}
        raise RequestValidationError([wrong])
