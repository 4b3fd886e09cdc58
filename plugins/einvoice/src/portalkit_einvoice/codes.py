"""Codes and numbers that mean the same in every syntax."""

import re
from collections.abc import Iterable
from typing import Final

from portalkit.model import Identifier

__all__ = (
    "CORRECTIVE",
    "VAT",
    "invoice_kind",
    "is_bic",
    "is_country",
    "is_iban",
    "vat_first",
)

VAT: Final = "VAT"
"""Scheme of value added tax, whatever a country calls it."""

CORRECTIVE: Final = frozenset({"383", "384"})
"""UNTDID 1001 codes of invoices that correct another one."""

_PROFORMA: Final = "325"
_CREDIT_NOTES: Final = frozenset(
    {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"}
)
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", re.ASCII)
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)
_COUNTRY: Final = re.compile("[A-Z]{2}")


def invoice_kind(type_code: str | None) -> str:
    """Return the kind of document that a UNTDID 1001 code of an invoice stands for."""
    if type_code == _PROFORMA:
        return "proforma"
    return "credit_note" if type_code in _CREDIT_NOTES else "invoice"


def is_iban(text: str) -> bool:
    """Say whether a text has the form of an IBAN, with or without spaces."""
    return _IBAN.fullmatch(text.replace(" ", "")) is not None


def is_bic(text: str) -> bool:
    """Say whether a text has the form of a BIC (ISO 9362)."""
    return _BIC.fullmatch(text) is not None


def is_country(text: str) -> bool:
    """Say whether a text has the form of an ISO 3166-1 alpha-2 code."""
    return _COUNTRY.fullmatch(text) is not None


def vat_first(tax_ids: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """Return tax registrations with those for VAT in front.

    The first one tells who issued a document: it must not depend on the order of a file.
    """
    return tuple(sorted(tax_ids, key=lambda identifier: identifier.scheme != VAT))
