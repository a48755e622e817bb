"""What is logged in a block, although the tests are otherwise silent."""

import contextlib
import logging

import structlog
from structlog.testing import capture_logs


@contextlib.contextmanager
def logged():
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    try:
        with capture_logs() as lines:
            yield lines
    finally:
        structlog.configure(**before)
