"""What is wrong with which field of a request, in words for whoever sent it."""

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError

MOST = 50
"""Fields named at the most: the answer to nonsense is shorter than the nonsense."""
LONGEST = 200
"""Characters of a field's path or of what is wrong with it."""

_WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not known here",
    "repeated": "is given more than once",
}


def fields_of(error: RequestValidationError) -> dict[str, str]:
    """By path, such as ``notes.ward``; the part of the request where it is not about one field."""
    return dict(_field(problem) for problem in error.errors()[:MOST])


def _field(problem: Mapping[str, Any]) -> tuple[str, str]:
    part, *path = problem["loc"]
    if problem["type"] == "json_invalid":
        return "body", f"not JSON: {problem['ctx']['error']} at character {path[0]}"
    words = _WORDS.get(problem["type"], str(problem["msg"]).removeprefix("Value error, "))
    return _tellable(".".join(map(str, path)) or part), _tellable(words)


def _tellable(text: str) -> str:
    """Names come from outside, where half a character is possible."""
    return text[:LONGEST].encode(errors="replace").decode()
