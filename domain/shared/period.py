"""A stretch of time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in UTC, the unit in which books are closed."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    def next(self) -> "Month":
        year, zero_based = divmod(self.year * 12 + self.number, 12)
        return Month(year, zero_based + 1)


@dataclass(frozen=True)
class Period:
    """From `start` up to but not including `end`; both must be aware of their time zone and are
    kept in UTC, since wall clocks of one zone can be neither compared nor subtracted.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))

    def overlaps(self, other: "Period") -> bool:
        return self.start < other.end and other.start < self.end

    @property
    def hours(self) -> float:
        """Elapsed hours; a night in which the clocks change is 1 h shorter or longer."""
        return (self.end - self.start).total_seconds() / 3600

    def widened(self, by: timedelta) -> "Period":
        """With so much more time before and after it."""
        return Period(self.start - by, self.end + by)

    def seconds_within(self, other: "Period") -> int:
        """How many whole seconds of it lie in the other."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return max(0, int((end - start).total_seconds()))

    def hours_between(self, other: "Period") -> float:
        """Hours from the end of the one to the start of the other; 0 when they overlap."""
        gap = max(other.start - self.end, self.start - other.end)
        return max(0.0, gap.total_seconds() / 3600)

    def months(self) -> Iterator[Month]:
        """Every month in UTC that this period touches."""
        first, last = self.start, self.end - datetime.resolution
        month = Month(first.year, first.month)
        while month <= Month(last.year, last.month):
            yield month
            month = month.next()


def hours_in(stretch: Period, periods: Iterable[Period]) -> float:
    """How many hours of the periods lie in the stretch, all together. They are added up in seconds:
    six times 4 h 40 min, as floating hours, would be more than 28 h.
    """
    return sum(period.seconds_within(stretch) for period in periods) / 3600


def joined(periods: Iterable[Period]) -> list[Period]:
    """The same time in as few periods as there can be, the first first: those that overlap or
    adjoin are one.
    """
    found: list[Period] = []
    for period in sorted(periods, key=lambda each: each.start):
        if found and period.start <= found[-1].end:
            found[-1] = Period(found[-1].start, max(found[-1].end, period.end))
        else:
            found.append(period)
    return found
