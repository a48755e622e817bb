"""All scenarios, in the order in which they are told."""

from tests.faults import api_faults, nats_faults, postgres_faults
from tests.faults.registry import SCENARIOS

__all__ = ["SCENARIOS", "api_faults", "nats_faults", "postgres_faults"]
