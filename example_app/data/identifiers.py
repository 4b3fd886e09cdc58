"""Identifiers of invented companies and accounts whose check digits are right."""

from typing import Final

__all__ = ("british_vat", "cif", "gtin", "iban", "nif")

_NIF_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
# No Spanish bank has this number, so no account of the demo can exist.
_NO_BANK: Final = "9999"


def nif(number: int) -> str:
    """Return a person's tax number for five digits, of a range that is not in use."""
    whole = 99_900_000 + number
    return f"{whole}{_NIF_LETTERS[whole % 23]}"


def cif(letter: str, number: int) -> str:
    """Return a company's tax number for five digits (``A`` S.A., ``B`` S.L., ``F`` cooperative).

    The two digits before them name a province; there is no province 00.
    """
    digits = [int(digit) for digit in f"{number:07d}"]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[::2])
    check = (10 - (doubled + sum(digits[1::2])) % 10) % 10
    return f"{letter}{number:07d}{check}"


def iban(branch: int, account: int) -> str:
    """Return a Spanish account at a bank that does not exist."""
    bank = f"{_NO_BANK}{branch:04d}"
    holder = f"{account:010d}"
    first = _account_check(f"00{bank}")
    second = _account_check(holder)
    number = f"{bank}{first}{second}{holder}"
    check = 98 - int(f"{number}142800") % 97
    return f"ES{check:02d}{number}"


def _account_check(digits: str) -> int:
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)
    rest = 11 - sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
    return {10: 1, 11: 0}.get(rest, rest)


def british_vat(number: int) -> str:
    """Return a British VAT number for four digits, of a range that is not in use."""
    whole = 9_990_000 + number
    total = sum(int(d) * w for d, w in zip(str(whole), range(8, 1, -1), strict=True))
    return f"GB{whole}{97 - total % 97:02d}"


def gtin(number: int) -> str:
    """Return an article number of thirteen digits with the Spanish prefix."""
    digits = f"84{number:010d}"
    total = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(digits))
    return f"{digits}{(10 - total % 10) % 10}"
