"""Lines of a catalogue: each is a product, or a further price of the one before."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from portalkit.errors import ImportRefusedError
from portalkit_catalog.product import UNDETERMINED, Product, ProductStatus
from portalkit_catalog.ubl.element import UblElement
from portalkit_catalog.ubl.item import (
    shown_file,
    take_attributes,
    take_classifications,
    take_line_text,
    take_pictures,
    take_texts,
)
from portalkit_catalog.ubl.prices import Days, take_prices, take_unit_of

__all__ = ("DELETE", "CatalogueLine", "gather", "take_action", "take_line")

DELETE: Final = "delete"
"""The action of a line, or of a whole catalogue, whose products are sold no more."""

_ACTIONS: Final = frozenset({"add", DELETE, "replace", "retain", "update"})
_UNIT: Final = re.compile("[A-Z0-9]{1,3}")
_POSITION: Final = re.compile(r"\[\d+\]")
_PEOPLE: Final = ("Contact", "Person")
_UNITED: Final = ("classifications", "prices")
_IDS: Final = (
    ("SellersItemIdentification", "ID"),
    ("StandardItemIdentification", "ID"),
    ("ManufacturersItemIdentification", "ID"),
)


class CatalogueLine(msgspec.Struct, frozen=True, kw_only=True):
    """A product as a line states it.

    Attributes:
        is_deleted: The line says that the product is sold no more.
    """

    product: Product
    is_deleted: bool = False


def take_action(element: UblElement) -> str | None:
    """Take what is to be done with a line or a catalogue; an unknown action stays."""
    action = element.peek("ActionCode").casefold()
    if action not in _ACTIONS:
        return None
    element.text("ActionCode")
    return action


def take_line(line: UblElement, position: int, validity: Days) -> CatalogueLine:
    """Read a line.

    Args:
        line: The ``CatalogueLine``.
        position: Its place in the file, the first is 1.
        validity: Of the catalogue.

    Raises:
        ImportRefusedError: If the item has no number, or something is no number.
    """
    action = take_action(line)
    item = line.first("Item")
    sku = _sku(item)
    if sku is None:
        raise ImportRefusedError(f"line {position} has no number of its item")
    files = line.files()
    unit = _take_unit(line)
    take_unit_of(line.first("MinimumOrderQuantity"), unit)
    is_orderable = line.indicator("OrderableIndicator")
    descriptions = take_texts(item, "Description", one_line=False)
    product = Product(
        sku=sku,
        names=take_texts(item, "Name", one_line=True) or _names_of(descriptions, sku),
        descriptions=descriptions,
        unit=unit,
        tax=item.tax("ClassifiedTaxCategory")
        or line.tax("RequiredItemLocationQuantity", "ApplicableTaxCategory"),
        manufacturer_id=take_line_text(item, "ManufacturersItemIdentification", "ID"),
        standard_id=item.identifier("StandardItemIdentification", "ID"),
        classifications=take_classifications(item),
        attributes=take_attributes(item),
        min_quantity=line.quantity("MinimumOrderQuantity"),
        step_quantity=line.quantity("OrderQuantityIncrementNumeric"),
        pack_quantity=item.quantity("PackSizeNumeric"),
        pictures=take_pictures(item),
        status=ProductStatus.UNAVAILABLE if is_orderable is False else ProductStatus.ACTIVE,
        prices=tuple(take_prices(line, unit, validity)),
    )
    item.text("SellersItemIdentification", "ID")
    extra = _without_people(line.rest())
    extra |= {f"file[{number}]": shown_file(each) for number, each in enumerate(files, start=1)}
    return CatalogueLine(
        product=msgspec.structs.replace(product, extra=extra), is_deleted=action == DELETE
    )


def gather(lines: Iterable[CatalogueLine]) -> Iterator[CatalogueLine]:
    """Yield one line for each product, in the order of the file.

    Lines with one number and one name are one product with the prices and classifications of
    all of them; the last one says whether it is sold. Where the names differ, the number is
    that of several items, and the manufacturer's stands behind each: ``number/manufacturer's``.

    Raises:
        ImportRefusedError: If that does not tell them apart either.
    """
    by_sku: defaultdict[str, list[CatalogueLine]] = defaultdict(list)
    for line in lines:
        by_sku[line.product.sku].append(line)
    for sku, same in by_sku.items():
        by_name: defaultdict[tuple[tuple[str, str], ...], list[CatalogueLine]] = defaultdict(list)
        for line in same:
            by_name[tuple(sorted(line.product.names.items()))].append(line)
        if len(by_name) == 1:
            yield _united(same)
        else:
            yield from _told_apart(sku, [_united(each) for each in by_name.values()])


def _sku(item: UblElement) -> str | None:
    for path in _IDS:
        if text := " ".join(item.peek(*path).split()):
            return text
    return None


def _names_of(descriptions: dict[str, str], sku: str) -> dict[str, str]:
    names = {
        language: " ".join(text.split())
        for language, text in descriptions.items()
        if len(text) <= 500  # noqa: PLR2004 - as long as a name may be
    }
    return names or {UNDETERMINED: sku}


def _take_unit(line: UblElement) -> str | None:
    if _UNIT.fullmatch(line.peek("OrderableUnit")):
        return line.text("OrderableUnit")
    stated = line.first("RequiredItemLocationQuantity", "Price", "BaseQuantity")
    unit = stated.peek_attribute("unitCode")
    return unit if _UNIT.fullmatch(unit) else None


def _without_people(extra: dict[str, str]) -> dict[str, str]:
    """Leave out who can be called about an item: products hold no personal data."""
    return {
        path: text
        for path, text in extra.items()
        if not any(
            _POSITION.sub("", step).partition("@")[0].endswith(_PEOPLE) for step in path.split("/")
        )
    }


def _united(lines: list[CatalogueLine]) -> CatalogueLine:
    first, *others = lines
    if not others:
        return first
    united = {
        # Each once, in the order of the file.
        field: tuple(dict.fromkeys(each for line in lines for each in getattr(line.product, field)))
        for field in _UNITED
    }
    extra = dict(first.product.extra)
    for number, line in enumerate(others, start=2):
        extra |= {
            f"line[{number}]/{path}": text for path, text in _others(line.product, first.product)
        }
    return CatalogueLine(
        product=msgspec.structs.replace(first.product, **united, extra=extra),
        is_deleted=lines[-1].is_deleted,
    )


def _others(product: Product, first: Product) -> Iterator[tuple[str, str]]:
    """Yield what a further line of a product states otherwise than the first one."""
    for field in product.__struct_fields__:
        value = getattr(product, field)
        if field not in {*_UNITED, "extra"} and value and value != getattr(first, field):
            yield field, value if isinstance(value, str) else msgspec.json.encode(value).decode()
    yield from product.extra.items()


def _told_apart(sku: str, lines: list[CatalogueLine]) -> Iterator[CatalogueLine]:
    manufacturers = {line.product.manufacturer_id for line in lines}
    if None in manufacturers or len(manufacturers) < len(lines):
        raise ImportRefusedError(f"several items have the number {sku[:60]!r}")
    for line in lines:
        longer = f"{sku}/{line.product.manufacturer_id}"
        yield msgspec.structs.replace(
            line, product=msgspec.structs.replace(line.product, sku=longer)
        )
