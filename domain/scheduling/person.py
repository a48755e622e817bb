"""Person: somebody who can work shifts, with or without an account to log in with."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid
from domain.shared.ids import AccountId
from domain.shared.keeping import KEPT, Kept, kept_or
from domain.shared.money import Money, rate_of
from domain.shared.texts import email_address, name_of

HOURS_OF_A_WEEK = 7 * 24
MOST_ROLES = 50
PHONE = r"\+?[0-9](?:[ ()/.-]{0,2}[0-9]){3,19}"
"""Four to twenty digits, as people write them."""


class PersonKind(StrEnum):
    STAFF = "staff"
    VOLUNTEER = "volunteer"


def roles_of(roles: Iterable[str]) -> tuple[str, ...]:
    """The roles, sorted and each once. Raises Invalid when one can't be a role."""
    wanted = tuple(sorted({name_of("role", role, "roles") for role in roles}))
    if len(wanted) > MOST_ROLES:
        raise Invalid("These are too many roles.", {"roles": f"at most {MOST_ROLES}"})
    return wanted


def phone_number(phone: str | None) -> str | None:
    """The number, as it was written. Raises Invalid when it can't be one."""
    stripped = None if phone is None else phone.strip()
    if stripped is not None and not re.fullmatch(PHONE, stripped):
        raise Invalid(
            "This is not a phone number.", {"phone": "must have 4 to 20 digits, such as +49 30 123"}
        )
    return stripped


def hour_cap(hours: float | None) -> float | None:
    """Hours in a week. Raises Invalid when a week has no such number."""
    if hours is not None and not 0 < hours <= HOURS_OF_A_WEEK:
        raise Invalid(
            "This can't be a weekly hour cap.",
            {"weekly_hour_cap": f"must be more than 0 and at most {HOURS_OF_A_WEEK}"},
        )
    return None if hours is None else float(hours)


def _name(name: str) -> str:
    return name_of("person", name)


@dataclass(frozen=True)
class Profile:
    """What is known of a person."""

    name: str
    email: str
    kind: PersonKind
    roles: tuple[str, ...] = ()
    account_id: AccountId | None = None
    phone: str | None = None
    weekly_hour_cap: float | None = None
    hourly_rate: Money | None = None
    """His or her own; None is the role's for staff, and nothing for volunteers."""

    def checked(self) -> "Profile":
        """In the form in which it is kept. Raises Invalid when a part can't be one."""
        return Profile(
            name=_name(self.name),
            email=email_address(self.email),
            kind=self.kind,
            roles=roles_of(self.roles),
            account_id=self.account_id,
            phone=phone_number(self.phone),
            weekly_hour_cap=hour_cap(self.weekly_hour_cap),
            hourly_rate=rate_of(self.hourly_rate),
        )


@dataclass(frozen=True)
class ProfileChange:
    """What is given is changed, the rest kept; None empties what may be empty."""

    name: str | Literal[Kept.KEPT] = KEPT
    email: str | Literal[Kept.KEPT] = KEPT
    kind: PersonKind | Literal[Kept.KEPT] = KEPT
    roles: tuple[str, ...] | Literal[Kept.KEPT] = KEPT
    account_id: AccountId | Literal[Kept.KEPT] | None = KEPT
    phone: str | Literal[Kept.KEPT] | None = KEPT
    weekly_hour_cap: float | Literal[Kept.KEPT] | None = KEPT
    hourly_rate: Money | Literal[Kept.KEPT] | None = KEPT

    def of(self, old: Profile) -> Profile:
        """Raises Invalid when a given part can't be one; what is old is not judged again."""
        return Profile(
            name=kept_or(old.name, self.name, _name),
            email=kept_or(old.email, self.email, email_address),
            kind=kept_or(old.kind, self.kind),
            roles=kept_or(old.roles, self.roles, roles_of),
            account_id=kept_or(old.account_id, self.account_id),
            phone=kept_or(old.phone, self.phone, phone_number),
            weekly_hour_cap=kept_or(old.weekly_hour_cap, self.weekly_hour_cap, hour_cap),
            hourly_rate=kept_or(old.hourly_rate, self.hourly_rate, rate_of),
        )


class Person(Aggregate):
    TOPIC = "scheduling.Person"
    SNAPSHOT_VERSION = 3

    class Added(Created):
        TOPIC = "scheduling.PersonAdded"
        class_version = 3
        name: str
        email: str
        kind: PersonKind
        roles: tuple[str, ...]
        account_id: AccountId | None
        phone: str | None
        weekly_hour_cap: float | None
        hourly_rate: Money | None

        @staticmethod
        def upcast_v1_v2(state: dict[str, object]) -> None:
            state["phone"] = state["weekly_hour_cap"] = None

        @staticmethod
        def upcast_v2_v3(state: dict[str, object]) -> None:
            state["hourly_rate"] = None

    class Changed(Event):
        TOPIC = "scheduling.PersonChanged"
        class_version = 2
        name: str
        email: str
        kind: PersonKind
        roles: tuple[str, ...]
        account_id: AccountId | None
        phone: str | None
        weekly_hour_cap: float | None
        hourly_rate: Money | None

        @staticmethod
        def upcast_v1_v2(state: dict[str, object]) -> None:
            state["hourly_rate"] = None

    class Deactivated(Event):
        TOPIC = "scheduling.PersonDeactivated"

    class Reactivated(Event):
        TOPIC = "scheduling.PersonReactivated"

    @event(Added)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        name: str,
        email: str,
        kind: PersonKind,
        roles: tuple[str, ...],
        account_id: AccountId | None,
        phone: str | None = None,
        weekly_hour_cap: float | None = None,
        hourly_rate: Money | None = None,
    ) -> None:
        self.name = name
        self.email = email
        self.kind = kind
        self.roles = roles
        """The roles this person can fill on a shift, such as ``nurse``."""
        self.account_id = account_id
        self.phone = phone
        self.weekly_hour_cap = weekly_hour_cap
        """Hours in a week above which there is a warning; None is no cap."""
        self.hourly_rate = hourly_rate
        self.active = True

    @classmethod
    def add(cls, id: UUID, profile: Profile) -> "Person":
        """Raises Invalid when a part of the profile can't be one."""
        return cls(id=id, **vars(profile.checked()))

    @property
    def profile(self) -> Profile:
        return Profile(
            self.name,
            self.email,
            self.kind,
            self.roles,
            self.account_id,
            self.phone,
            self.weekly_hour_cap,
            self.hourly_rate,
        )

    def change(self, change: ProfileChange) -> None:
        """Change what is given, also of who is out of service. Raises Invalid."""
        old = self.profile
        if (new := change.of(old)) != old:
            self._changed(**vars(new))

    def deactivate(self) -> None:
        if self.active:
            self._deactivated()

    def reactivate(self) -> None:
        if not self.active:
            self._reactivated()

    @event(Changed)
    def _changed(
        self,
        name: str,
        email: str,
        kind: PersonKind,
        roles: tuple[str, ...],
        account_id: AccountId | None,
        phone: str | None,
        weekly_hour_cap: float | None,
        hourly_rate: Money | None,
    ) -> None:
        self.name = name
        self.email = email
        self.kind = kind
        self.roles = roles
        self.account_id = account_id
        self.phone = phone
        self.weekly_hour_cap = weekly_hour_cap
        self.hourly_rate = hourly_rate

    @event(Deactivated)
    def _deactivated(self) -> None:
        self.active = False

    @event(Reactivated)
    def _reactivated(self) -> None:
        self.active = True
