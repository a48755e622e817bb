"""Digest: what coordinators are told of one day, and told once.

It names people and units as they were called then: it is a message, and read as one.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, event
from domain.shared.ids import PersonId, TenantId, UnitId, derived_id


@dataclass(frozen=True)
class HoursAboveCap:
    """A week above the cap that no admin has let be."""

    person_id: PersonId
    name: str
    week: str
    hours: float
    cap: float


@dataclass(frozen=True)
class OpenPlaces:
    """Places of a unit's published shifts that nobody holds."""

    unit_id: UnitId
    name: str
    shifts: int
    places: int


class Digest(Aggregate):
    """One per tenant and day; its id follows from the two, so that none is issued twice."""

    TOPIC = "scheduling.Digest"

    class Issued(Created):
        TOPIC = "scheduling.DigestIssued"
        day: date
        hours: tuple[HoursAboveCap, ...]
        left_out: int
        """How many people with such weeks are not listed."""
        open_places: tuple[OpenPlaces, ...]
        """Of the seven days from then on."""

    @event(Issued)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        day: date,
        hours: tuple[HoursAboveCap, ...],
        left_out: int,
        open_places: tuple[OpenPlaces, ...],
    ) -> None:
        self.day = day
        self.hours = hours
        self.left_out = left_out
        self.open_places = open_places

    @staticmethod
    def id_of(tenant_id: TenantId, day: date) -> UUID:
        return derived_id(tenant_id, "digest", day)
