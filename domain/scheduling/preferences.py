"""How an account wants to be told: by which channels, and when to be left alone.

Whoever can log in has preferences of his or her own, coordinators too; what is told stands in the
application in any case. Source: the Scheduler document, "Future Considerations".
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid
from domain.shared.ids import AccountId, TenantId, derived_id
from domain.shared.wall_clock import wall_day, wall_period
from domain.shared.zones import zone_name

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class QuietHours:
    """Each day from `start` to the next time that a clock in the zone shows `end`."""

    start: time
    end: time
    zone: str

    def checked(self) -> "QuietHours":
        """Raises Invalid when a part can't be one."""
        zone_name(self.zone)
        if self.start == self.end:
            raise Invalid(
                "These quiet hours are a whole day, or none.", {"end": "must not be the start"}
            )
        return self

    def end_after(self, moment: datetime) -> datetime | None:
        """When the quiet hours that the moment lies in are over; None when it lies in none."""
        today = wall_day(moment, self.zone)
        for day in (today - _DAY, today):
            quiet = wall_period(day, self.start, self.end, self.zone)
            if quiet.start <= moment < quiet.end:
                return quiet.end
        return None


@dataclass(frozen=True)
class Preferences:
    """The whole document. A text message needs a phone number, which the directory has."""

    email: bool = True
    sms: bool = False
    quiet_hours: QuietHours | None = None

    def checked(self) -> "Preferences":
        """Raises Invalid when a part can't be one."""
        if self.quiet_hours is not None:
            self.quiet_hours.checked()
        return self


class NotificationPreferences(Aggregate):
    TOPIC = "scheduling.NotificationPreferences"

    class Stated(Created):
        TOPIC = "scheduling.NotificationPreferencesStated"
        account_id: AccountId
        preferences: Preferences

    class Replaced(Event):
        TOPIC = "scheduling.NotificationPreferencesReplaced"
        account_id: AccountId
        preferences: Preferences

    @event(Stated)
    def __init__(self, id: UUID, account_id: AccountId, preferences: Preferences) -> None:  # noqa: ARG002
        self.account_id = account_id
        self.preferences = preferences

    @staticmethod
    def id_of(tenant_id: TenantId, account_id: AccountId) -> UUID:
        return derived_id(tenant_id, "notification preferences", account_id)

    @classmethod
    def state(
        cls, id: UUID, account_id: AccountId, preferences: Preferences
    ) -> "NotificationPreferences":
        """Raises Invalid when a part of the preferences can't be one."""
        return cls(id=id, account_id=account_id, preferences=preferences.checked())

    def replace(self, preferences: Preferences) -> None:
        """Raises Invalid. Stating what is so already changes nothing."""
        if (checked := preferences.checked()) != self.preferences:
            self._replaced(account_id=self.account_id, preferences=checked)

    @event(Replaced)
    def _replaced(self, account_id: AccountId, preferences: Preferences) -> None:  # noqa: ARG002
        self.preferences = preferences
