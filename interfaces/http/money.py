"""Money on the wire: a JSON number of at most two decimals, and a currency."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from domain.shared.money import CENT, CURRENCIES, LARGEST, Money
from interfaces.http.fields import Body, example

_SMALLEST = Decimal(0)


def _exact(value: object) -> object:
    """What the client wrote: a float's own text is the shortest that means it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic tells ValueErrors
    return Decimal(str(value))


def _whole_cents(amount: Decimal) -> Decimal:
    if amount != amount.quantize(CENT):
        raise ValueError("has more than two decimals")
    return abs(amount.quantize(CENT))


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("is not a currency of ISO 4217")
    return code


Amount = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(ge=_SMALLEST, le=LARGEST),
    AfterValidator(_whole_cents),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": float(LARGEST)}),
]
Currency = Annotated[
    str,
    AfterValidator(_currency),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["EUR"]}),
]


class MoneyIn(Body):
    model_config = example(amount=24.5, currency="EUR")

    amount: Amount
    currency: Currency

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


def money_of(given: MoneyIn | None) -> Money | None:
    return None if given is None else given.money


class MoneyOut(BaseModel):
    model_config = ConfigDict(frozen=True)

    amount: float
    """At most two decimals."""
    currency: str

    @classmethod
    def of(cls, money: Money | None) -> Self | None:
        return None if money is None else cls(amount=float(money.amount), currency=money.currency)

    @classmethod
    def of_columns(cls, amount: Decimal | None, currency: str | None) -> Self | None:
        if amount is None or currency is None:
            return None
        return cls(amount=float(amount), currency=currency)
