"""The URL of a provider, as apprise reads it, with a place for the recipient.

What it holds is secret: passwords, tokens. Nothing of it is told in a log line or an error.
"""

import base64
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote

from apprise import Apprise, AppriseAsset, NotifyBase
from apprise.plugins.email import NotifyEmail

from application.processes.channels import UndeliverableError

PLACE = "{to}"
_ADDRESSES = {
    "email": re.compile(r"[A-Za-z0-9._+='~-]+@[A-Za-z0-9.-]+"),
    "sms": re.compile(r"\+?[0-9]{4,20}"),
}
"""What an address may consist of. Others are refused: apprise takes a comma for the end of an
address, and reads what is escaped in a path more than once.
"""
_EXAMPLES = {"email": "ana@example.org", "sms": "+4915112345678"}
_ASSET = AppriseAsset(app_id="opstream", app_desc="opstream", async_mode=False)
_FEW = 3
LONGEST_ANSWER = 300
"""Characters of what a server said that are kept."""
_CONNECT, _READ = 5.0, 8.0
"""Seconds that one step of talking to a provider may take at the most."""


class NotSentError(Exception):
    """The provider did not take the message; what it says tells no secret."""


class ProviderUrl:
    """Raises ValueError, which tells nothing of the URL, when no provider can be made of it."""

    def __init__(self, channel: str, url: str) -> None:
        self._channel = channel
        self._url = url.strip()
        if PLACE not in self._url:
            raise ValueError(f"has no place for the recipient, {PLACE}")
        try:
            self.provider_for(_EXAMPLES[channel])
        except UndeliverableError:
            raise ValueError("is not the URL of a provider that apprise knows") from None

    def provider_for(self, address: str) -> NotifyBase:
        """What sends to this address and to nobody else. Raises UndeliverableError."""
        if not _ADDRESSES[self._channel].fullmatch(address):
            raise UndeliverableError("the address has characters that this channel can't take")
        url = self._url.replace(PLACE, quote(address, safe=""))
        with listening():
            provider = Apprise.instantiate(url, asset=_ASSET, suppress_exceptions=True)
        if not isinstance(provider, NotifyBase) or not _sends_only_to(address, provider):
            raise UndeliverableError("no message to this address can be made of the provider's URL")
        provider.socket_connect_timeout = min(provider.socket_connect_timeout, _CONNECT)
        provider.socket_read_timeout = min(provider.socket_read_timeout, _READ)
        return provider

    def without_secrets(self, text: str) -> str:
        """The text, without anything that stands in the URL except its host."""
        for secret in sorted(self._secrets(), key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def _secrets(self) -> Iterator[str]:
        """Everything in the URL that is longer than a few letters, and passwords of any length, as
        they stand there, decoded, and as they go over the line.
        """
        place, _, query = self._url.partition("://")[2].partition("?")
        credentials, _, host_and_path = place.rpartition("@")
        user, _, password = (unquote(part) for part in credentials.partition(":"))
        if password:
            yield password
            yield base64.b64encode(f"{user}:{password}".encode()).decode()
            yield base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        values = [pair.partition("=")[2] for pair in query.split("&")]
        for part in (*credentials.split(":"), *host_and_path.split("/")[1:], *values):
            yield from (form for form in (part, unquote(part)) if len(form) > _FEW)


def _sends_only_to(address: str, provider: NotifyBase) -> bool:
    """Of a provider that reads recipients out of its URL; others are told the address as it is."""
    targets = getattr(provider, "targets", None)
    if isinstance(provider, NotifyEmail):
        return [target for _, target in provider.targets] == [address]
    return targets is None or len(targets) == 1


class _Listener(logging.Handler):
    """What apprise logs in a thread that listens; what it logs elsewhere is dropped.

    It would tell of URLs and addresses, and so must reach no log of ours.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._heard = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        heard: list[str] | None = getattr(self._heard, "lines", None)
        if heard is not None:
            heard.append(record.getMessage())

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        before = getattr(self._heard, "lines", None)
        lines: list[str] = []
        self._heard.lines = lines
        try:
            yield lines
        finally:
            self._heard.lines = before


_LISTENER = _Listener()
listening = _LISTENER.listening
_log = logging.getLogger("apprise")
_log.propagate = False
_log.setLevel(logging.WARNING)
_log.handlers[:] = [_LISTENER]
# It tells of the URLs that apprise asks.
logging.getLogger("urllib3").setLevel(logging.ERROR)
