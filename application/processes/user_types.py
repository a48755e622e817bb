"""Who is of which user type: a member of the tenant gets a profile."""

from application.commands import Command, command, handles
from application.unit_of_work import Work
from domain.identity.membership import Membership
from domain.shared.errors import NotFound
from domain.shared.ids import AccountId, UserTypeId
from domain.work.profile import Profile
from domain.work.user_type import UserType


@command(needs="reference:write")
class SetUserType(Command[Profile]):
    account_id: AccountId
    user_type_id: UserTypeId


@handles(SetUserType)
async def set_user_type(command: SetUserType, work: Work) -> Profile:
    """Raises NotFound when the account is not a member, or there is no such user type."""
    membership_id = Membership.id_of(work.tenant_id, command.account_id)
    membership = await work.glance(Membership, membership_id)
    if membership is None or not membership.active:
        raise NotFound("user", command.account_id)
    await work.read(UserType, command.user_type_id)
    profile_id = Profile.id_of(work.tenant_id, command.account_id)
    profile = await work.find(Profile, profile_id)
    if profile is None:
        return work.add(Profile(profile_id, command.account_id, command.user_type_id))
    profile.become(command.user_type_id)
    return profile
