"""The ways out of opstream, as the settings say: a channel, and how much it may be used."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from application.processes.channels import Channel
from infrastructure.messages.outbox import Outbox
from infrastructure.rates import rate_in
from infrastructure.settings import Settings, WrongSettingsError


@dataclass(frozen=True)
class Rate:
    """So many attempts within that time, of all senders together."""

    amount: int
    within: timedelta


@dataclass(frozen=True)
class Way:
    channel: Channel
    rate: Rate | None = None


def ways(settings: Settings) -> list[Way]:
    """One for each channel; where no provider is set, the outbox. Raises WrongSettingsError."""
    return [
        _way(settings, "email", settings.email_url, settings.email_rate),
        _way(settings, "sms", settings.sms_url, settings.sms_rate),
    ]


def _way(settings: Settings, name: str, url: SecretStr | None, rate: str | None) -> Way:
    # Where several machines get their settings from one file, an empty one is not set.
    channel = _provider(name, url) if url else Outbox(settings.outbox, name)
    if not rate:
        return Way(channel)
    allowed = rate_in(f"OPSTREAM_{name.upper()}_RATE", rate)
    return Way(channel, Rate(allowed.amount, timedelta(seconds=allowed.get_expiry())))


def _provider(name: str, url: SecretStr) -> Channel:
    # Apprise takes half a second to load: only those who send by it do so.
    from infrastructure.messages.provider_url import ProviderUrl  # noqa: PLC0415
    from infrastructure.messages.providers import Provider  # noqa: PLC0415

    try:
        return Provider(name, ProviderUrl(name, url.get_secret_value()))
    except ValueError as error:
        raise WrongSettingsError(f"OPSTREAM_{name.upper()}_URL {error}") from None
