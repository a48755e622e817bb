"""Profile: of which user type an account is in a tenant."""

from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.ids import AccountId, TenantId, UserTypeId, derived_id


class Profile(Aggregate):
    TOPIC = "work.Profile"

    class Made(Created):
        TOPIC = "work.ProfileMade"
        account_id: AccountId
        user_type_id: UserTypeId

    class TypeChanged(Event):
        TOPIC = "work.ProfileTypeChanged"
        user_type_id: UserTypeId

    @event(Made)
    def __init__(self, id: UUID, account_id: AccountId, user_type_id: UserTypeId) -> None:  # noqa: ARG002
        self.account_id = account_id
        self.user_type_id = user_type_id

    @staticmethod
    def id_of(tenant_id: TenantId, account_id: AccountId) -> UUID:
        return derived_id(tenant_id, "profile", account_id)

    def become(self, user_type_id: UserTypeId) -> None:
        if user_type_id != self.user_type_id:
            self._type_changed(user_type_id)

    @event(TypeChanged)
    def _type_changed(self, user_type_id: UserTypeId) -> None:
        self.user_type_id = user_type_id
