"""The timetable: which jobs there are, and when. All times are UTC, whatever zone a tenant is in.

Every job does what is due by now, not what was due at its slot. So after downtime the newest slot
does the work of all that were missed: nobody wants yesterday's digest beside today's, or to be
reminded twice. The run says how many slots it stands for.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Rhythm:
    """Slots `every` so often, one of them `at` so long after midnight."""

    every: timedelta
    at: timedelta = timedelta()

    def latest(self, moment: datetime) -> datetime:
        """The newest slot that has begun."""
        since = moment - _EPOCH - self.at
        return moment - since % self.every

    def next(self, moment: datetime) -> datetime:
        return self.latest(moment) + self.every

    def slots_between(self, earlier: datetime, later: datetime) -> int:
        """How many slots there are after the one up to and including the other."""
        return (later - earlier) // self.every

    def __str__(self) -> str:
        if self.every == timedelta(days=1):
            return f"daily at {(_EPOCH + self.at):%H:%M} UTC"
        minutes = self.every // timedelta(minutes=1)
        return "hourly" if minutes == 60 else f"every {minutes} min"  # noqa: PLR2004 - an hour's


def _nightly(hour: int, minute: int) -> Rhythm:
    return Rhythm(timedelta(days=1), timedelta(hours=hour, minutes=minute))


_OFTEN = Rhythm(timedelta(minutes=15))

TIMETABLE: dict[str, Rhythm] = {
    "draft-ahead": _nightly(1, 30),
    "weekly-hours": _nightly(2, 0),
    "stale-drafts": _nightly(2, 30),
    "completion": _OFTEN,
    "reminders": _OFTEN,
    "sweep": Rhythm(timedelta(hours=1)),
}
