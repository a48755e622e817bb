"""Unit: a place with shifts, such as a ward or a kitchen."""

from dataclasses import dataclass
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import refuse
from domain.shared.ids import UnitId
from domain.shared.refusals import Refusal
from domain.shared.texts import name_of
from domain.shared.zones import zone_name


@dataclass(frozen=True)
class UnitIsClosed(Refusal):
    unit_id: UnitId

    @property
    def message(self) -> str:
        return "The unit is closed: it gets no new shifts."


class Unit(Aggregate):
    TOPIC = "scheduling.Unit"
    SNAPSHOT_VERSION = 2

    class Opened(Created):
        TOPIC = "scheduling.UnitOpened"
        name: str
        zone: str

    class Changed(Event):
        TOPIC = "scheduling.UnitChanged"
        name: str
        zone: str

    class Closed(Event):
        TOPIC = "scheduling.UnitClosed"

    class Reopened(Event):
        TOPIC = "scheduling.UnitReopened"

    @event(Opened)
    def __init__(self, id: UUID, name: str, zone: str) -> None:  # noqa: ARG002
        self.name = name
        self.zone = zone
        """The IANA time zone in which the unit's wall clock runs."""
        self.active = True

    @classmethod
    def open(cls, id: UUID, name: str, zone: str) -> "Unit":
        """Raises Invalid when the name or the zone can't be one."""
        return cls(id=id, name=name_of("unit", name), zone=zone_name(zone))

    def change(self, *, name: str | None = None, zone: str | None = None) -> None:
        """Change what is given; shifts that there are keep the wall clock they were drafted by.

        Raises Invalid when the name or the zone can't be one.
        """
        new_name = self.name if name is None else name_of("unit", name)
        new_zone = self.zone if zone is None else zone_name(zone)
        if (new_name, new_zone) != (self.name, self.zone):
            self._changed(name=new_name, zone=new_zone)

    def close(self) -> None:
        if self.active:
            self._closed()

    def reopen(self) -> None:
        if not self.active:
            self._reopened()

    def must_be_open(self) -> None:
        """Raises RuleBroken when it is closed."""
        refuse(None if self.active else UnitIsClosed(UnitId(self.id)))

    @event(Changed)
    def _changed(self, name: str, zone: str) -> None:
        self.name = name
        self.zone = zone

    @event(Closed)
    def _closed(self) -> None:
        self.active = False

    @event(Reopened)
    def _reopened(self) -> None:
        self.active = True
