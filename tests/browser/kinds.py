"""Every kind of page there is, with who sees it and how to get there."""

from collections.abc import Mapping

import msgspec

from .visitors import CARMEN, HANNAH, LUCIA, LUCIA_AT_HONEY, MARIA, Visitor


class Kind(msgspec.Struct, frozen=True):
    """A kind of page.

    Attributes:
        path: Where it is; the list it is opened from, if it is opened from one.
        who: Sees it; nobody in particular if left out.
        is_first_row: The page that the first row of the list leads to.
        suffix: Put after that page's address.
        status: HTTP status it is answered with.
    """

    path: str
    who: Visitor | None = None
    is_first_row: bool = False
    suffix: str = ""
    status: int = 200


KINDS: Mapping[str, Kind] = {
    "login": Kind("/login"),
    "staff-login": Kind("/backoffice/login"),
    "dead-link": Kind("/i/none", status=410),
    "lost-outside": Kind("/nothing", status=404),
    "home": Kind("/home", LUCIA),
    "home-overfull": Kind("/home", MARIA),
    "home-honey": Kind("/miel/home", LUCIA_AT_HONEY),
    "list": Kind("/sales/invoices", LUCIA),
    "list-overfull": Kind("/sales/invoices?sort=-total", MARIA),
    "list-empty": Kind("/sales/quotes?q=nothing+of+this", HANNAH),
    "list-wrong-days": Kind("/sales/invoices?from=2026-02-01&to=2026-01-01", LUCIA),
    "invoice": Kind("/sales/invoices?status=to-pay", LUCIA, is_first_row=True),
    "invoice-overfull": Kind("/sales/invoices?q=Regularización", MARIA, is_first_row=True),
    "credit-note": Kind("/sales/invoices?status=credit-notes", LUCIA, is_first_row=True),
    "quote": Kind("/sales/quotes?status=to-answer", LUCIA, is_first_row=True),
    "delivery-note": Kind("/sales/delivery-notes?q=A2026-0155", LUCIA, is_first_row=True),
    "print": Kind("/sales/quotes", HANNAH, is_first_row=True, suffix="/print"),
    "profile": Kind("/profile", MARIA),
    "lost": Kind("/nothing", LUCIA, status=404),
    "contacts": Kind("/backoffice/contacts", CARMEN),
    "contact": Kind("/backoffice/contacts?q=Mediterr", CARMEN, is_first_row=True),
    "office-documents": Kind("/backoffice/documents", CARMEN),
    "office-document": Kind("/backoffice/documents", CARMEN, is_first_row=True),
    "plugins": Kind("/backoffice/plugins", CARMEN),
    "password": Kind("/password", CARMEN),
}


def open_kind(page, kind):
    """Open the page of a kind and return the answer."""
    answer = page.goto(kind.path)
    if kind.is_first_row:
        row = page.locator("#pk-list tbody .pk-row").first
        address = row.get_attribute("href").partition("?")[0]
        answer = page.goto(address + kind.suffix)
    assert answer.status == kind.status
    return answer
