"""Parties of a document: names, identifiers, addresses, whom to ask."""

from collections.abc import Iterable
from typing import Final

from portalkit.model import (
    CUSTOMER_NUMBER,
    SUPPLIER_NUMBER,
    Address,
    ContactPoint,
    Identifier,
    Party,
    PartyRole,
)
from portalkit_einvoice.codes import is_country, vat_first
from portalkit_einvoice.ubl.taxes import take_scheme
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_identifier

__all__ = (
    "take_address",
    "take_parties",
    "take_party",
)

_CONTACTS: Final = ("AccountingContact", "BuyerContact", "SellerContact", "DeliveryContact")
_STREET_LINES: Final = ("AdditionalStreetName", "BuildingName")


def take_parties(elements: Iterable[tuple[PartyRole, Element]]) -> tuple[Party, ...]:
    """Take the parties that are there, in the order given."""
    found = (take_party(element, role) for role, element in elements)
    return tuple(party for party in found if party is not None)


def take_party(element: Element, role: PartyRole) -> Party | None:
    """Take a party; ``None`` if it has neither a name nor an identifier.

    Args:
        element: The party, or an element around it such as ``AccountingCustomerParty``,
            which has account numbers and contacts of its own.
        role: The part it plays.
    """
    party = element.first("Party") if element.has("Party") else element
    legal = party.first("PartyLegalEntity")
    name = _name(party)
    if name is None:
        return None
    _take_names(party, name)
    trade_name = party.take("PartyName", "Name")
    return Party(
        role=role,
        name=name,
        trade_name=trade_name,
        legal_form=legal.take("CompanyLegalForm"),
        registration=take_identifier(legal.first("CompanyID")),
        tax_ids=vat_first(_take_tax_ids(party)),
        ids=(*_take_ids(party), *_take_account_numbers(element)),
        endpoint=take_identifier(party.first("EndpointID")),
        address=take_address(party.first("PostalAddress")),
        contact=_take_contact(party, element),
        website=party.take("WebsiteURI"),
        language=party.take("Language", "ID") or party.take("Language", "LocaleCode"),
    )


def take_address(element: Element) -> Address | None:
    """Take a postal address; ``None`` if there is nothing in it."""
    if not element.children:
        return None
    street = " ".join(filter(None, (element.take("StreetName"), element.take("BuildingNumber"))))
    lines = [street, *(element.take(name) or "" for name in _STREET_LINES)]
    lines += [line.take("Line") or "" for line in element.each("AddressLine")]
    address = Address(
        lines=tuple(filter(None, lines)),
        city=element.take("CityName"),
        postcode=element.take("PostalZone"),
        region=element.take("CountrySubentity"),
        country=_take_country(element),
        attention=element.take("MarkAttention"),
    )
    return None if address == Address() else address


def _take_country(element: Element) -> str | None:
    code = element.peek("Country", "IdentificationCode")
    return element.take("Country", "IdentificationCode") if is_country(code) else None


def _name(party: Element) -> str | None:
    for path in (
        ("PartyLegalEntity", "RegistrationName"),
        ("PartyName", "Name"),
        ("PartyTaxScheme", "RegistrationName"),
        ("PartyIdentification", "ID"),
        ("EndpointID",),
    ):
        if text := party.peek(*path):
            return text
    return None


def _take_names(party: Element, name: str) -> None:
    # The same name in several places is one name; others stay where they are.
    party.take_if(name, "PartyLegalEntity", "RegistrationName")
    party.take_if(name, "PartyName", "Name")
    for scheme in party.each("PartyTaxScheme"):
        scheme.take_if(name, "RegistrationName")


def _take_tax_ids(party: Element) -> tuple[Identifier, ...]:
    return tuple(
        Identifier(value, take_scheme(element.first("TaxScheme")))
        for element in party.each("PartyTaxScheme")
        if (value := element.take("CompanyID"))
    )


def _take_ids(party: Element) -> tuple[Identifier, ...]:
    found = (take_identifier(each.first("ID")) for each in party.each("PartyIdentification"))
    return tuple(identifier for identifier in found if identifier is not None)


def _take_account_numbers(wrapper: Element) -> tuple[Identifier, ...]:
    is_customer = wrapper.name.endswith("CustomerParty")
    # On a customer the supplier's number tells who it is, on a supplier the customer's.
    name = "SupplierAssignedAccountID" if is_customer else "CustomerAssignedAccountID"
    number = wrapper.take(name)
    scheme = CUSTOMER_NUMBER if is_customer else SUPPLIER_NUMBER
    return () if number is None else (Identifier(number, scheme),)


def _take_contact(party: Element, wrapper: Element) -> ContactPoint | None:
    element = party.first("Contact")
    if not element.children:
        element = next((wrapper.first(name) for name in _CONTACTS if wrapper.has(name)), element)
    contact = ContactPoint(
        name=element.take("Name"),
        phone=element.take("Telephone"),
        email=element.take("ElectronicMail"),
    )
    return None if contact == ContactPoint() else contact
