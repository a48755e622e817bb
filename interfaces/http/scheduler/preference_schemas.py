"""Bodies of notification preferences."""

from datetime import time
from typing import Annotated, Self

from pydantic import Field, Strict, model_validator

from domain.scheduling.preferences import NotificationPreferences, Preferences, QuietHours
from interfaces.http.fields import Body, Zone, example
from interfaces.http.scheduler.availability_schemas import Clock
from interfaces.http.scheduler.common import Out

YesOrNo = Annotated[bool, Strict()]


class QuietHoursIn(Body):
    """Each day; messages wait until they are over."""

    model_config = example(start="22:00", end="06:30", zone="Europe/Berlin")

    start: Clock
    end: Annotated[Clock, Field(description="Before the start: that time of the next day.")]
    zone: Zone

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        if self.start == self.end:
            raise ValueError("start and end must differ")
        return self


class PreferencesIn(Body):
    model_config = example(
        email=True, sms=False, quiet_hours={"start": "22:00", "end": "06:30", "zone": "UTC"}
    )

    email: YesOrNo = True
    sms: YesOrNo = False
    """By text message, where a phone number is known."""
    quiet_hours: QuietHoursIn | None = None

    def preferences(self) -> Preferences:
        given = self.quiet_hours
        quiet = None if given is None else QuietHours(given.start, given.end, given.zone)
        return Preferences(self.email, self.sms, quiet)


class QuietHoursOut(Out):
    start: time
    end: time
    zone: str


class PreferencesOut(Out):
    stated: bool
    """Whether anything was ever said; until then the defaults hold."""
    email: bool
    sms: bool
    quiet_hours: QuietHoursOut | None

    @classmethod
    def of(cls, stated: NotificationPreferences | None) -> Self:
        found = Preferences() if stated is None else stated.preferences
        quiet = found.quiet_hours
        return cls(
            stated=stated is not None,
            email=found.email,
            sms=found.sms,
            quiet_hours=None if quiet is None else QuietHoursOut(**vars(quiet)),
        )
