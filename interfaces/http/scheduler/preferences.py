"""How one wants to be told of what concerns one."""

from functools import partial

from application.scheduling.preferences import StatePreferences, own_preferences
from domain.scheduling.preferences import NotificationPreferences
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.conditional import Seen, tell_version
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.preference_schemas import PreferencesIn, PreferencesOut

router = scheduler_router()


@router.get(
    "/notification-preferences/me",
    tags=["notifications"],
    dependencies=[needs("preferences:read:own")],
)
async def get_own_preferences(call: Call) -> PreferencesOut:
    """By which channels one is told, and when not; the ETag goes into the If-Match of a change.

    Whatever is told stands in `GET /notifications` too, in any case and at once.
    """
    found = await call.look(own_preferences)
    tell_version(call, 0 if found is None else found.version)
    return PreferencesOut.of(found)


@router.put(
    "/notification-preferences/me", tags=["notifications"], dependencies=[needs(StatePreferences)]
)
async def put_own_preferences(body: PreferencesIn, call: Call, seen: Seen) -> PreferencesOut:
    """Say how one wants to be told: the whole document, in place of what there was.

    It holds for what is told from now on. Messages by a channel need an address there: text
    messages go to the phone number in the directory.
    """
    return await call.run(StatePreferences(body.preferences(), seen), partial(_told, call))


def _told(call: Call, stated: NotificationPreferences) -> PreferencesOut:
    tell_version(call, stated.version)
    return PreferencesOut.of(stated)
