"""Money: an amount in a currency. Computed in decimals, never in binary fractions."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from domain.shared.errors import Invalid

CENT = Decimal("0.01")
LARGEST = Decimal("99999999.99")
"""More than an hour of anybody costs, in any currency."""
_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR ISK JMD JPY KES KGS KHR KMF KPW KRW KYD KZT LAK
LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF
YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())
"""ISO 4217, without those that are counted in thousandths (BHD, IQD, JOD, KWD, LYD, OMR, TND)."""


@dataclass(frozen=True)
class Money:
    """`amount` has two decimals, in every currency."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        """Raises ValueError when the currencies differ."""
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} can't be added")
        return Money(self.amount + other.amount, self.currency)

    def for_seconds(self, seconds: int) -> "Money":
        """What so many seconds cost at this rate per hour, to the cent."""
        return Money(rounded(Fraction(self.amount) * seconds / 3600), self.currency)


def rounded(amount: Fraction) -> Decimal:
    """To the cent, half a cent up."""
    return Decimal(floor(amount * 100 + Fraction(1, 2))).scaleb(-2)


def total(amounts: Iterable[Money]) -> Money:
    """Of one amount at least. Raises ValueError when the currencies differ."""
    first, *others = amounts
    return sum(others, start=first)


def rate_of(rate: Money | None, field: str = "hourly_rate") -> Money | None:
    """The rate per hour in the form in which it is kept. Raises Invalid when it can't be one."""
    if rate is None:
        return None
    if not rate.amount.is_finite() or not 0 <= rate.amount <= LARGEST:
        wrong = {f"{field}.amount": f"must be between 0 and {LARGEST}"}
    elif rate.amount != (amount := abs(rate.amount.quantize(CENT))):
        wrong = {f"{field}.amount": "has more than two decimals"}
    elif rate.currency not in CURRENCIES:
        wrong = {f"{field}.currency": "is not a currency of ISO 4217"}
    else:
        return Money(amount, rate.currency)
    raise Invalid("This can't be an hourly rate.", wrong)
