"""Bodies of units and people."""

from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from domain.scheduling.person import (
    HOURS_OF_A_WEEK,
    MOST_ROLES,
    PHONE,
    Person,
    PersonKind,
    ProfileChange,
)
from domain.scheduling.unit import Unit
from domain.shared.ids import AccountId
from domain.shared.keeping import KEPT
from interfaces.http.fields import Body, Email, Text, Zone, example, left_out
from interfaces.http.money import MoneyIn, MoneyOut
from interfaces.http.scheduler.common import Out, Row

PersonRoles = Annotated[tuple[Text, ...], Field(max_length=MOST_ROLES)]
Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=80, pattern=f"^{PHONE}$")
]
HourCap = Annotated[float, Strict(), Field(gt=0, le=HOURS_OF_A_WEEK)]
"""Hours in a week."""


class Listed(StrEnum):
    """Which to list; ``all`` shows the closed ones too."""

    TRUE = "true"
    FALSE = "false"
    ALL = "all"

    @property
    def active(self) -> bool | None:
        return None if self is Listed.ALL else self is Listed.TRUE


class UnitIn(Body):
    model_config = example(name="Ward 1", zone="Europe/Berlin")

    name: Text
    zone: Zone


class UnitChangeIn(Body):
    """What is left out stays as it is."""

    model_config = example(name="Ward 1b")

    name: Text = left_out()
    zone: Zone = left_out()

    @property
    def given(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in sorted(self.model_fields_set)}


class UnitOut(Out):
    id: UUID
    name: str
    zone: str
    active: bool

    @classmethod
    def of(cls, unit: Unit) -> Self:
        return cls(id=unit.id, name=unit.name, zone=unit.zone, active=unit.active)

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(id=row.unit_id, name=row.name, zone=row.zone, active=row.active)


class PersonIn(Body):
    model_config = example(
        name="Ana Silva",
        email="ana@example.org",
        kind="volunteer",
        roles=["nurse"],
        phone="+351 21 1234567",
        weekly_hour_cap=20,
        hourly_rate=None,
    )

    name: Text
    email: Email
    kind: PersonKind
    roles: PersonRoles = ()
    account_id: UUID | None = None
    phone: Phone | None = None
    weekly_hour_cap: HourCap | None = None
    hourly_rate: MoneyIn | None = None
    """The person's own; otherwise staff have their role's, and volunteers cost nothing."""


class PersonChangeIn(Body):
    """What is left out stays as it is; null empties what may be empty."""

    model_config = example(roles=["nurse", "cook"], phone=None, weekly_hour_cap=38.5)

    name: Text = left_out()
    email: Email = left_out()
    kind: PersonKind = left_out()
    roles: PersonRoles = left_out()
    account_id: UUID | None = left_out()
    phone: Phone | None = left_out()
    weekly_hour_cap: HourCap | None = left_out()
    hourly_rate: MoneyIn | None = left_out()

    @property
    def account(self) -> AccountId | None:
        """The account that is to act for the person from now on, if one is named."""
        return AccountId(self.account_id) if isinstance(self.account_id, UUID) else None

    def change(self) -> ProfileChange:
        rate = self.hourly_rate
        return ProfileChange(
            name=self.name,
            email=self.email,
            kind=self.kind,
            roles=self.roles,
            account_id=self.account if "account_id" in self.model_fields_set else KEPT,
            phone=self.phone,
            weekly_hour_cap=self.weekly_hour_cap,
            hourly_rate=rate.money if isinstance(rate, MoneyIn) else rate,
        )


class PersonOut(Out):
    id: UUID
    name: str
    email: str
    kind: PersonKind
    roles: list[str]
    active: bool
    account_id: UUID | None
    phone: str | None
    weekly_hour_cap: float | None
    hourly_rate: MoneyOut | None

    @classmethod
    def of(cls, person: Person) -> Self:
        profile = vars(person.profile) | {"hourly_rate": MoneyOut.of(person.hourly_rate)}
        return cls(id=person.id, active=person.active, **profile)

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(
            id=row.person_id,
            name=row.name,
            email=row.email,
            kind=row.kind,
            roles=row.roles,
            active=row.active,
            account_id=row.account_id,
            phone=row.phone,
            weekly_hour_cap=row.weekly_hour_cap,
            hourly_rate=MoneyOut.of_columns(row.rate, row.currency),
        )
