"""What a tenant lays down for its shifts."""

from application.commands import Command, command, handles
from application.unit_of_work import Work
from domain.scheduling.policy import Policy, Terms, TermsChange


@command(needs="policy:write")
class ChangePolicy(Command[Policy]):
    change: TermsChange


@handles(ChangePolicy)
async def change_policy(command: ChangePolicy, work: Work) -> Policy:
    policy_id = Policy.id_of(work.tenant_id)
    policy = await work.find(Policy, policy_id)
    if policy is None:
        return work.add(Policy(id=policy_id, terms=command.change.of(Terms())))
    policy.change(command.change)
    return policy


async def terms_of(work: Work) -> Terms:
    """What the tenant has laid down, or the defaults."""
    policy = await work.glance(Policy, Policy.id_of(work.tenant_id))
    return Terms() if policy is None else policy.terms
