"""Conditional requests (RFC 9110, 13): an answer says its version, and a change may name the one
that it was made of.
"""

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Response

from domain.shared.errors import Invalid
from infrastructure.remembered_answers import tag_of
from interfaces.http.call import Call

ETAG = "ETag"
IF_MATCH = "If-Match"
VERSIONED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {ETAG: {"$ref": f"#/components/headers/{ETAG}"}}}
}
"""For a route's ``responses``: its answer says its version."""
_VERSION = re.compile(r'"(\d{1,18})"')


def tell_version(call: Call, version: int) -> None:
    """Answer with the version of what is shown; 0 is what was never stated."""
    call.answer_headers[ETAG] = f'"{version}"'


async def _seen(
    if_match: Annotated[
        str | None,
        Header(
            alias=IF_MATCH,
            description="The ETag that was last seen; without it, whatever there is is replaced.",
            examples=['"1"'],
        ),
    ] = None,
) -> int | None:
    """Raises Invalid when it is no ETag of ours."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _VERSION.fullmatch(if_match.strip())
    if found is None:
        raise Invalid("The If-Match can't be used.", {IF_MATCH: 'must be an ETag, such as "1"'})
    return int(found.group(1))


Seen = Annotated[int | None, Depends(_seen)]
"""The version that the client has seen, as its If-Match says."""


async def _known(
    if_none_match: Annotated[
        str | None,
        Header(
            alias="If-None-Match",
            description="The ETags of what is there already: if it is one of them, 304.",
            examples=['"5d41402abc4b2a76"'],
        ),
    ] = None,
) -> frozenset[str]:
    tags = (if_none_match or "").split(",")
    return frozenset(tag.strip().removeprefix("W/") for tag in tags)


Known = Annotated[frozenset[str], Depends(_known)]
"""What the client has already, as its If-None-Match says."""


def if_changed(content: bytes, known: frozenset[str], media_type: str) -> Response:
    """The content with its ETag, or 304 without it. Nobody but the client may keep it."""
    return not_modified_or(content, tag_of(content), known, media_type)


def not_modified_or(content: bytes, tag: str, known: frozenset[str], media_type: str) -> Response:
    """As `if_changed`, where the tag is known already."""
    headers = {ETAG: tag, "Cache-Control": "private"}
    if known & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
