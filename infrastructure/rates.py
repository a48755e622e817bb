"""Rates in the notation of the `limits` library, such as ``60/minute``."""

from limits import RateLimitItem, parse

from infrastructure.settings import WrongSettingsError


def rate_in(setting: str, text: str) -> RateLimitItem:
    """A setting's value. Raises WrongSettingsError when it is no rate, or lets nothing pass."""
    try:
        rate = parse(text)
    except ValueError as error:
        raise WrongSettingsError(f"{setting}: {error}") from error
    if rate.amount < 1:
        raise WrongSettingsError(f"{setting} lets nothing pass")
    return rate
