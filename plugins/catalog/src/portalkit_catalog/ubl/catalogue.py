"""The reader: a whole catalogue, and how it is stored."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection

from portalkit.audit import Actor
from portalkit.errors import ImportRefusedError
from portalkit.hooks.types import ImportedRecords, RecordsOutcome
from portalkit_catalog.publishing import ProductOutcome, publish_products, withdraw_products
from portalkit_catalog.ubl.element import UblElement
from portalkit_catalog.ubl.lines import DELETE, CatalogueLine, gather, take_action, take_line
from portalkit_catalog.ubl.prices import take_days

__all__ = ("CatalogueReader", "read_lines")

_IMPORT: Final = Actor(kind="system", name="import")


class CatalogueReader:
    """Reads UBL ``Catalogue`` as products; see :func:`read_lines`."""

    root = "Catalogue"

    def read(self, root: UblElement, /) -> ImportedRecords:
        """Read a catalogue.

        Raises:
            ImportRefusedError: With one line that says why it cannot be read.
        """
        number = root.text("ID")
        if number is None:
            raise ImportRefusedError("it has no ID")
        issued_on = root.day("IssueDate")
        lines = read_lines(root)
        currencies = {price.currency for line in lines for price in line.product.prices}
        return ImportedRecords(
            kind="catalogue",
            number=number,
            issued_on=issued_on,
            currency=currencies.pop() if len(currencies) == 1 else None,
            count=len(lines),
            store=partial(_store, lines),
        )


def read_lines(root: UblElement) -> list[CatalogueLine]:
    """Read the products of a catalogue, in the order of the file.

    What stands above the lines is of the catalogue and of those who exchange it, and is not
    kept, but for the days in which it holds and for its action.

    Raises:
        ImportRefusedError: If there are none, or one cannot be read.
    """
    is_deleted = take_action(root) == DELETE
    validity = take_days(root, "ValidityPeriod")
    lines = gather(
        take_line(line, position, validity)
        for position, line in enumerate(root.each("CatalogueLine"), start=1)
    )
    found = [
        CatalogueLine(product=line.product, is_deleted=is_deleted or line.is_deleted)
        for line in lines
    ]
    if not found:
        raise ImportRefusedError("it has no CatalogueLine")
    return found


def _store(
    lines: Sequence[CatalogueLine], connection: Connection, business_id: str, now: datetime
) -> RecordsOutcome:
    """Store all products of a catalogue, or refuse it for one that cannot be stored."""
    sold = [line.product for line in lines if not line.is_deleted]
    gone = [line.product.sku for line in lines if line.is_deleted]
    results = publish_products(connection, business_id, sold, now=now, actor=_IMPORT)
    for result in results:
        if result.error is not None:
            raise ImportRefusedError(f"product {result.sku[:60]!r}: {result.error}")
    results += withdraw_products(connection, business_id, gone, now=now, actor=_IMPORT)
    outcomes = {result.outcome for result in results}
    if ProductOutcome.CREATED in outcomes:
        return RecordsOutcome.ARRIVED
    if ProductOutcome.UPDATED in outcomes:
        return RecordsOutcome.UPDATED
    return RecordsOutcome.UNCHANGED
