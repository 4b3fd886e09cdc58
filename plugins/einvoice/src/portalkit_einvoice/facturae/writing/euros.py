"""Amounts in euros, which Facturae wants beside those in every other currency."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from portalkit.model import DocumentBody, Money, Text, lazy_gettext
from portalkit_einvoice.facturae.codes import CURRENCIES
from portalkit_einvoice.facturae.writing.nodes import (
    Node,
    put,
    put_day,
    put_number,
    put_parent,
    written,
)

__all__ = ("Euros", "currency_problems", "euros_of", "put_amount", "put_rate")

EURO = "EUR"


class Euros(NamedTuple):
    """What one unit of the document's currency is in euros; 1 for the euro itself."""

    currency: str
    rate: Decimal
    on: date


def euros_of(body: DocumentBody) -> Euros | None:
    """Return what turns amounts of a document into euros; ``None`` if it does not say."""
    if body.currency == EURO:
        return Euros(EURO, Decimal(1), body.issued_on)
    for each in body.exchange_rates:
        day = each.on or body.issued_on
        if (each.source, each.target) == (body.currency, EURO) and each.rate:
            return Euros(body.currency, each.rate, day)
        if (each.source, each.target) == (EURO, body.currency) and each.rate:
            return Euros(body.currency, 1 / each.rate, day)
    return None


def currency_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the currency of a document cannot be expressed."""
    if body.currency not in CURRENCIES:
        yield lazy_gettext("Facturae has no code for the currency %(code)s.", code=body.currency)
    elif euros_of(body) is None:
        yield lazy_gettext(
            "The exchange rate to the euro is missing, and Facturae wants euros beside %(code)s.",
            code=body.currency,
        )


def put_rate(parent: Node, euros: Euros) -> None:
    """Put the exchange rate of what is not in euros."""
    if euros.currency != EURO:
        element = put_parent(parent, "ExchangeRateDetails")
        put_number(element, "ExchangeRate", euros.rate)
        put_day(element, "ExchangeRateDate", euros.on)


def put_amount(parent: Node, name: str, amount: int, euros: Euros) -> None:
    """Put an amount, with its equivalent where it is not in euros."""
    element = put_parent(parent, name)
    put(element, "TotalAmount", written(amount, euros.currency))
    if euros.currency != EURO:
        own = Money(amount, euros.currency).decimal
        in_euros = Money.rounded(own * euros.rate, EURO)
        put(element, "EquivalentInEuros", written(in_euros.minor_units, EURO))
