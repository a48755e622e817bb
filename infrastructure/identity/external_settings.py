"""The external issuer of the settings: one way to verify its tokens, or one line why not."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from infrastructure.identity.external import (
    ExternalTokens,
    IssuersKeys,
    KeysByName,
    SharedSecret,
)
from infrastructure.identity.published_keys import PublishedKeys
from infrastructure.settings import Settings, WrongSettingsError

SHORTEST = 32
"""Bytes of a secret for HS256 (RFC 7518, 3.2)."""

_ISSUER, _SECRET = "OPSTREAM_EXTERNAL_ISSUER", "OPSTREAM_EXTERNAL_SECRET"
_JWKS_URL = "OPSTREAM_EXTERNAL_JWKS_URL"


def external_tokens(settings: Settings) -> ExternalTokens | None:
    """None when no issuer is set; what is set empty counts as not set. It asks nobody yet.

    Raises WrongSettingsError.
    """
    secret = settings.external_secret and settings.external_secret.get_secret_value()
    keys = _keys_of(secret or None, settings.external_jwks_url or None)
    if not settings.external_issuer:
        if keys is not None:
            raise WrongSettingsError(f"{_SECRET} or {_JWKS_URL} is set without {_ISSUER}.")
        return None
    if keys is None:
        raise WrongSettingsError(f"{_ISSUER} is set without {_SECRET} or {_JWKS_URL}.")
    if settings.external_issuer == settings.jwt_issuer:
        raise WrongSettingsError(f"{_ISSUER} must differ from OPSTREAM_JWT_ISSUER.")
    if not settings.external_audience:
        raise WrongSettingsError("OPSTREAM_EXTERNAL_AUDIENCE must not be empty.")
    return ExternalTokens(settings.external_issuer, settings.external_audience, keys)


def _keys_of(secret: str | None, jwks_url: str | None) -> IssuersKeys | None:
    if secret is not None and jwks_url is not None:
        raise WrongSettingsError(f"Of {_SECRET} and {_JWKS_URL}, only one may be set.")
    if secret is not None:
        return SharedSecret(_long_enough(secret.encode()))
    if jwks_url is not None:
        return KeysByName(PublishedKeys(_safe(jwks_url)))
    return None


def _long_enough(secret: bytes) -> bytes:
    if len(secret) < SHORTEST:
        raise WrongSettingsError(f"{_SECRET} must have {SHORTEST} bytes or more.")
    if secret.lstrip().startswith((b"-----BEGIN", b"ssh-")):
        raise WrongSettingsError(f"{_SECRET} is a key of its own, not a shared secret.")
    return secret


def _safe(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))):
        raise WrongSettingsError(f"{_JWKS_URL} must start with https://, or lead to this machine.")
    return url


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
