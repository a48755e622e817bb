"""A log is one JSON object per line, whoever writes it."""

import asyncio
import io
import json
import logging

import pytest
import structlog

from infrastructure.logging import OnceATurn, configure_logging
from infrastructure.settings import Settings


@pytest.fixture
def configured():
    """Logging as a process has it, for one test."""
    ours, root = structlog.get_config(), logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def configure(**settings):
        # Before it configures, it takes every handler away and closes it: not those of pytest.
        root.handlers.clear()
        configure_logging(Settings(**settings))

    yield configure
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**ours)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_of_ours_is_one_json_object(configured, capfdbinary):
    configured()
    structlog.get_logger().info("command", command="AssignPeople", ms=1.5)
    (line,) = lines(capfdbinary.readouterr().out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "command", "level": "info", "command": "AssignPeople", "ms": 1.5}


def test_an_exception_stands_on_the_same_line(configured, capfdbinary):
    configured()
    try:
        int("first\nsecond")
    except ValueError:
        structlog.get_logger().exception("failed")
    (line,) = lines(capfdbinary.readouterr().out)
    assert "ValueError: invalid literal" in line["exception"]


def test_lines_below_the_level_are_not_written(configured, capfdbinary):
    configured(log_level="error")
    structlog.get_logger().warning("never mind")
    structlog.get_logger().error("mind")
    assert [line["event"] for line in lines(capfdbinary.readouterr().out)] == ["mind"]


def test_libraries_write_the_same_form_from_warnings_on(configured, capfdbinary):
    configured(log_level="debug")
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("look at %s", "this")
    (line,) = lines(capfdbinary.readouterr().err)
    assert (line["event"], line["level"]) == ("look at this", "warning")


class Counted(io.BytesIO):
    flushes = 0

    def flush(self):
        self.flushes += 1


class TestWhenLinesLeave:
    @pytest.fixture
    def file(self):
        return Counted()

    @pytest.fixture
    def log(self, file):
        return structlog.BytesLogger(OnceATurn(file))

    async def test_those_of_one_turn_of_the_loop_leave_together(self, file, log):
        log.info(b"one")
        log.info(b"two")
        assert file.flushes == 0
        await asyncio.sleep(0)
        assert (file.flushes, file.getvalue()) == (1, b"one\ntwo\n")
        log.info(b"three")
        await asyncio.sleep(0)
        assert file.flushes == 2

    def test_where_no_loop_runs_each_leaves_at_once(self, file, log):
        log.info(b"one")
        log.info(b"two")
        assert file.flushes == 2

    def test_a_loop_that_ended_before_its_turn_did_keeps_nothing_back(self, file, log):
        async def last_words():
            log.info(b"last")
            asyncio.get_running_loop().stop()

        loop = asyncio.new_event_loop()
        task = loop.create_task(last_words())
        loop.run_forever()
        loop.run_until_complete(task)
        loop.close()
        asyncio.run(self._say(log))
        log.info(b"after all")
        assert file.flushes >= 2

    async def _say(self, log):
        log.info(b"again")
        await asyncio.sleep(0)
