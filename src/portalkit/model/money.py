"""Money as whole minor units of a currency (cents, fils, yen)."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Self

import msgspec

__all__ = ("MAX_MINOR_UNITS", "Money", "exponent", "is_currency", "to_minor_units")

# ISO 4217 (2024): every currency whose minor unit is not two digits.
_EXPONENTS: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}

_CODE: Final = re.compile("[A-Z]{3}")

MAX_MINOR_UNITS: Final = 10**17
"""Larger amounts are refused: they fit neither a 64-bit sum nor a sheet of paper."""


def exponent(currency: str) -> int:
    """Return the number of decimal places of a currency (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def is_currency(code: str) -> bool:
    """Say whether a text has the form of an ISO 4217 code."""
    return _CODE.fullmatch(code) is not None


def to_minor_units(amount: Decimal, currency: str) -> int | None:
    """Return an amount in minor units, or ``None`` if it is finer than the currency."""
    scaled = amount.scaleb(exponent(currency))
    whole = scaled.to_integral_value()
    return int(whole) if whole == scaled else None


class Money(msgspec.Struct, frozen=True, order=True):
    """An amount of money.

    Attributes:
        minor_units: The amount in the smallest unit of the currency.
        currency: ISO 4217 code.
    """

    minor_units: int
    currency: str

    @classmethod
    def rounded(cls, amount: Decimal, currency: str) -> Self:
        """Round a decimal amount half up to the currency's minor unit (EN 16931)."""
        scaled = amount.scaleb(exponent(currency))
        return cls(int(scaled.to_integral_value(rounding=ROUND_HALF_UP)), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in the currency's main unit, with all its decimal places."""
        return Decimal(self.minor_units).scaleb(-exponent(self.currency))
