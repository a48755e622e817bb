"""A load in which each client has requests of its own, in their order, and a voice of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.client import Clock
from tests.bench.requests import Requests

Asked = tuple[str, bytes | None]
"""A path and a body."""


@dataclass(frozen=True)
class OwnLists:
    """Client k sends `lists[k]` with `headers[k]`, and none twice. When the first of them has sent
    all of its own, the turn is over for everybody: what follows would be fewer clients.
    """

    method: str
    base_url: str
    headers: Sequence[Mapping[str, str]]
    lists: Sequence[Sequence[Asked]]

    def of(self, client: int, clock: Clock) -> Callable[[int], bytes]:
        """The next request of one client, whatever the number that it is asked for by."""
        own, headers = self.lists[client], self.headers[client]
        following = iter(own)
        left = len(own)

        def request(_n: int) -> bytes:
            nonlocal left
            left -= 1
            if not left:
                clock.max_requests = 0
            path, body = next(following)
            asked = Requests(self.method, self.base_url, (path,), headers, _constant(body))
            return asked(0)

        return request


def _constant(body: bytes | None) -> Callable[[int], bytes] | None:
    return None if body is None else lambda _n: body
