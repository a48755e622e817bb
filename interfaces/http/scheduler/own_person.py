"""The person for whom the account that asks acts."""

from domain.shared.ids import PersonId
from interfaces.http.call import Call
from interfaces.http.scheduler.common import existing
from projections.scheduling.people import person_of_account


async def own_person(call: Call) -> PersonId:
    """The person for whom the account acts. Raises NotFound when there is none in this tenant."""
    actor = call.actor
    row = await call.find(person_of_account, actor.tenant_id, actor.account_id)
    return PersonId(existing(row, "person of the account", actor.account_id).person_id)
