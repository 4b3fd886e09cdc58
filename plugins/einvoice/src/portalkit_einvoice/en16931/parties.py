"""Parties as EN 16931 knows them: few roles, numbers with a scheme it knows, a country."""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import structs

from portalkit.model import (
    Address,
    DocumentBody,
    Identifier,
    Party,
    PartyRole,
    Text,
    lazy_gettext,
)
from portalkit_einvoice.codes import is_country
from portalkit_einvoice.en16931.codes import ENDPOINT_SCHEME, PARTY_SCHEME, VAT_NUMBER
from portalkit_einvoice.en16931.taxes import vat_rows

__all__ = ("LOCAL_TAX", "parties_of", "party_problems")

LOCAL_TAX: Final = "FC"
"""Scheme of a tax number that is no VAT number (BT-32)."""

_VAT: Final = "VAT"
_GREECE: Final = {"GR": "EL"}


def parties_of(body: DocumentBody) -> tuple[Party, ...]:
    """Return the parties that EN 16931 has places for, written as it wants them.

    A VAT number carries the country that gave it: where it is missing it is that of the
    address. A payee that is the seller, or has no name, is left out. Goods that go to another
    member state need a place: the buyer's, where no other is stated.
    """
    has_vat = not _is_outside_vat(body)
    seller, payee = body.party(PartyRole.SELLER), body.party(PartyRole.PAYEE)
    if payee is not None and payee.name in {None, "", seller.name if seller else None}:
        payee = None
    found = [
        seller,
        body.party(PartyRole.BUYER),
        payee,
        body.party(PartyRole.TAX_REPRESENTATIVE),
        _ship_to(body),
    ]
    return tuple(_conformed(party, has_vat=has_vat) for party in found if party is not None)


def party_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the parties of a document cannot be expressed."""
    parties = {party.role: party for party in parties_of(body)}
    seller, buyer = parties.get(PartyRole.SELLER), parties.get(PartyRole.BUYER)
    if seller is None or not seller.name:
        yield lazy_gettext("The seller is missing.")
    elif _country(seller) is None:
        yield lazy_gettext("The country of the seller is missing.")
    if buyer is None or not buyer.name:
        yield lazy_gettext("The buyer is missing.")
    elif _country(buyer) is None:
        yield lazy_gettext("The country of the buyer is missing.")
    representative = parties.get(PartyRole.TAX_REPRESENTATIVE)
    if representative is not None and not (
        representative.name and _country(representative) and _number(representative, _VAT)
    ):
        yield lazy_gettext("The name, VAT number or country of the tax agent is missing.")
    if seller is not None and buyer is not None:
        yield from _number_problems(body, seller, buyer, representative)


def _number_problems(
    body: DocumentBody, seller: Party, buyer: Party, representative: Party | None
) -> Iterator[Text]:
    categories = {row.category for row in vat_rows(body)}
    vat = _number(representative, _VAT) or _number(seller, _VAT)
    if not (_number(seller, _VAT) or seller.ids or seller.registration):
        yield lazy_gettext("The seller has no VAT number and no other number.")
    elif not vat and (
        categories & {"K", "G"} or (categories - {"O"} and not _number(seller, LOCAL_TAX))
    ):
        yield lazy_gettext("The VAT number of the seller is missing.")
    has_buyer = _number(buyer, _VAT)
    if not has_buyer and ("K" in categories or ("AE" in categories and not buyer.registration)):
        yield lazy_gettext("The VAT number of the buyer is missing.")


def _ship_to(body: DocumentBody) -> Party | None:
    party = body.party(PartyRole.SHIP_TO)
    stated = next((each.address for each in body.deliveries if each.address is not None), None)
    if party is None and stated is not None:
        party = Party(role=PartyRole.SHIP_TO, name="", address=stated)
    elif party is not None and party.address is None:
        party = structs.replace(party, address=stated)
    if any(row.category == "K" for row in vat_rows(body)) and _country(party) is None:
        buyer = body.party(PartyRole.BUYER)
        if country := _country(buyer):
            party = party or Party(role=PartyRole.SHIP_TO, name="")
            party = structs.replace(party, address=Address(country=country))
    return party


def _conformed(party: Party, *, has_vat: bool) -> Party:
    return structs.replace(
        party,
        tax_ids=_tax_ids(party, has_vat=has_vat),
        ids=tuple(_plain(each) for each in party.ids),
        registration=None if party.registration is None else _plain(party.registration),
        endpoint=_endpoint(party.endpoint),
        address=None if _country(party) is None else party.address,
    )


def _tax_ids(party: Party, *, has_vat: bool) -> tuple[Identifier, ...]:
    """Return at most one VAT number and one other tax number, in this order.

    A document outside VAT must bear no VAT number (BR-O-02): there it is a tax number.
    """
    vat = next((each.value for each in party.tax_ids if _is_vat(each)), None)
    local = next((each.value for each in party.tax_ids if not _is_vat(each)), None)
    if vat is not None:
        number = _with_country(vat, _country(party))
        if number is None or not has_vat:
            local, vat = local or vat, None
        else:
            vat = number
    pairs = ((vat, _VAT), (local, LOCAL_TAX))
    return tuple(Identifier(value, scheme) for value, scheme in pairs if value)


def _with_country(number: str, country: str | None) -> str | None:
    if VAT_NUMBER.match(number):
        return number
    return None if country is None else f"{_GREECE.get(country, country)}{number}"


def _is_vat(identifier: Identifier) -> bool:
    return (identifier.scheme or _VAT).upper() == _VAT


def _plain(identifier: Identifier) -> Identifier:
    """Return an identifier without a scheme that EN 16931 does not know."""
    if PARTY_SCHEME.fullmatch(identifier.scheme or ""):
        return identifier
    return Identifier(identifier.value)


def _endpoint(endpoint: Identifier | None) -> Identifier | None:
    if endpoint is None:
        return None
    if ENDPOINT_SCHEME.fullmatch(endpoint.scheme or ""):
        return endpoint
    return Identifier(endpoint.value, "EM") if "@" in endpoint.value else None


def _number(party: Party | None, scheme: str) -> str | None:
    numbers: Iterable[Identifier] = () if party is None else party.tax_ids
    return next((each.value for each in numbers if each.scheme == scheme), None)


def _country(party: Party | None) -> str | None:
    country = None if party is None or party.address is None else party.address.country
    return country if country and is_country(country) else None


def _is_outside_vat(body: DocumentBody) -> bool:
    return any(row.category == "O" for row in vat_rows(body))
