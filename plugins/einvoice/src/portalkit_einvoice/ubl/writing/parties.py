"""Parties, each with the elements that its role may have."""

from collections.abc import Iterable
from typing import Final

from portalkit.model import (
    Address,
    ContactPoint,
    Delivery,
    DocumentBody,
    Identifier,
    Party,
    PartyRole,
)
from portalkit_einvoice.codes import VAT
from portalkit_einvoice.ubl.writing.nodes import Node, put, put_day, put_id, put_in, put_parent

__all__ = ("SEPA", "put_delivery", "put_parties")

SEPA: Final = "SEPA"
"""Scheme of the number under which somebody collects direct debits (BT-90)."""

# What is no VAT number is written under a tax of another name (BT-32).
_OTHER_TAX: Final = "TAX"
_OWN_LINES: Final = 2


def put_parties(root: Node, body: DocumentBody, creditor: Identifier | None) -> None:
    """Put all parties but the one that receives the goods.

    Args:
        root: The document.
        body: As ``portalkit_einvoice.en16931.conform`` returns it.
        creditor: The number under which the payee, or else the seller, collects direct debits.
    """
    seller, buyer = body.party(PartyRole.SELLER), body.party(PartyRole.BUYER)
    payee = body.party(PartyRole.PAYEE)
    if seller is not None:
        own = None if payee is not None else creditor
        ids = [each for each in seller.ids if creditor is None or each.value != creditor.value]
        wrapper = put_parent(root, "AccountingSupplierParty")
        _put_trader(wrapper, seller, (*ids, *_there(own)))
    if buyer is not None:
        wrapper = put_parent(root, "AccountingCustomerParty")
        _put_trader(wrapper, buyer, _best(buyer.ids))
    if payee is not None:
        element = put_parent(root, "PayeeParty")
        _put_ids(element, (*_best(payee.ids), *_there(creditor)))
        put_in(element, "PartyName", "Name", payee.name)
        if payee.registration is not None:
            put_id(put_parent(element, "PartyLegalEntity"), "CompanyID", payee.registration)
    representative = body.party(PartyRole.TAX_REPRESENTATIVE)
    if representative is not None:
        element = put_parent(root, "TaxRepresentativeParty")
        put_in(element, "PartyName", "Name", representative.name)
        _put_address(element, "PostalAddress", representative.address)
        _put_tax_numbers(element, representative)


def put_delivery(root: Node, body: DocumentBody) -> None:
    """Put when and where goods arrived, and at whom."""
    party = body.party(PartyRole.SHIP_TO)
    delivery = next(iter(body.deliveries), Delivery())
    if party is None and delivery.delivered_on is None:
        return
    element = put_parent(root, "Delivery")
    put_day(element, "ActualDeliveryDate", delivery.delivered_on)
    if party is None:
        return
    ids = _best(party.ids)
    if ids or party.address is not None:
        place = put_parent(element, "DeliveryLocation")
        put_id(place, "ID", ids[0] if ids else None)
        _put_address(place, "Address", party.address)
    if party.name:
        put_in(put_parent(element, "DeliveryParty"), "PartyName", "Name", party.name)


def _put_trader(wrapper: Node, party: Party, ids: Iterable[Identifier]) -> None:
    element = put_parent(wrapper, "Party")
    put_id(element, "EndpointID", party.endpoint)
    _put_ids(element, ids)
    put_in(element, "PartyName", "Name", party.trade_name)
    _put_address(element, "PostalAddress", party.address)
    _put_tax_numbers(element, party)
    legal = put_parent(element, "PartyLegalEntity")
    put(legal, "RegistrationName", party.name)
    put_id(legal, "CompanyID", party.registration)
    if party.role is PartyRole.SELLER:
        put(legal, "CompanyLegalForm", party.legal_form)
    _put_contact(element, party.contact)


def _put_ids(element: Node, ids: Iterable[Identifier]) -> None:
    for identifier in dict.fromkeys(ids):
        put_id(put_parent(element, "PartyIdentification"), "ID", identifier)


def _put_tax_numbers(element: Node, party: Party) -> None:
    """Put the tax numbers: only a seller may have one that is no VAT number."""
    for identifier in party.tax_ids:
        is_vat = identifier.scheme == VAT
        if is_vat or party.role is PartyRole.SELLER:
            scheme = put_parent(element, "PartyTaxScheme")
            put(scheme, "CompanyID", identifier.value)
            put_in(scheme, "TaxScheme", "ID", VAT if is_vat else _OTHER_TAX)


def _put_contact(element: Node, contact: ContactPoint | None) -> None:
    if contact is None or not (contact.name or contact.phone or contact.email):
        return
    point = put_parent(element, "Contact")
    put(point, "Name", contact.name)
    put(point, "Telephone", contact.phone)
    put(point, "ElectronicMail", contact.email)


def _put_address(parent: Node, name: str, address: Address | None) -> None:
    if address is None:
        return
    element = put_parent(parent, name)
    for line_name, line in zip(("StreetName", "AdditionalStreetName"), address.lines, strict=False):
        put(element, line_name, line)
    put(element, "CityName", address.city)
    put(element, "PostalZone", address.postcode)
    put(element, "CountrySubentity", address.region)
    put_in(element, "AddressLine", "Line", ", ".join(address.lines[_OWN_LINES:]))
    put_in(element, "Country", "IdentificationCode", address.country)


def _best(ids: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    """Return the one number that anybody but a seller may have: one with a scheme, if any has."""
    return tuple(sorted(ids, key=lambda each: each.scheme is None))[:1]


def _there(identifier: Identifier | None) -> tuple[Identifier, ...]:
    return () if identifier is None else (identifier,)
