"""Bodies of the catalogue of roles."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import StringConstraints

from domain.scheduling.role import Role, RoleChange
from domain.shared.money import Money
from domain.shared.texts import LONGEST_TEXT
from interfaces.http.fields import Body, Storable, Text, example, left_out
from interfaces.http.money import MoneyIn, MoneyOut, money_of
from interfaces.http.scheduler.common import Out, Row

Description = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT),
    Storable,
]
_RATE = {"amount": 24.5, "currency": "EUR"}


class RoleIn(Body):
    model_config = example(
        name="nurse", description="Registered, with a licence", hourly_rate=_RATE
    )

    name: Text
    description: Description = ""
    hourly_rate: MoneyIn | None = None

    @property
    def rate(self) -> Money | None:
        return money_of(self.hourly_rate)


class RoleChangeIn(Body):
    """What is left out stays as it is; a rate of null is none. The name can't become another."""

    model_config = example(description="With a licence", hourly_rate=_RATE)

    name: Text = left_out()
    description: Description = left_out()
    hourly_rate: MoneyIn | None = left_out()

    def change(self) -> RoleChange:
        rate = self.hourly_rate
        return RoleChange(
            name=self.name,
            description=self.description,
            hourly_rate=rate.money if isinstance(rate, MoneyIn) else rate,
        )


class RoleOut(Out):
    id: UUID
    name: str
    description: str
    hourly_rate: MoneyOut | None
    active: bool

    @classmethod
    def of(cls, role: Role) -> Self:
        return cls(
            id=role.id,
            name=role.name,
            description=role.description,
            hourly_rate=MoneyOut.of(role.hourly_rate),
            active=role.active,
        )

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(
            id=row.role_id,
            name=row.name,
            description=row.description,
            hourly_rate=MoneyOut.of_columns(row.rate, row.currency),
            active=row.active,
        )
