"""Parties: who they are for the tax office, and where."""

import re
from collections.abc import Iterator
from typing import Final

from portalkit.model import (
    CUSTOMER_NUMBER,
    Address,
    DocumentBody,
    Party,
    PartyRole,
    Text,
    lazy_gettext,
)
from portalkit_einvoice.en16931.texts import cleaned
from portalkit_einvoice.facturae.countries import ALPHA_3, EUROPEAN_UNION, PROVINCES
from portalkit_einvoice.facturae.party import CENTRE_SCHEME, CENTRES
from portalkit_einvoice.facturae.writing.limits import too_long
from portalkit_einvoice.facturae.writing.nodes import Node, put, put_fitting, put_parent, put_text

__all__ = ("party_problems", "put_parties", "tax_number")

_SPAIN: Final = "ES"
# A natural person's number: eight digits and a letter, or a letter that says why not.
_PERSON: Final = re.compile(r"[0-9]{8}[A-Z]|[KLMXYZ][0-9]{7}[A-Z]")
_SPANISH: Final = re.compile(r"[0-9A-Z][0-9]{7}[0-9A-Z]")
_POSTCODE: Final = re.compile("[0-9]{5}")
_CUSTOMER: Final = re.compile("[0-9]{1,10}")
_LIMITS: Final = {"name": 80, "street": 80, "city": 50, "number": 30, "part": 40}
_FEWEST: Final = 3


def party_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why seller and buyer cannot be expressed."""
    for role, missing in (
        (PartyRole.SELLER, lazy_gettext("The seller is missing.")),
        (PartyRole.BUYER, lazy_gettext("The buyer is missing.")),
    ):
        party = body.party(role)
        if party is None or not cleaned(party.name):
            yield missing
        else:
            yield from _problems(party)
    for _, centre in _centres(body):
        yield from _address_problems(centre)


def tax_number(party: Party) -> str:
    """Return the tax number as those of one country write it; empty if there is none."""
    return next((each.key[1] for each in party.tax_ids if each.key[1]), "")


def put_parties(root: Node, body: DocumentBody) -> None:
    """Put seller and buyer, with the buyer's centres."""
    element = put_parent(root, "Parties")
    for name, role in (("SellerParty", PartyRole.SELLER), ("BuyerParty", PartyRole.BUYER)):
        party = body.party(role)
        if party is not None:
            _put_party(put_parent(element, name), party, body)


def _problems(party: Party) -> Iterator[Text]:
    number = tax_number(party)
    if len(number) < _FEWEST:
        yield lazy_gettext("The tax number of %(party)s is missing.", party=party.name)
    yield from too_long((number, _LIMITS["number"]))
    if party.person is not None:
        person = party.person
        parts = (person.given_name, person.surname, person.second_surname or "")
        yield from too_long(*((part, _LIMITS["part"]) for part in parts))
    elif _PERSON.fullmatch(number):
        yield lazy_gettext(
            "The surname of %(party)s is not stated apart from the name.", party=party.name
        )
    else:
        yield from too_long((party.name, _LIMITS["name"]))
    yield from _address_problems(party)


def _address_problems(party: Party) -> Iterator[Text]:
    address = party.address or Address()
    country = _country(party)
    if country is None:
        yield lazy_gettext("The country of %(party)s is missing.", party=party.name)
    elif country not in ALPHA_3:
        yield lazy_gettext("Facturae has no code for the country %(country)s.", country=country)
    if not _street(address):
        yield lazy_gettext("The street of %(party)s is missing.", party=party.name)
    if not cleaned(address.city):
        yield lazy_gettext("The city of %(party)s is missing.", party=party.name)
    if country == _SPAIN and not _POSTCODE.fullmatch(address.postcode or ""):
        yield lazy_gettext("The postcode of %(party)s has not five digits.", party=party.name)
    city = (address.city or "") if country == _SPAIN else _town(address)
    yield from too_long((_street(address), _LIMITS["street"]), (city, _LIMITS["city"]))


def _put_party(element: Node, party: Party, body: DocumentBody) -> None:
    identification = put_parent(element, "TaxIdentification")
    put(identification, "PersonTypeCode", "F" if party.person else "J")
    put(identification, "ResidenceTypeCode", _residence(party))
    put(identification, "TaxIdentificationNumber", _number_abroad(party, body))
    if party.role is PartyRole.BUYER:
        _put_customer(element, party)
        _put_centres(element, body)
    if party.person is not None:
        inner = put_parent(element, "Individual")
        _put_person(inner, party)
    else:
        inner = put_parent(element, "LegalEntity")
        put(inner, "CorporateName", party.name)
        put_fitting(inner, "TradeName", party.trade_name, _LIMITS["part"])
    _put_address(inner, party)
    _put_contact(inner, party)


def _put_person(element: Node, party: Party) -> None:
    if party.person is not None:
        put(element, "Name", party.person.given_name)
        put(element, "FirstSurname", party.person.surname)
        put_fitting(element, "SecondSurname", party.person.second_surname, _LIMITS["part"])


def _number_abroad(party: Party, body: DocumentBody) -> str:
    """Return the tax number, with its country where the other party is in another one of the EU.

    Art. 25 of the Spanish VAT regulation wants both numbers so.
    """
    number = tax_number(party)
    parties = (body.party(PartyRole.SELLER), body.party(PartyRole.BUYER))
    countries = {_country(each) for each in parties if each is not None}
    is_abroad = len(countries) > 1 and countries <= EUROPEAN_UNION
    is_bare = _country(party) == _SPAIN and _SPANISH.fullmatch(number)
    return f"{_SPAIN}{number}" if is_abroad and is_bare else number


def _residence(party: Party) -> str:
    country = _country(party)
    if country == _SPAIN:
        return "R"
    return "U" if country in EUROPEAN_UNION else "E"


def _country(party: Party) -> str | None:
    country = party.address.country if party.address else None
    if country is None and _SPANISH.fullmatch(tax_number(party)):
        return _SPAIN
    return country.strip().upper() if country else None


def _put_customer(element: Node, party: Party) -> None:
    for each in party.ids:
        if each.scheme in {None, CUSTOMER_NUMBER} and _CUSTOMER.fullmatch(each.value):
            put(element, "PartyIdentification", each.value)
            return


def _centres(body: DocumentBody) -> Iterator[tuple[str, Party]]:
    for code, role in CENTRES.items():
        party = body.party(role)
        if party is not None and any(each.scheme == CENTRE_SCHEME for each in party.ids):
            yield code, party


def _put_centres(parent: Node, body: DocumentBody) -> None:
    centres = list(_centres(body))
    if not centres:
        return
    element = put_parent(parent, "AdministrativeCentres")
    for role, party in centres:
        centre = put_parent(element, "AdministrativeCentre")
        number = next(each.value for each in party.ids if each.scheme == CENTRE_SCHEME)
        put_fitting(centre, "CentreCode", number, 10)
        put(centre, "RoleTypeCode", role)
        _put_person(centre, party)
        _put_address(centre, party)
        _put_contact(centre, party)
        if party.name != number:
            put_text(centre, "CentreDescription", party.name, 2500)


def _put_address(parent: Node, party: Party) -> None:
    address = party.address or Address()
    country = _country(party) or ""
    place = put_parent(parent, "AddressInSpain" if country == _SPAIN else "OverseasAddress")
    put(place, "Address", _street(address))
    if country == _SPAIN:
        put(place, "PostCode", address.postcode or "")
        put(place, "Town", address.city or "")
    else:
        put(place, "PostCodeAndTown", _town(address))
    put(place, "Province", _province(address, country))
    put(place, "CountryCode", ALPHA_3[country])


def _street(address: Address) -> str:
    return ", ".join(filter(None, map(cleaned, address.lines)))


def _town(address: Address) -> str:
    return " ".join(filter(None, (address.postcode, address.city)))


def _province(address: Address, country: str) -> str:
    """Return the province; a Spanish one that is missing or too long is that of the postcode."""
    region = (address.region or "").strip()
    if country == _SPAIN and not 0 < len(region) <= 20:  # noqa: PLR2004 - of the schema
        return PROVINCES.get(int((address.postcode or "0")[:2]), "")
    return region[:20]


def _put_contact(parent: Node, party: Party) -> None:
    contact = party.contact
    phone = "".join(((contact.phone if contact else None) or "").split())
    found = (
        ("Telephone", phone, 15),
        ("WebAddress", party.website, 60),
        ("ElectronicMail", contact.email if contact else None, 60),
        ("ContactPersons", contact.name if contact else None, 40),
    )
    if any(text and len(text.strip()) <= limit for _, text, limit in found):
        element = put_parent(parent, "ContactDetails")
        for name, text, limit in found:
            put_fitting(element, name, text, limit)
