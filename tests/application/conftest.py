"""Each test tells its own story."""

from tests.support.given import story

__all__ = ["story"]
