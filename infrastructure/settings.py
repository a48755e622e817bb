"""The settings, read once at start from ``OPSTREAM_…`` environment variables.

The README's table is made of the descriptions here (``opstream settings``), and so is compared with
docker-compose.yml.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class WrongSettingsError(Exception):
    """A setting is missing or can't be read; the message is one line for the operator."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="OPSTREAM_", extra="ignore", frozen=True)

    database_url: SecretStr | None = Field(
        None, description="PostgreSQL (15 or newer) to use; embedded when not set."
    )
    nats_url: SecretStr | None = Field(
        None, description="NATS (2.10 or newer, JetStream on) to use; embedded when not set."
    )
    data_dir: Path = Field(
        Path(".opstream"), description="Folder of the embedded servers, keys and the outbox."
    )
    host: str = Field("127.0.0.1", description="Address that the API listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port that the API listens on.")
    api_workers: int = Field(1, ge=1, le=64, description="API processes that `serve` starts.")
    worker_port: int | None = Field(
        None, ge=1, le=65535, description="Port of a worker's /healthz, /readyz and /metrics."
    )
    jwt_private_key: SecretStr | None = Field(
        None, description="RSA key (PEM) that signs tokens; made in the data folder when not set."
    )
    jwt_issuer: str = Field("opstream", description="Issuer (`iss`) and audience of our tokens.")
    external_issuer: str | None = Field(
        None,
        description="Issuer (`iss`) whose tokens are accepted beside ours, such as Supabase's "
        "`https://xyz.supabase.co/auth/v1`; none when not set.",
    )
    external_audience: str = Field(
        "authenticated", description="Audience (`aud`) that its tokens must name."
    )
    external_secret: SecretStr | None = Field(
        None, description="Secret (32 bytes or more) that it signs with, by HS256 alone."
    )
    external_jwks_url: str | None = Field(
        None,
        description="Where it publishes its keys instead (https), which sign by RS256, ES256 or "
        "EdDSA alone.",
    )
    access_token_minutes: int = Field(15, ge=1, description="Life of an access token.")
    refresh_token_days: int = Field(30, ge=1, description="Life of a refresh session.")
    login_rate: str = Field(
        "5/minute", description="Log-in attempts per account and per address (`limits` notation)."
    )
    rate_limit_storage_url: SecretStr | None = Field(
        None,
        description="Where attempts are counted (`limits` storage URL); the database when not set.",
    )
    forwarded_allow_ips: str = Field(
        "127.0.0.1", description="Proxies whose X-Forwarded-For is believed, comma separated."
    )
    require_https: bool = Field(
        False, description="Whether requests that did not come by HTTPS are refused."
    )
    max_body_bytes: int = Field(1_048_576, ge=1024, description="Largest request body.")
    max_import_bytes: int = Field(
        10_485_760, ge=1024, description="Largest request body that brings a file of shifts."
    )
    database_pool: int = Field(8, ge=2, description="Database connections of a process.")
    cached_aggregates: int = Field(
        20_000, ge=0, description="Aggregates that an API process keeps in memory."
    )
    read_wait_seconds: float = Field(
        2.0, ge=0, le=10, description="How long an answer waits for the read models to show it."
    )
    idempotency_days: int = Field(7, ge=1, description="How long idempotency keys are remembered.")
    # Drafts are made up to 366 days ahead: fewer would take plans away before their time comes.
    stale_draft_days: int = Field(
        400, ge=1, description="Days after which a draft that nobody touched is discarded."
    )
    reminder_hours: float = Field(
        24, gt=0, le=14 * 24, description="How long before a shift its people are reminded of it."
    )
    stream_days: int = Field(7, ge=1, description="How long NATS keeps events.")
    stream_replicas: int = Field(1, ge=1, le=5, description="Copies of the stream in NATS.")
    outbox_dir: Path | None = Field(
        None, description="Folder of outgoing messages; `outbox` in the data folder when not set."
    )
    email_url: SecretStr | None = Field(
        None,
        description="Provider of e-mail (apprise URL with `{to}` for the recipient, such as "
        "`mailtos://user:password@smtp.example.org?from=ward@example.org&to={to}`); the outbox "
        "when not set.",
    )
    email_rate: str | None = Field(
        None,
        description="E-mails that all senders together may try (`limits` notation, such as "
        "`60/minute`); any number when not set.",
    )
    sms_url: SecretStr | None = Field(
        None,
        description="Provider of text messages (apprise URL with `{to}`); the outbox when not set.",
    )
    sms_rate: str | None = Field(
        None,
        description="Text messages that all senders together may try; as `OPSTREAM_EMAIL_RATE`.",
    )
    delivery_attempts: int = Field(
        12, ge=1, description="Attempts at a delivery before it becomes a dead letter."
    )
    checkpoint_events: int = Field(
        10_000, ge=1, le=100_000, description="Events after which a signed checkpoint is made."
    )
    checkpoint_seconds: float = Field(
        60.0, ge=1, description="Seconds after which one is made of fewer events."
    )
    checkpoint_dir: Path | None = Field(
        None,
        description="Folder of the signed checkpoints' file; `checkpoints` in the data folder "
        "when not set.",
    )
    checkpoint_private_key: SecretStr | None = Field(
        None,
        description="Ed25519 key (PEM) that signs checkpoints; made in the data folder when not "
        "set.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe log lines to write."
    )

    @property
    def outbox(self) -> Path:
        return self.outbox_dir or self.data_dir / "outbox"

    @property
    def checkpoints(self) -> Path:
        return self.checkpoint_dir or self.data_dir / "checkpoints"

    def required(self, name: Literal["database_url", "nats_url"]) -> str:
        """The value of a setting that a single process can't do without.

        Raises WrongSettingsError.
        """
        value: SecretStr | None = getattr(self, name)
        if value is None:
            raise WrongSettingsError(
                f"OPSTREAM_{name.upper()} is not set; set it, or use `opstream serve`."
            )
        return value.get_secret_value()


def read_settings(**overrides: object) -> Settings:
    """Read the environment; `overrides` come from the command line. Raises WrongSettingsError."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(
            f"OPSTREAM_{str(problem['loc'][0]).upper()}: {problem['msg']}"
            for problem in error.errors()
        )
        raise WrongSettingsError(problems) from None
    _check_urls(settings)
    return settings


def _check_urls(settings: Settings) -> None:
    expected = {"database_url": ("postgresql://", "postgres://"), "nats_url": ("nats://", "tls://")}
    for name, schemes in expected.items():
        value: SecretStr | None = getattr(settings, name)
        if value is not None and not value.get_secret_value().startswith(schemes):
            raise WrongSettingsError(f"OPSTREAM_{name.upper()} must start with {schemes[0]}")
