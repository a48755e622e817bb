"""Tenant: an organization whose data nobody else sees."""

from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, event


class Tenant(Aggregate):
    TOPIC = "identity.Tenant"

    class Founded(Created):
        TOPIC = "identity.TenantFounded"
        name: str

    @event(Founded)
    def __init__(self, id: UUID, name: str) -> None:  # noqa: ARG002
        self.name = name
