"""Prices of a catalogue's line: one for each place and quantity that it names."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from portalkit.errors import ImportRefusedError
from portalkit_catalog.product import Price
from portalkit_catalog.ubl.element import UblElement

__all__ = ("Days", "take_days", "take_prices", "take_unit_of")

_COUNTRY: Final = re.compile("[A-Z]{2}")
_PLACE: Final = ("Country", "IdentificationCode")


class Days(NamedTuple):
    """A stretch of days, both ends included; open where it is ``None``."""

    start: date | None = None
    end: date | None = None


def take_days(element: UblElement, name: str) -> Days:
    """Take a period; hours of the day stay."""
    period = element.first(name)
    return Days(period.day("StartDate"), period.day("EndDate"))


def take_prices(line: UblElement, unit: str | None, validity: Days) -> Iterator[Price]:
    """Yield the prices of a line; one that holds in several countries once for each.

    Args:
        line: The ``CatalogueLine``.
        unit: In which the product is ordered.
        validity: Of the catalogue, for prices where neither they nor the line state days.

    Raises:
        ImportRefusedError: If a price states no currency.
    """
    places = [each for each in line.each("RequiredItemLocationQuantity") if _has_price(each)]
    own = [take_days(each.first("Price"), "ValidityPeriod") for each in places]
    if Days() in own:
        stated = take_days(line, "LineValidityPeriod")
        validity = validity if stated == Days() else stated
    for place, days in zip(places, own, strict=True):
        yield from _take_price(place, unit, validity if days == Days() else days)


def take_unit_of(quantity: UblElement, unit: str | None) -> None:
    """Take the unit of a quantity if it only repeats the product's."""
    if quantity.peek_attribute("unitCode") == unit:
        quantity.attribute("unitCode")


def _has_price(place: UblElement) -> bool:
    return bool(place.peek("Price", "PriceAmount"))


def _take_price(place: UblElement, unit: str | None, days: Days) -> Iterator[Price]:
    price = place.first("Price")
    stated = price.first("PriceAmount")
    currency = stated.attribute("currencyID")
    amount = stated.number()
    if currency is None or amount is None:
        raise ImportRefusedError("its PriceAmount has no currency")
    for quantity in (place.first("MinimumQuantity"), price.first("BaseQuantity")):
        take_unit_of(quantity, unit)
    price_list = price.text("PriceList", "ID")
    min_quantity = place.quantity("MinimumQuantity")
    base_quantity = price.quantity("BaseQuantity")
    for territory in _take_countries(place) or [None]:
        yield Price(
            currency=currency,
            amount=amount,
            price_list=price_list,
            min_quantity=min_quantity,
            base_quantity=base_quantity,
            valid_from=days.start,
            valid_until=days.end,
            territory=territory,
        )


def _take_countries(place: UblElement) -> list[str | None]:
    return [
        address.text(*_PLACE)
        for address in place.each("ApplicableTerritoryAddress")
        if _COUNTRY.fullmatch(address.peek(*_PLACE))
    ]
