"""What an RRULE may say here: the parts of RFC 5545, 3.3.10, that name days, each within bounds.

BYEASTER, days from Easter Sunday, is `python-dateutil`'s addition.
"""

import re
from datetime import UTC, date, datetime
from typing import NoReturn

from domain.shared.errors import Invalid

LONGEST_RULE = 500
"""Characters."""
MOST_DAYS = 3660
"""Days that COUNT may ask for: ten years of them."""

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_WEEKDAYS = "MO|TU|WE|TH|FR|SA|SU"
_DAY = re.compile(rf"(?:[+-]?(\d{{1,2}}))?(?:{_WEEKDAYS})", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,4}", re.ASCII)
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)
_BOUNDS: dict[str, tuple[int, int]] = {
    "INTERVAL": (1, 366),
    "COUNT": (1, MOST_DAYS),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYSETPOS": (-366, 366),
    # Easter is between the 81st and the 116th day; days of another year would not be found.
    "BYEASTER": (-80, 249),
}
_SINGLE = {"INTERVAL", "COUNT"}
_MAY_BE_ZERO = {"BYEASTER"}
_GOES_WITH: dict[str, set[str]] = {
    "BYMONTHDAY": {"DAILY", "MONTHLY", "YEARLY"},
    "BYYEARDAY": {"YEARLY"},
    "BYWEEKNO": {"YEARLY"},
    "BYEASTER": {"YEARLY"},
}
"""Source: the table in RFC 5545, 3.3.10."""
_TIMES = {"BYHOUR", "BYMINUTE", "BYSECOND"}

Parts = dict[str, str]


def parts_of(rrule: str) -> Parts:
    """By name, in the order in which they came and in capitals; FREQ is among them.

    Raises Invalid, which names the field ``rrule``.
    """
    text = rrule.strip().upper().removeprefix("RRULE:")
    if len(text) > LONGEST_RULE:
        not_a_rule(f"has more than {LONGEST_RULE} characters")
    parts: Parts = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            not_a_rule("must be written as FREQ=WEEKLY;BYDAY=MO,TU")
        if name in parts:
            not_a_rule(f"says {_shown(name)} twice")
        _check_part(name, value)
        parts[name] = value
    _check_together(parts)
    return parts


def until_of(value: str) -> date | datetime:
    """A day, or a moment: in UTC if it ends in Z, or else by the clock on the wall."""
    if "T" not in value:
        return datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    moment = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - see above
    return moment.replace(tzinfo=UTC) if value.endswith("Z") else moment


def not_a_rule(wrong: str) -> NoReturn:
    raise Invalid("This recurrence rule can't be used.", {"rrule": wrong})


def _check_part(name: str, value: str) -> None:
    if name in _BOUNDS:
        _check_numbers(name, value)
    elif name == "FREQ":
        if value not in _FREQUENCIES:
            not_a_rule(f"FREQ must be one of {', '.join(_FREQUENCIES)}")
    elif name == "BYDAY":
        _check_days(value)
    elif name == "WKST":
        if value not in _WEEKDAYS.split("|"):
            not_a_rule("WKST must be a day such as MO")
    elif name == "UNTIL":
        _check_until(value)
    elif name in _TIMES:
        not_a_rule(f"must not say {name}: the times stand in start and end")
    else:
        not_a_rule(f"says {_shown(name)}, which is not known here")


def _check_numbers(name: str, value: str) -> None:
    low, high = _BOUNDS[name]
    for number in [value] if name in _SINGLE else value.split(","):
        fits = _NUMBER.fullmatch(number) and low <= int(number) <= high
        if not fits or (int(number) == 0 and name not in _MAY_BE_ZERO):
            but_zero = "" if low > 0 or name in _MAY_BE_ZERO else ", but not 0"
            not_a_rule(f"{name} must be between {low} and {high}{but_zero}")


def _check_days(value: str) -> None:
    for day in value.split(","):
        found = _DAY.fullmatch(day)
        if found is None or not 1 <= int(found[1] or 1) <= 53:  # noqa: PLR2004 - weeks of a year
            not_a_rule("BYDAY must be days such as MO, or 1MO and -1FR of a month or year")


def _check_until(value: str) -> None:
    try:
        if _UNTIL.fullmatch(value):
            until_of(value)
            return
    except ValueError:
        pass
    not_a_rule("UNTIL must be a day such as 20271231, or a moment such as 20271231T220000Z")


def _check_together(parts: Parts) -> None:
    frequency = parts.get("FREQ")
    if frequency is None:
        not_a_rule("must say FREQ")
    if "COUNT" in parts and "UNTIL" in parts:
        not_a_rule("must not say both COUNT and UNTIL")
    for name, frequencies in _GOES_WITH.items():
        if name in parts and frequency not in frequencies:
            not_a_rule(f"{name} goes with FREQ={' or '.join(sorted(frequencies))}")
    by = [name for name in parts if name.startswith("BY") and name != "BYSETPOS"]
    if "BYSETPOS" in parts and not by:
        not_a_rule("BYSETPOS chooses from the days of another part, such as BYDAY")
    if "BYEASTER" in parts and len(by) + ("BYSETPOS" in parts) > 1:
        not_a_rule("BYEASTER goes with no other part that names days")
    _check_numbered_days(parts)


def _check_numbered_days(parts: Parts) -> None:
    numbered = any(len(day) > 2 for day in parts.get("BYDAY", "").split(","))  # noqa: PLR2004 - MO
    if numbered and (parts["FREQ"] not in {"MONTHLY", "YEARLY"} or "BYWEEKNO" in parts):
        not_a_rule("BYDAY numbers its days, as in 1MO, only in a month or a year")


def _shown(name: str) -> str:
    return name[:20] if name.isalnum() else "something"
