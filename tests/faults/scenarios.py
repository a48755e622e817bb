"""All scenarios, in the order in which they are told."""

from tests.faults import (
    api_faults,
    machine_faults,
    nats_faults,
    poison,
    postgres_faults,
    worker_faults,
)
from tests.faults.registry import SCENARIOS

__all__ = [
    "SCENARIOS",
    "api_faults",
    "machine_faults",
    "nats_faults",
    "poison",
    "postgres_faults",
    "worker_faults",
]
