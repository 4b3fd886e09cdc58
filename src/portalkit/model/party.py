"""Who takes part in a document: a snapshot of names, addresses and identifiers."""

import re
from enum import StrEnum
from typing import Final

import msgspec

__all__ = (
    "CUSTOMER_NUMBER",
    "SUPPLIER_NUMBER",
    "Address",
    "ContactPoint",
    "Identifier",
    "Party",
    "PartyRole",
    "PersonName",
)

CUSTOMER_NUMBER: Final = "customer_number"
"""Scheme of the number under which the seller keeps the buyer."""

SUPPLIER_NUMBER: Final = "supplier_number"
"""Scheme of the number under which the buyer keeps the seller."""

_NOT_ALPHANUMERIC: Final = re.compile(r"[^0-9A-Z]+")
# A Spanish tax number, behind the country that EN 16931 wants in front and Facturae does not.
_SPANISH: Final = re.compile(r"ES([0-9A-Z][0-9]{7}[0-9A-Z])")
_TAX_SCHEMES: Final = frozenset({"", "VAT"})


class PartyRole(StrEnum):
    """The part a party plays in a document."""

    SELLER = "seller"
    BUYER = "buyer"
    PAYEE = "payee"
    TAX_REPRESENTATIVE = "tax_representative"
    SHIP_TO = "ship_to"
    SHIP_FROM = "ship_from"
    CARRIER = "carrier"
    ORIGINATOR = "originator"
    PAYER = "payer"
    INVOICE_TO = "invoice_to"


class Identifier(msgspec.Struct, frozen=True, omit_defaults=True):
    """An identifier with the scheme it belongs to (``VAT``, ``0088`` for a GLN, ...)."""

    value: str
    scheme: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Scheme and value as they are stored and compared: ``("VAT", "DE123456789")``.

        A Spanish tax number is the same with and without its country.
        """
        scheme = (self.scheme or "").strip().upper()
        value = _NOT_ALPHANUMERIC.sub("", self.value.upper())
        if scheme in _TAX_SCHEMES and (match := _SPANISH.fullmatch(value)):
            value = match[1]
        return scheme, value


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A postal address.

    Attributes:
        lines: Street and what else stands above the city.
        country: ISO 3166-1 alpha-2 code.
    """

    lines: tuple[str, ...] = ()
    city: str | None = None
    postcode: str | None = None
    region: str | None = None
    country: str | None = None
    attention: str | None = None


class ContactPoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom to ask at a party."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    role: str | None = None


class PersonName(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The parts of a natural person's name; in Spain two surnames."""

    given_name: str
    surname: str
    second_surname: str | None = None


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One party of a document, as it was when the document was issued.

    Attributes:
        name: The whole name, also of a natural person.
        tax_ids: Tax registrations; the scheme is ``VAT`` unless stated otherwise.
        ids: Other identifiers (GLN, company number, customer number).
        endpoint: Electronic address (Peppol and the like).
        person: Parts of the name, of a natural person.
    """

    role: PartyRole
    name: str
    trade_name: str | None = None
    legal_form: str | None = None
    registration: Identifier | None = None
    tax_ids: tuple[Identifier, ...] = ()
    ids: tuple[Identifier, ...] = ()
    endpoint: Identifier | None = None
    address: Address | None = None
    contact: ContactPoint | None = None
    website: str | None = None
    language: str | None = None
    person: PersonName | None = None
