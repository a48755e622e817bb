"""Connections for queries go to whoever waits longest."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from infrastructure.postgres import reads as module
from infrastructure.postgres.reads import Reads


@asynccontextmanager
async def reading(database_url, connections):
    reads = Reads(database_url, connections)
    try:
        yield reads
    finally:
        await reads.dispose()


async def test_readers_who_ask_again_and_again_let_nobody_starve(database_url):
    served = [0] * 16

    async def read(reads, number):
        while max(served) < 40:
            async with reads.connect() as connection:
                await connection.exec_driver_sql("SELECT 1")
            served[number] += 1

    async with reading(database_url, connections=4) as reads, asyncio.timeout(15):
        await asyncio.gather(*(read(reads, number) for number in range(16)))
    assert min(served) >= 20


async def test_who_waits_too_long_is_told(database_url, monkeypatch):
    monkeypatch.setattr(module, "WAIT", 0.05)
    async with reading(database_url, connections=1) as reads, reads.connect():
        with pytest.raises(PoolTimeout):
            async with reads.connect():
                pass


async def test_a_connection_comes_back_also_after_an_error(database_url):
    async with reading(database_url, connections=1) as reads:
        with pytest.raises(ZeroDivisionError):
            async with reads.connect():
                raise ZeroDivisionError
        async with reads.connect() as connection:
            assert (await connection.exec_driver_sql("SELECT 1")).scalar() == 1
