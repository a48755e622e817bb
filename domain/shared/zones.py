"""IANA time zones by name."""

from functools import cache
from zoneinfo import available_timezones

from domain.shared.errors import Invalid


@cache
def zones() -> frozenset[str]:
    """Every name there is."""
    # Asking for them walks through a folder of 600 files.
    return frozenset(available_timezones())


def zone_name(zone: str) -> str:
    """The name of a zone, as it is. Raises Invalid when there is none of that name."""
    if zone not in zones():
        raise Invalid("There is no such time zone.", {"zone": "is not an IANA time zone"})
    return zone
