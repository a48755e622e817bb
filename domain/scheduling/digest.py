"""Digest: what coordinators are told of one day, and told once."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.scheduling.warnings import Warnings
from domain.shared.aggregate import Aggregate, Created, event
from domain.shared.ids import AccountId, TenantId, UnitId, derived_id


@dataclass(frozen=True)
class OpenPlaces:
    """Places of a unit's published shifts that nobody holds."""

    unit_id: UnitId
    shifts: int
    places: int


class Digest(Aggregate):
    """One per tenant and day; its id follows from the two, so that none is issued twice."""

    TOPIC = "scheduling.Digest"

    class Issued(Created):
        TOPIC = "scheduling.DigestIssued"
        day: date
        hours: Warnings
        """Weeks above the cap that no admin has let be."""
        left_out: int
        """How many people with such weeks are not listed."""
        open_places: tuple[OpenPlaces, ...]
        """Of the seven days that begin with this one."""
        recipients: tuple[AccountId, ...]

    @event(Issued)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        day: date,
        hours: Warnings,
        left_out: int,
        open_places: tuple[OpenPlaces, ...],
        recipients: tuple[AccountId, ...],
    ) -> None:
        self.day = day
        self.hours = hours
        self.left_out = left_out
        self.open_places = open_places
        self.recipients = recipients

    @staticmethod
    def id_of(tenant_id: TenantId, day: date) -> UUID:
        return derived_id(tenant_id, "digest", day)
