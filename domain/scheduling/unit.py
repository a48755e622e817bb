"""Unit: a place with shifts, such as a ward or a kitchen."""

from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, event


class Unit(Aggregate):
    TOPIC = "scheduling.Unit"

    class Opened(Created):
        TOPIC = "scheduling.UnitOpened"
        name: str
        zone: str

    @event(Opened)
    def __init__(self, id: UUID, name: str, zone: str) -> None:  # noqa: ARG002
        self.name = name
        self.zone = zone
        """The IANA time zone in which the unit's wall clock runs."""
