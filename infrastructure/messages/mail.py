"""Mail, written and handed to an SMTP server that apprise has read out of a URL.

Apprise's own way would make the plain text of the HTML, name a repeated message anew, and not tell
why it is refused.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from apprise.plugins.email import NotifyEmail, SecureMailMode
from apprise.plugins.email.smtp import SMTP_DEFAULT_PORTS

from application.processes.channels import OutgoingMessage, UndeliverableError
from infrastructure.messages.provider_url import LONGEST_ANSWER, NotSentError


def send_mail(provider: NotifyEmail, message: OutgoingMessage) -> None:
    """Raises UndeliverableError when the server says that it will never take the address, and
    NotSentError when it did not take the message now.
    """
    sender = str(provider.from_addr[1])
    recipients = [message.address, *provider.cc, *provider.bcc]
    mail = written(provider, message).as_bytes(policy=SMTP)
    try:
        with _session(provider) as session:
            refused = session.sendmail(sender, recipients, mail)
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
    except smtplib.SMTPResponseException as error:
        raise NotSentError(_answer(error.smtp_code, error.smtp_error)) from None
    except OSError as error:
        raise NotSentError(error.strerror or type(error).__name__) from None
    if message.address in refused:
        code, said = refused[message.address]
        raise _refusal(code)(_answer(code, said))


def written(provider: NotifyEmail, message: OutgoingMessage) -> EmailMessage:
    """Its Message-ID is the same at every attempt, so that a repetition can be told."""
    mail = EmailMessage(policy=SMTP)
    name, sender = provider.from_addr
    mail["From"] = formataddr((str(name or ""), str(sender)))
    mail["To"] = message.address
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.key}@{str(sender).rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if provider.cc:
        mail["Cc"] = ", ".join(sorted(provider.cc))
    if provider.reply_to:
        mail["Reply-To"] = ", ".join(sorted(provider.reply_to))
    for header, value in provider.headers.items():
        mail[header] = value
    mail.set_content(message.text)
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html")
    return mail


@contextmanager
def _session(provider: NotifyEmail) -> Iterator[smtplib.SMTP]:
    """Raises OSError, of which smtplib's errors are a kind."""
    mode = str(provider.secure_mode)
    place = (str(provider.smtp_host), provider.port or SMTP_DEFAULT_PORTS[mode])
    timeout = provider.socket_read_timeout
    context = ssl.create_default_context()
    if not provider.verify_certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    session = (
        smtplib.SMTP_SSL(*place, timeout=timeout, context=context)
        if mode == SecureMailMode.SSL
        else smtplib.SMTP(*place, timeout=timeout)
    )
    with session:
        if mode == SecureMailMode.STARTTLS:
            session.starttls(context=context)
        if provider.user and provider.password:
            session.login(provider.user, provider.password)
        yield session


def _refusal(code: int) -> type[UndeliverableError | NotSentError]:
    """RFC 5321, 4.2.1: what begins with 5 is for good."""
    return UndeliverableError if 500 <= code < 600 else NotSentError  # noqa: PLR2004


def _answer(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:LONGEST_ANSWER]
