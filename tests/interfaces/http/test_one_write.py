"""Head and body of an answer leave in one piece; nothing waits longer than a turn of the loop."""

import asyncio

import pytest

from interfaces.http.one_write import Joining


class Wire(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.written = []
        self.is_closed = False

    def write(self, data):
        assert not self.is_closed
        self.written.append(bytes(data))

    def close(self):
        self.is_closed = True

    def is_closing(self):
        return self.is_closed


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
async def joining(wire):
    return Joining(wire, asyncio.get_running_loop())


async def test_head_and_body_are_one_write(wire, joining):
    joining.write(b"head ")
    assert wire.written == []
    joining.write(b"body")
    await asyncio.sleep(0)
    assert wire.written == [b"head body"]


async def test_a_head_whose_body_takes_time_leaves_as_the_turn_ends(wire, joining):
    joining.write(b"head")
    await asyncio.sleep(0)
    assert wire.written == [b"head"]
    joining.write(b"first")
    joining.write(b"second")
    assert wire.written == [b"head", b"firstsecond"]


async def test_what_is_held_leaves_before_the_end(wire, joining):
    joining.write(b"answer")
    joining.close()
    assert (wire.written, wire.is_closed) == ([b"answer"], True)
    await asyncio.sleep(0)
    assert wire.written == [b"answer"]


async def test_order_is_kept_over_many_writes_and_turns(wire, joining):
    for number in range(20):
        joining.write(b"%d " % number)
        if number % 3 == 0:
            await asyncio.sleep(0)
    joining.flush()
    assert b"".join(wire.written) == b"".join(b"%d " % number for number in range(20))
    assert len(wire.written) < 20


async def test_a_client_that_has_gone_gets_nothing_more(wire, joining):
    joining.write(b"head")
    wire.close()
    await asyncio.sleep(0)
    assert wire.written == []
