"""Policy: what a tenant has laid down for all of its shifts."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid
from domain.shared.ids import TenantId, derived_id
from domain.shared.keeping import KEPT, Kept, kept_or

MOST_REST = 7 * 24
"""Hours; who needs more rest than a week after each shift is not on shifts."""


@dataclass(frozen=True)
class Terms:
    """The defaults are what holds where a tenant has laid down nothing.

    Source of the eleven hours: the EU's working time directive (2003/88/EC, article 3).
    """

    minimum_rest_hours: float = 11.0
    """Hours between two shifts of a person; 0 asks for none."""
    swaps_need_approval: bool = False
    """Whether a coordinator has to approve a swap before it happens."""


@dataclass(frozen=True)
class TermsChange:
    """What is given is changed, the rest kept."""

    minimum_rest_hours: float | Literal[Kept.KEPT] = KEPT
    swaps_need_approval: bool | Literal[Kept.KEPT] = KEPT

    def of(self, old: Terms) -> Terms:
        """Raises Invalid when a given part can't be one."""
        return Terms(
            kept_or(old.minimum_rest_hours, self.minimum_rest_hours, rest_hours),
            kept_or(old.swaps_need_approval, self.swaps_need_approval),
        )


def rest_hours(hours: float) -> float:
    """Raises Invalid when nobody could rest so long."""
    if not 0 <= hours <= MOST_REST:
        raise Invalid(
            "This can't be a rest between shifts.",
            {"minimum_rest_hours": f"must be between 0 and {MOST_REST}"},
        )
    return float(hours)


class Policy(Aggregate):
    TOPIC = "scheduling.Policy"

    class Adopted(Created):
        TOPIC = "scheduling.PolicyAdopted"
        terms: Terms

    class Changed(Event):
        TOPIC = "scheduling.PolicyChanged"
        terms: Terms

    @event(Adopted)
    def __init__(self, id: UUID, terms: Terms) -> None:  # noqa: ARG002
        self.terms = terms

    @staticmethod
    def id_of(tenant_id: TenantId) -> UUID:
        return derived_id(tenant_id, "scheduling policy")

    def change(self, change: TermsChange) -> None:
        """Raises Invalid. Asking for what is so already changes nothing."""
        if (terms := change.of(self.terms)) != self.terms:
            self._changed(terms=terms)

    @event(Changed)
    def _changed(self, terms: Terms) -> None:
        self.terms = terms
