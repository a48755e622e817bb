"""Saying how one wants to be told of what concerns one."""

from application.commands import Command, command, handles
from application.unit_of_work import Work
from domain.scheduling.preferences import NotificationPreferences, Preferences
from domain.shared.errors import Stale


@command(needs="preferences:write:own")
class StatePreferences(Command[NotificationPreferences]):
    """The actor's own, the whole document; `seen` is the version that the client has seen, 0 where
    there was none, and None to replace whatever there is.
    """

    preferences: Preferences
    seen: int | None = None


@handles(StatePreferences)
async def state_preferences(command: StatePreferences, work: Work) -> NotificationPreferences:
    account_id = work.actor.account_id
    preferences_id = NotificationPreferences.id_of(work.tenant_id, account_id)
    found = await work.find(NotificationPreferences, preferences_id)
    version = 0 if found is None else found.version
    if command.seen not in {None, version}:
        raise Stale("The preferences have been changed since.", version=version)
    if found is None:
        return work.add(
            NotificationPreferences.state(preferences_id, account_id, command.preferences)
        )
    found.replace(command.preferences)
    return found


async def own_preferences(work: Work) -> NotificationPreferences | None:
    """What the actor said, or None."""
    preferences_id = NotificationPreferences.id_of(work.tenant_id, work.actor.account_id)
    return await work.glance(NotificationPreferences, preferences_id)
