"""Parties, each with the elements that its role may have."""

from typing import Final

from portalkit.model import Address, ContactPoint, Identifier, Party, PartyRole
from portalkit_einvoice.cii.writing.nodes import Node, put, put_id, put_in, put_parent

__all__ = ("put_party",)

_NAMES: Final = {
    PartyRole.SELLER: "ram:SellerTradeParty",
    PartyRole.BUYER: "ram:BuyerTradeParty",
    PartyRole.TAX_REPRESENTATIVE: "ram:SellerTaxRepresentativeTradeParty",
    PartyRole.SHIP_TO: "ram:ShipToTradeParty",
    PartyRole.PAYEE: "ram:PayeeTradeParty",
}
_BOTH: Final = frozenset({PartyRole.SELLER, PartyRole.BUYER})
_VAT: Final = "VAT"
_LINES: Final = ("ram:LineOne", "ram:LineTwo", "ram:LineThree")


def put_party(parent: Node, party: Party | None) -> None:
    """Put a party under the name of its role."""
    if party is None:
        return
    role = party.role
    element = put_parent(parent, _NAMES[role])
    if role is not PartyRole.TAX_REPRESENTATIVE:
        _put_ids(element, party)
    put(element, "ram:Name", party.name)
    if role is PartyRole.SELLER:
        put(element, "ram:Description", party.legal_form)
    if role in _BOTH or role is PartyRole.PAYEE:
        _put_organization(element, party)
    if role in _BOTH:
        _put_contact(element, party.contact)
    if role is not PartyRole.PAYEE:
        _put_address(element, party.address)
    if role in _BOTH and party.endpoint is not None:
        put_id(put_parent(element, "ram:URIUniversalCommunication"), "ram:URIID", party.endpoint)
    _put_tax_numbers(element, party)


def _put_ids(element: Node, party: Party) -> None:
    """Put the numbers of a party: all of a seller, one of anybody else (BT-29, BT-46)."""
    ids = sorted(dict.fromkeys(party.ids), key=lambda each: each.scheme is not None)
    if party.role is not PartyRole.SELLER:
        ids = ids[-1:]
    for identifier in ids:
        if identifier.scheme is None:
            put(element, "ram:ID", identifier.value)
    for identifier in ids:
        if identifier.scheme is not None:
            put_id(element, "ram:GlobalID", identifier)


def _put_organization(element: Node, party: Party) -> None:
    trade_name = party.trade_name if party.role in _BOTH else None
    if party.registration is None and not trade_name:
        return
    organization = put_parent(element, "ram:SpecifiedLegalOrganization")
    put_id(organization, "ram:ID", party.registration)
    put(organization, "ram:TradingBusinessName", trade_name)


def _put_contact(element: Node, contact: ContactPoint | None) -> None:
    if contact is None or not (contact.name or contact.phone or contact.email):
        return
    point = put_parent(element, "ram:DefinedTradeContact")
    put(point, "ram:PersonName", contact.name)
    put_in(point, "ram:TelephoneUniversalCommunication", "ram:CompleteNumber", contact.phone)
    put_in(point, "ram:EmailURIUniversalCommunication", "ram:URIID", contact.email)


def _put_address(element: Node, address: Address | None) -> None:
    if address is None:
        return
    place = put_parent(element, "ram:PostalTradeAddress")
    put(place, "ram:PostcodeCode", address.postcode)
    *first, last = _LINES
    lines = address.lines
    for name, line in zip(first, lines, strict=False):
        put(place, name, line)
    put(place, last, ", ".join(lines[len(first) :]))
    put(place, "ram:CityName", address.city)
    put(place, "ram:CountryID", address.country)
    put(place, "ram:CountrySubDivisionName", address.region)


def _put_tax_numbers(element: Node, party: Party) -> None:
    for identifier in party.tax_ids:
        scheme = "VA" if identifier.scheme == _VAT else "FC"
        # Only a seller may have a tax number that is no VAT number (BT-32).
        is_seller = party.role is PartyRole.SELLER
        is_written = party.role in _BOTH or party.role is PartyRole.TAX_REPRESENTATIVE
        if is_seller or (is_written and scheme == "VA"):
            registration = put_parent(element, "ram:SpecifiedTaxRegistration")
            put_id(registration, "ram:ID", Identifier(identifier.value, scheme))
