"""What a load sends: the n-th request as bytes, made cheaply enough not to be what is measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Requests:
    """`requests(n)` is the n-th request, to the n-th of `paths`, which come round again.

    `body(n)` makes its body. Requests go to another process: `body` must pickle.
    """

    method: str
    base_url: str
    paths: Sequence[str]
    headers: Mapping[str, str]
    body: Callable[[int], bytes] | None = None

    def __call__(self, n: int) -> bytes:
        head = self._heads[n % len(self._heads)]
        if self.body is None:
            return b"%b\r\n\r\n" % head
        body = self.body(n)
        return b"%b\r\ncontent-length: %d\r\n\r\n%b" % (head, len(body), body)

    @cached_property
    def _heads(self) -> list[bytes]:
        fields = {"host": urlsplit(self.base_url).netloc, **self.headers}
        if self.body is not None:
            fields["content-type"] = "application/json"
        lines = "".join(f"\r\n{name}: {value}" for name, value in fields.items())
        return [f"{self.method} {path} HTTP/1.1{lines}".encode() for path in self.paths]
