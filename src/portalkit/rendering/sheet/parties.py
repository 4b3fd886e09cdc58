"""Who stands on a sheet: names, addresses as their country writes them, tax numbers."""

from collections.abc import Mapping
from typing import Final

from portalkit.hooks.types import DocumentKind
from portalkit.model import Address, Document, Identifier, Party, PartyRole
from portalkit.rendering.sheet.issuer import Issuer
from portalkit.rendering.sheet.labels import party_label
from portalkit.rendering.sheet.parts import SheetParty
from portalkit.rendering.sheet.writer import SheetWriter, cleaned, paragraphs

__all__ = ("address_lines", "is_issuer", "party_rows")

_GLN: Final = "0088"
_MAX_IN_ROW: Final = 3
# The last lines of an address by country (Universal Postal Union, S42); others are like most
# of Europe: postcode, city, and the region behind.
_CITY: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("US", "CA", "AU", "PR"), ("{city}, {region} {postcode}",)),
    **dict.fromkeys(("GB", "IE", "IN", "HK", "SG"), ("{city} {postcode}", "{region}")),
    "ES": ("{postcode} {city} ({region})",),
    "IT": ("{postcode} {city} {region}",),
    "BR": ("{city} - {region}", "{postcode}"),
    "MX": ("{postcode} {city}, {region}",),
    "JP": ("{region} {city}", "{postcode}"),
}
_ELSEWHERE: Final = ("{postcode} {city}", "{region}")
_ORDER: Final = (
    PartyRole.SELLER,
    PartyRole.BUYER,
    PartyRole.INVOICE_TO,
    PartyRole.SHIP_TO,
    PartyRole.PAYEE,
    PartyRole.PAYER,
    PartyRole.TAX_REPRESENTATIVE,
    PartyRole.SHIP_FROM,
    PartyRole.ORIGINATOR,
)


def party_rows(
    writer: SheetWriter, document: Document, kind: DocumentKind, issuer: Issuer
) -> tuple[tuple[SheetParty, ...], ...]:
    """Return the parties in rows of at most three; the seller is the business if unstated."""
    body = document.body
    stated = {party.role: party for party in reversed(body.parties)}
    home = _home(stated.get(PartyRole.SELLER))
    shown = []
    for role in _ORDER:
        party = stated.get(role)
        label = writer.text(party_label(role, kind))
        if party is not None:
            shown.append(_party(writer, party, label, home))
        elif role is PartyRole.SELLER:
            shown.append(_business(writer, issuer, label))
        elif role is PartyRole.SHIP_TO and (place := _delivery_address(document)):
            shown.append(_place(writer, place, label, home))
    size = _MAX_IN_ROW if len(shown) != _MAX_IN_ROW + 1 else 2
    return tuple(tuple(shown[at : at + size]) for at in range(0, len(shown), size))


def is_issuer(party: Party | None, issuer: Issuer) -> bool:
    """Say whether a party is the business itself, as far as tax numbers tell."""
    if party is None or not party.tax_ids or not issuer.tax_id:
        return True
    own = _digits(issuer.tax_id)
    return any(_digits(tax_id.value).endswith(own) for tax_id in party.tax_ids)


def address_lines(writer: SheetWriter, address: Address, home: str | None) -> tuple[str, ...]:
    """Return an address as its country writes it; the country only if it is not ``home``."""
    country = (address.country or "").strip().upper()
    parts = {
        "postcode": cleaned(address.postcode or ""),
        "city": cleaned(address.city or ""),
        "region": cleaned(address.region or ""),
    }
    if parts["region"].casefold() == parts["city"].casefold():
        parts["region"] = ""
    lines = [cleaned(address.attention or ""), *map(cleaned, address.lines)]
    lines += [_filled(pattern, parts) for pattern in _CITY.get(country, _ELSEWHERE)]
    if country and country != home:
        lines.append(writer.formats.country(country))
    return tuple(writer.isolated(line) for line in lines if line)


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    text = pattern.format(**parts).replace("()", "")
    return " ".join(text.split(" ")).strip(" ,-")


def _home(seller: Party | None) -> str | None:
    address = seller.address if seller else None
    return address.country.strip().upper() if address and address.country else None


def _delivery_address(document: Document) -> Address | None:
    return next((item.address for item in document.body.deliveries if item.address), None)


def _party(writer: SheetWriter, party: Party, role: str, home: str | None) -> SheetParty:
    lines: list[str] = []
    if party.trade_name and cleaned(party.trade_name) != cleaned(party.name):
        lines.append(writer.value(party.trade_name))
    contact = party.contact
    if contact and contact.name and cleaned(contact.name) != cleaned(party.name):
        lines.append(writer.value(contact.name))
    if party.address:
        lines += address_lines(writer, party.address, home)
    lines += [line for line in _numbers(writer, party) if line not in lines]
    if contact:
        lines += [writer.value(text) for text in (contact.phone, contact.email) if text]
    if party.website:
        lines.append(writer.value(party.website))
    return SheetParty(role=role, name=writer.value(party.name), lines=tuple(lines))


def _numbers(writer: SheetWriter, party: Party) -> list[str]:
    found = [_number(writer, tax_id, writer.gettext("VAT no.")) for tax_id in party.tax_ids]
    for identifier in party.ids:
        scheme = (identifier.scheme or "").strip()
        if scheme == _GLN:
            found.append(_number(writer, identifier, "GLN"))
        elif scheme.isalpha() and scheme.isupper():
            found.append(_number(writer, identifier, cleaned(scheme)))
    return list(dict.fromkeys(found))


def _number(writer: SheetWriter, identifier: Identifier, label: str) -> str:
    scheme = cleaned(identifier.scheme or "VAT")
    name = label if scheme in {"VAT", _GLN} else scheme
    return writer.joined([name, writer.value(identifier.value)], " ")


def _business(writer: SheetWriter, issuer: Issuer, role: str) -> SheetParty:
    lines = [writer.isolated(line) for line in paragraphs(issuer.address or "")]
    if issuer.tax_id:
        lines.append(writer.joined([writer.gettext("VAT no."), writer.value(issuer.tax_id)], " "))
    if issuer.website:
        lines.append(writer.value(issuer.website))
    name = writer.value(issuer.legal_name or issuer.name)
    return SheetParty(role=role, name=name, lines=tuple(lines))


def _place(writer: SheetWriter, place: Address, role: str, home: str | None) -> SheetParty:
    lines = address_lines(writer, place, home)
    return SheetParty(role=role, name=lines[0] if lines else "", lines=lines[1:])


def _digits(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())
