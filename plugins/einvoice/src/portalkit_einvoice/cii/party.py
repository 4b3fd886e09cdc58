"""Parties of a document: names, identifiers, addresses, whom to ask."""

from collections.abc import Iterable
from typing import Final

from portalkit.model import Address, ContactPoint, Identifier, Party, PartyRole
from portalkit_einvoice.codes import VAT, is_country, vat_first
from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.values import take_identifier

__all__ = ("take_address", "take_parties")

_LINES: Final = ("LineOne", "LineTwo", "LineThree")
_VAT: Final = "VA"
_NAMES: Final = (
    ("Name",),
    ("SpecifiedLegalOrganization", "TradingBusinessName"),
    ("GlobalID",),
    ("ID",),
    ("SpecifiedLegalOrganization", "ID"),
    ("URIUniversalCommunication", "URIID"),
)


def take_parties(elements: Iterable[tuple[PartyRole, Element]]) -> tuple[Party, ...]:
    """Take the parties that are there, in the order given.

    One that has neither a name nor an identifier is no party.
    """
    found = (_take_party(element, role) for role, element in elements)
    return tuple(party for party in found if party is not None)


def take_address(element: Element) -> Address | None:
    """Take a postal address; ``None`` if there is nothing in it."""
    if not element.children:
        return None
    country = element.peek("CountryID")
    address = Address(
        lines=tuple(filter(None, (element.take(name) for name in _LINES))),
        city=element.take("CityName"),
        postcode=element.take("PostcodeCode"),
        region=element.take("CountrySubDivisionName"),
        country=element.take("CountryID") if is_country(country) else None,
    )
    return None if address == Address() else address


def _take_party(element: Element, role: PartyRole) -> Party | None:
    name = next((text for path in _NAMES if (text := element.peek(*path))), None)
    if name is None:
        return None
    legal = element.first("SpecifiedLegalOrganization")
    element.take_if(name, "Name")
    # The same name in both places is one name.
    legal.take_if(name, "TradingBusinessName")
    return Party(
        role=role,
        name=name,
        trade_name=legal.take("TradingBusinessName"),
        legal_form=element.take("Description"),
        registration=take_identifier(legal.first("ID")),
        tax_ids=vat_first(_take_tax_ids(element)),
        ids=_take_ids(element),
        endpoint=take_identifier(element.first("URIUniversalCommunication", "URIID")),
        address=take_address(element.first("PostalTradeAddress")),
        contact=_take_contact(element.first("DefinedTradeContact")),
    )


def _take_tax_ids(party: Element) -> Iterable[Identifier]:
    for registration in party.each("SpecifiedTaxRegistration"):
        identifier = take_identifier(registration.first("ID"))
        if identifier is not None:
            is_vat = identifier.scheme in {None, _VAT}
            yield Identifier(identifier.value, VAT) if is_vat else identifier


def _take_ids(party: Element) -> tuple[Identifier, ...]:
    found = (take_identifier(each) for name in ("ID", "GlobalID") for each in party.each(name))
    return tuple(identifier for identifier in found if identifier is not None)


def _take_contact(element: Element) -> ContactPoint | None:
    contact = ContactPoint(
        name=element.take("PersonName") or element.take("DepartmentName"),
        phone=element.take("TelephoneUniversalCommunication", "CompleteNumber"),
        email=element.take("EmailURIUniversalCommunication", "URIID"),
    )
    return None if contact == ContactPoint() else contact
