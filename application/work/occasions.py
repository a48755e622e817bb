"""Occasions, the EventFlow document's events, and who is a member."""

from application.commands import Command, command, handles
from application.unit_of_work import Work
from domain.shared.errors import Forbidden, Invalid, NotFound
from domain.shared.ids import AccountId, OccasionId
from domain.shared.period import Period
from domain.shared.permissions import Permission
from domain.work.occasion import Occasion, OccasionChange
from domain.work.profile import Profile

EVERY_OCCASION = Permission.parse("occasions:write:all")


@command(needs="occasions:write:own")
class PlanOccasion(Command[Occasion]):
    name: str
    description: str
    period: Period


@handles(PlanOccasion)
async def plan_occasion(command: PlanOccasion, work: Work) -> Occasion:
    """Who plans it and has a user type is its first member."""
    occasion = Occasion.plan(work.new_id(), command.name, command.description, command.period)
    own = work.actor.account_id
    if await _has_a_user_type(own, work):
        occasion.add_member(own)
    return work.add(occasion)


@command(needs="occasions:write:own")
class ChangeOccasion(Command[Occasion]):
    occasion_id: OccasionId
    change: OccasionChange


@handles(ChangeOccasion)
async def change_occasion(command: ChangeOccasion, work: Work) -> Occasion:
    occasion = await _own(command.occasion_id, work)
    occasion.change(command.change)
    return occasion


@command(needs="occasions:write:own")
class AddOccasionMember(Command[Occasion]):
    occasion_id: OccasionId
    account_id: AccountId


@handles(AddOccasionMember)
async def add_occasion_member(command: AddOccasionMember, work: Work) -> Occasion:
    """Raises Invalid when the account has no user type in this tenant."""
    occasion = await _own(command.occasion_id, work)
    if not await _has_a_user_type(command.account_id, work):
        raise Invalid("Only who has a user type can be a member.", {"userId": "has no user type"})
    occasion.add_member(command.account_id)
    return occasion


@command(needs="occasions:write:own")
class RemoveOccasionMember(Command[Occasion]):
    occasion_id: OccasionId
    account_id: AccountId


@handles(RemoveOccasionMember)
async def remove_occasion_member(command: RemoveOccasionMember, work: Work) -> Occasion:
    occasion = await _own(command.occasion_id, work)
    if command.account_id not in occasion.members:
        raise NotFound("member", command.account_id)
    occasion.remove_member(command.account_id)
    return occasion


async def _own(occasion_id: OccasionId, work: Work) -> Occasion:
    """One that the actor is a member of, or any for an admin. Raises NotFound, Forbidden."""
    occasion = await work.get(Occasion, occasion_id)
    if not work.actor.may(EVERY_OCCASION) and work.actor.account_id not in occasion.members:
        raise Forbidden("Only its members and admins change an event.", needs=str(EVERY_OCCASION))
    return occasion


async def _has_a_user_type(account_id: AccountId, work: Work) -> bool:
    profile_id = Profile.id_of(work.tenant_id, account_id)
    return await work.glance(Profile, profile_id) is not None
