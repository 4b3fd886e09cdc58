"""Parties: legal entities and persons, their centres, and where they are."""

from collections.abc import Iterable
from typing import Final

from portalkit.model import (
    CUSTOMER_NUMBER,
    Address,
    ContactPoint,
    Identifier,
    Party,
    PartyRole,
    PersonName,
)
from portalkit_einvoice.facturae.countries import ALPHA_2
from portalkit_einvoice.xml.element import Element

__all__ = ("CENTRES", "CENTRE_SCHEME", "GLN", "take_parties")

GLN: Final = "0088"
CENTRE_SCHEME: Final = "DIR3"
"""Scheme of the code of an administrative centre."""

CENTRES: Final = {
    "01": PartyRole.INVOICE_TO,
    "02": PartyRole.SHIP_TO,
    "03": PartyRole.PAYER,
    "04": PartyRole.ORIGINATOR,
}
"""What a buyer's centres do: accounting office, receiving, paying and ordering body."""


def take_parties(root: Element) -> tuple[Party, ...]:
    """Take the parties of a file, which are those of each of its invoices.

    The buyer's centres are parties of their own: their codes are no numbers of the buyer, for
    several buyers may share an accounting office.
    """
    seller = root.first("Parties", "SellerParty")
    buyer = root.first("Parties", "BuyerParty")
    assignee = root.first("FileHeader", "FactoringAssignmentData", "Assignee")
    found = [
        _take_party(seller, PartyRole.SELLER),
        _take_party(buyer, PartyRole.BUYER),
        _take_party(assignee, PartyRole.PAYEE),
        *_take_centres(buyer.first("AdministrativeCentres")),
    ]
    return tuple(party for party in found if party is not None)


def _take_party(element: Element, role: PartyRole) -> Party | None:
    is_person = element.has("Individual")
    inner = element.first("Individual" if is_person else "LegalEntity")
    number = element.peek("TaxIdentification", "TaxIdentificationNumber")
    person = _take_person(inner) if is_person else None
    name = _whole_name(person) if person else inner.take("CorporateName") or number
    if not name:
        return None
    ids: tuple[Identifier, ...] = ()
    if role is PartyRole.BUYER and (known_by := element.take("PartyIdentification")):
        ids = (Identifier(known_by, CUSTOMER_NUMBER),)
    element.take("TaxIdentification", "TaxIdentificationNumber")
    return Party(
        role=role,
        name=name,
        trade_name=inner.take("TradeName"),
        tax_ids=(Identifier(number, "VAT"),) if number else (),
        ids=ids,
        address=_take_address(inner),
        contact=_take_contact(inner),
        website=inner.take("ContactDetails", "WebAddress"),
        person=person,
    )


def _take_person(element: Element) -> PersonName | None:
    given, surname = element.peek("Name"), element.peek("FirstSurname")
    if not given or not surname:
        return None
    element.take("Name")
    element.take("FirstSurname")
    return PersonName(
        given_name=given, surname=surname, second_surname=element.take("SecondSurname")
    )


def _whole_name(person: PersonName) -> str:
    parts = (person.given_name, person.surname, person.second_surname)
    return " ".join(part for part in parts if part)


def _take_centres(element: Element) -> Iterable[Party]:
    """Take one centre of each role; further ones stay."""
    taken = set()
    for centre in element.each("AdministrativeCentre"):
        role = CENTRES.get(centre.peek("RoleTypeCode"))
        code = centre.peek("CentreCode")
        if role is None or role in taken or not code:
            continue
        taken.add(role)
        centre.take("RoleTypeCode")
        centre.take("CentreCode")
        gln = centre.take("PhysicalGLN")
        yield Party(
            role=role,
            name=centre.take("CentreDescription") or code,
            ids=(Identifier(code, CENTRE_SCHEME), *((Identifier(gln, GLN),) if gln else ())),
            address=_take_address(centre),
            contact=_take_contact(centre),
            website=centre.take("ContactDetails", "WebAddress"),
            person=_take_person(centre),
        )


def _take_address(element: Element) -> Address | None:
    is_spanish = element.has("AddressInSpain")
    place = element.first("AddressInSpain" if is_spanish else "OverseasAddress")
    street = place.take("Address")
    address = Address(
        lines=(street,) if street else (),
        # Abroad postcode and town are one text; where one ends only its country knows.
        city=place.take("Town" if is_spanish else "PostCodeAndTown"),
        postcode=place.take("PostCode") if is_spanish else None,
        region=place.take("Province"),
        country=_take_country(place),
    )
    return None if address == Address() else address


def _take_country(place: Element) -> str | None:
    country = ALPHA_2.get(place.peek("CountryCode"))
    if country is not None:
        place.take("CountryCode")
    return country


def _take_contact(element: Element) -> ContactPoint | None:
    details = element.first("ContactDetails")
    contact = ContactPoint(
        name=details.take("ContactPersons"),
        phone=details.take("Telephone"),
        email=details.take("ElectronicMail"),
    )
    return None if contact == ContactPoint() else contact
