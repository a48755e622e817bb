"""What happens to a shift and to the places on it."""

from domain.scheduling.warnings import Warnings
from domain.shared.aggregate import Created, Event
from domain.shared.ids import PersonId, SwapId, UnitId
from domain.shared.period import Period


class Drafted(Created):
    TOPIC = "scheduling.ShiftDrafted"
    class_version = 2
    unit_id: UnitId
    role: str
    period: Period
    zone: str
    headcount: int
    notes: dict[str, object]
    people: tuple[PersonId, ...]

    @staticmethod
    def upcast_v1_v2(state: dict[str, object]) -> None:
        state["people"] = ()


class Changed(Event):
    TOPIC = "scheduling.ShiftChanged"
    class_version = 2
    role: str
    period: Period
    headcount: int
    notes: dict[str, object]
    people: tuple[PersonId, ...]

    @staticmethod
    def upcast_v1_v2(state: dict[str, object]) -> None:
        state["people"] = ()


class Discarded(Event):
    TOPIC = "scheduling.ShiftDiscarded"


class Published(Event):
    TOPIC = "scheduling.ShiftPublished"
    class_version = 2
    notify: bool
    """Whether those who could take a place are told that there is one."""

    @staticmethod
    def upcast_v1_v2(state: dict[str, object]) -> None:
        state["notify"] = False


class Cancelled(Event):
    TOPIC = "scheduling.ShiftCancelled"
    reason: str


class Completed(Event):
    TOPIC = "scheduling.ShiftCompleted"


class Reminded(Event):
    TOPIC = "scheduling.ShiftReminded"
    person_ids: tuple[PersonId, ...]


class PersonAssigned(Event):
    TOPIC = "scheduling.PersonAssigned"
    person_id: PersonId


class PlaceClaimed(Event):
    """Somebody took a free place; no answer is waited for."""

    TOPIC = "scheduling.PlaceClaimed"
    person_id: PersonId


class AssignmentAccepted(Event):
    TOPIC = "scheduling.AssignmentAccepted"
    person_id: PersonId


class AssignmentDeclined(Event):
    TOPIC = "scheduling.AssignmentDeclined"
    person_id: PersonId


class AssignmentReassigned(Event):
    TOPIC = "scheduling.AssignmentReassigned"
    person_id: PersonId
    to_person_id: PersonId


class PlaceOffered(Event):
    """Who holds the place would swap it."""

    TOPIC = "scheduling.PlaceOffered"
    person_id: PersonId
    swap_id: SwapId


class PlaceSwapped(Event):
    """The place went from one person to the other, who has agreed to it."""

    TOPIC = "scheduling.PlaceSwapped"
    person_id: PersonId
    to_person_id: PersonId
    swap_id: SwapId


class WarningsRaised(Event):
    """A person was put on the shift although there is something to be told of it."""

    TOPIC = "scheduling.WarningsRaised"
    person_id: PersonId
    warnings: Warnings


class WarningsOverridden(Event):
    """An admin lets an assignment be in spite of its warnings."""

    TOPIC = "scheduling.WarningsOverridden"
    person_id: PersonId
    warnings: Warnings
    reason: str
