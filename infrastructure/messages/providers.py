"""The channels to real providers, through apprise."""

from apprise import NotifyBase, NotifyFormat
from apprise.plugins.email import NotifyEmail

from application.processes.channels import OutgoingMessage, UndeliverableError
from infrastructure.messages.mail import send_mail
from infrastructure.messages.provider_url import (
    LONGEST_ANSWER,
    NotSentError,
    ProviderUrl,
    listening,
)
from infrastructure.messages.threads import Threads

MOST_THREADS = 40
"""Attempts that may wait for one provider: twice as many as are tried at once."""


class Provider:
    """A channel; `name` is how deliveries name it.

    A message that a server did take, and whose answer did not come in time, is sent again.
    """

    def __init__(self, name: str, url: ProviderUrl) -> None:
        self.name = name
        self._url = url
        self._threads = Threads(f"provider of {name}", MOST_THREADS)

    async def send(self, message: OutgoingMessage) -> None:
        """Raises UndeliverableError, NotSentError or AllBusyError."""
        await self._threads.run(lambda: self._send(message))

    def _send(self, message: OutgoingMessage) -> None:
        provider = self._url.provider_for(message.address)
        try:
            if isinstance(provider, NotifyEmail):
                send_mail(provider, message)
            else:
                _notify(provider, message)
        except (UndeliverableError, NotSentError) as error:
            raise type(error)(self._url.without_secrets(str(error))) from None
        except Exception as error:  # noqa: BLE001 - its words and its causes may quote the URL
            raise NotSentError(type(error).__name__) from None


def _notify(provider: NotifyBase, message: OutgoingMessage) -> None:
    """Raises NotSentError."""
    is_html = message.html is not None
    with listening() as heard:
        sent = provider.notify(
            body=message.html if is_html else message.text,
            title=message.subject or None,
            body_format=NotifyFormat.HTML if is_html else NotifyFormat.TEXT,
        )
    if not sent:
        raise NotSentError(" ".join(heard)[:LONGEST_ANSWER] or "the provider said no")
