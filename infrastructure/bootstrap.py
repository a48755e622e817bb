"""Putting a process together: the one place where settings become connected parts."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog
from cryptography.hazmat.primitives import serialization
from psycopg_pool import AsyncConnectionPool

from application.dispatch import Dispatcher
from application.ports import EventLog, Outcome
from infrastructure import metrics
from infrastructure.backlog import Backlog
from infrastructure.calendar_feeds import CalendarFeeds
from infrastructure.event_store.cache import AggregateCache
from infrastructure.event_store.event_log import PostgresEventLog
from infrastructure.event_store.group_commit import GroupCommit
from infrastructure.event_store.mapper import EventMapper
from infrastructure.identity.attempts import Attempts, attempts
from infrastructure.identity.current_roles import CurrentRoles
from infrastructure.identity.external import ExternalTokens
from infrastructure.identity.external_settings import external_tokens
from infrastructure.identity.keys import SigningKey, signing_key
from infrastructure.identity.links import Links
from infrastructure.identity.log_changes import LogChanges
from infrastructure.identity.members import Members
from infrastructure.identity.passwords import Passwords
from infrastructure.identity.refresh_sessions import RefreshSessions
from infrastructure.identity.tokens import Tokens
from infrastructure.ids import new_id
from infrastructure.imports.staging import Staging
from infrastructure.looking import Looking
from infrastructure.postgres.durable import commit_durably
from infrastructure.postgres.reads import Reads
from infrastructure.postgres.urls import bounded_conninfo
from infrastructure.postgres.watch import ProjectionWatch
from infrastructure.readiness import CRITICAL, Readiness
from infrastructure.registry import load_all
from infrastructure.remembered_answers import RememberedAnswers
from infrastructure.settings import Settings

log = structlog.get_logger()

Pool = AsyncConnectionPool[psycopg.AsyncConnection[Any]]


@dataclass(frozen=True)
class Desk:
    """What somebody works with who does nothing but give commands and ask read models."""

    settings: Settings
    dispatcher: Dispatcher
    log: EventLog
    reads: Reads
    pool: Pool


@dataclass(frozen=True)
class Core(Desk):
    """What an API process, or the command line, works with."""

    watch: ProjectionWatch
    tokens: Tokens
    external: ExternalTokens | None
    """Those of the external issuer, if the settings name one."""
    links: Links
    passwords: Passwords
    refresh_sessions: RefreshSessions
    feeds: CalendarFeeds
    attempts: Attempts
    members: Members
    roles: CurrentRoles
    readiness: Readiness
    backlog: Backlog
    staging: Staging
    remembered: RememberedAnswers


@asynccontextmanager
async def core(settings: Settings) -> AsyncIterator[Core]:
    """Connect everything; on the way out, let running appends finish and disconnect.

    Raises WrongSettingsError, or psycopg_pool.PoolTimeout when the database can't be reached.
    """
    key, external = signing_key(settings), external_tokens(settings)
    async with (
        # First, so that it hears the projector by the time that the rest is connected.
        ProjectionWatch(settings.required("database_url")) as watch,
        desk(settings) as at,
        LogChanges(settings.required("database_url")) as changes,
    ):
        looking = Looking(settings.required("database_url"), at.pool)
        yield Core(
            **vars(at),
            watch=watch,
            tokens=Tokens(
                key, settings.jwt_issuer, timedelta(minutes=settings.access_token_minutes)
            ),
            external=external,
            links=Links(changes, at.pool),
            passwords=Passwords(at.pool),
            refresh_sessions=RefreshSessions(
                at.pool, _refresh_secret(key), timedelta(days=settings.refresh_token_days)
            ),
            feeds=CalendarFeeds(at.pool),
            attempts=attempts(settings, at.pool),
            members=Members(at.reads),
            roles=CurrentRoles(changes, at.pool),
            readiness=Readiness(settings, ("projector", "relay"), looking, CRITICAL),
            backlog=Backlog(looking),
            staging=Staging(at.pool),
            remembered=RememberedAnswers(watch),
        )


@asynccontextmanager
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    """Connect what commands and questions need; on the way out, let running appends finish.

    Raises WrongSettingsError, or psycopg_pool.PoolTimeout when the database can't be reached.
    """
    load_all()
    database_url = settings.required("database_url")
    mapper = EventMapper()
    writer = GroupCommit(database_url, mapper)
    reads = Reads(database_url, settings.database_pool)
    async with _pool(database_url, settings) as pool:
        await pool.wait(timeout=10)
        await writer.start()
        cache = AggregateCache(settings.cached_aggregates)
        event_log = PostgresEventLog(pool, writer, mapper, cache)
        dispatcher = Dispatcher(event_log, now, new_id, observe)
        try:
            yield Desk(settings, dispatcher, event_log, reads, pool)
        finally:
            await writer.stop()
            await reads.dispose()


def now() -> datetime:
    return datetime.now(UTC)


def observe(outcome: Outcome) -> None:
    """Count a command and write its line."""
    stamp = outcome.stamp
    metrics.command_counted(stamp.command, outcome.outcome).inc()
    metrics.command_seconds(stamp.command).observe(outcome.seconds)
    if outcome.attempts > 1:
        metrics.COMMAND_RETRIES.inc(outcome.attempts - 1)
    log.info(
        "command",
        command=stamp.command,
        outcome=outcome.outcome,
        attempts=outcome.attempts,
        events=outcome.events,
        ms=round(outcome.seconds * 1000, 2),
        command_id=_text(stamp.command_id),
        request_id=stamp.request_id,
        actor=_text(stamp.actor.account_id),
        tenant=_text(stamp.actor.tenant_id),
    )


def _text(value: UUID) -> str:
    return str(value)


def _pool(database_url: str, settings: Settings) -> Pool:
    return AsyncConnectionPool(
        bounded_conninfo(database_url, application="opstream loads"),
        min_size=2,
        max_size=settings.database_pool,
        timeout=2,
        max_waiting=1000,
        open=False,
        kwargs={"autocommit": True, "prepare_threshold": 0},
        configure=commit_durably,
    )


def _refresh_secret(key: SigningKey) -> bytes:
    """Every process that has the signing key has this one too."""
    private = key.private.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return hashlib.sha256(b"opstream refresh sessions" + private).digest()
