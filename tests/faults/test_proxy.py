"""The line between two processes breaks in each way it is told to."""

import asyncio

import pytest

from tests.faults.proxy import Proxy


async def test_a_whole_line_carries_both_ways(line):
    assert await asked(line, b"hello") == b"HELLO"


async def test_a_cut_line_is_noticed_and_the_next_one_is_whole(line):
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    writer.write(b"hello")
    await reader.read(5)
    line.cut()
    assert await ended(reader)
    writer.close()
    assert await asked(line, b"hello") == b"HELLO"


async def test_a_refusing_line_ends_new_connections_until_it_is_healed(line):
    line.refuse()
    assert await asked(line, b"hello") == b""
    line.heal()
    assert await asked(line, b"hello") == b"HELLO"


async def test_a_half_open_line_swallows_and_tells_nobody(line):
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    line.half_open()
    writer.write(b"hello")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(5), 0.1)
    line.heal()
    assert await ended(reader)
    writer.close()


async def test_an_answer_is_lost_after_the_server_got_the_request(line, heard):
    line.lose_answers(b"commit", 1)
    assert await asked(line, b"commit") == b""
    assert heard == [b"commit"]
    assert line.lost_answers == 1
    assert await asked(line, b"commit") == b"COMMIT"


async def test_a_slow_line_takes_its_time(line):
    line.delay(0.1)
    started = asyncio.get_running_loop().time()
    await asked(line, b"hello")
    assert asyncio.get_running_loop().time() - started >= 0.2


async def asked(line, what):
    """Ask over a new connection; nothing when it breaks."""
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    try:
        writer.write(what)
        return await asyncio.wait_for(reader.read(len(what)), 5)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def ended(reader):
    try:
        return await asyncio.wait_for(reader.read(1), 5) == b""
    except ConnectionError:
        return True


@pytest.fixture
def heard():
    return []


@pytest.fixture
async def line(heard):
    """To a server that answers in capitals."""

    async def answer(reader, writer):
        while data := await reader.read(100):
            heard.append(data)
            writer.write(data.upper())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with Proxy("test", server.sockets[0].getsockname()[1]) as proxy:
        yield proxy
    server.close()
