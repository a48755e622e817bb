"""Faults of NATS, of the line to it, and of what it delivers."""

import shutil
from contextlib import AsyncExitStack
from pathlib import Path

import nats
import psycopg
from nats.aio.client import Client

from infrastructure.event_store.reader import newest_position, read_after
from infrastructure.nats.cloud_events import encode, subject_of
from tests.faults.bed import WORKERS
from tests.faults.registry import scenario
from tests.faults.stage import Stage


@scenario()
async def nats_store_deleted(stage: Stage) -> None:
    """NATS dies and is started again without its store."""
    async with stage.held_down("nats"):
        shutil.rmtree(stage.bed.data_dir / "nats")
        await stage.some_are_answered()
    await stage.some_are_answered()


@scenario()
async def nats_killed_in_a_loop(stage: Stage) -> None:
    """NATS dies five times, each time it has just come back."""
    for _ in range(5):
        stage.bed.kill("nats")
        await stage.ended("nats")
        await stage.started("nats")
        await stage.pause(stage.rng.uniform(0.1, 0.6))


@scenario()
async def nats_stopped(stage: Stage) -> None:
    """NATS stops (SIGSTOP) for 30 s, and nobody restarts it."""
    async with stage.stopped("nats"), stage.unwatched("nats"):
        await stage.pause(30.0)
        await stage.some_are_answered()


@scenario()
async def nats_bit_flipped(stage: Stage) -> None:
    """NATS is started again with a bit flipped in what its consumers have not got yet."""
    for name in WORKERS:
        stage.bed.restart(name, OPSTREAM_FAILPOINTS="consumer_mid_batch=sleep:1.5")
    await stage.some_are_answered(100)
    async with AsyncExitStack() as down:
        for name in (*WORKERS, "nats"):
            await down.enter_async_context(stage.held_down(name))
        for block in (stage.bed.data_dir / "nats").rglob("msgs/*.blk"):
            _flip_a_bit(stage, block)
    await stage.some_are_answered()


@scenario()
async def nats_line_half_open(stage: Stage) -> None:
    """The line to NATS swallows what is said, for 12 s."""
    stage.bed.worker_nats.half_open()
    await stage.pause(12.0)


@scenario()
async def nats_line_cut(stage: Stage) -> None:
    """Every connection to NATS breaks, six times in a row."""
    for _ in range(6):
        stage.bed.worker_nats.cut()
        await stage.pause(stage.rng.uniform(0.05, 0.5))


@scenario()
async def duplicated_and_shuffled(stage: Stage) -> None:
    """Everything that was ever published comes again, twice, in any order, while more happens."""
    async with await psycopg.AsyncConnection.connect(
        stage.bed.database_url, autocommit=True
    ) as connection:
        head = await newest_position(connection)
        entries = 2 * await read_after(connection, 0, head)
    stage.rng.shuffle(entries)
    client = await _client(stage)
    for entry in entries:
        await client.publish(subject_of(entry), encode(entry, 1_000_000))
    await client.drain()
    await stage.some_are_answered()


@scenario()
async def nonsense_delivered(stage: Stage) -> None:
    """Messages come that nobody of ours sent: no JSON, no event, no fields, a strange subject."""
    client = await _client(stage)
    nonsense = (
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"id": "x"}',
        b'{"id": "99999999"}',
    )
    for payload in nonsense:
        await client.publish("events.nobody.knows.This", payload)
    await client.drain()
    await stage.some_are_answered()


async def _client(stage: Stage) -> Client:
    return await nats.connect(stage.bed.nats_url)


def _flip_a_bit(stage: Stage, block: Path) -> None:
    content = bytearray(block.read_bytes())
    assert content, f"{block} is empty"
    content[-stage.rng.randrange(1, len(content) // 3)] ^= 1 << stage.rng.randrange(8)
    block.write_bytes(content)
