"""What an import says about each file: one line, always with the same keys."""

from enum import StrEnum
from typing import Self

import msgspec

from portalkit.hooks.events import PortalEvent
from portalkit.hooks.types import ImportedRecords
from portalkit.model import DocumentBody

__all__ = (
    "NO_CURRENCY",
    "FileResult",
    "ImportLine",
    "ImportOutcome",
    "line_of",
    "one_line",
    "records_line",
)

NO_CURRENCY = "XXX"
"""ISO 4217's code for "no currency", of documents that state no amount."""


class ImportOutcome(StrEnum):
    """What became of a document of a file, or of the records in it."""

    READ = "read"
    ARRIVED = "arrived"
    UPDATED = "updated"
    SOURCE_ADDED = "source_added"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class ImportLine(msgspec.Struct, frozen=True, kw_only=True):
    """The line of a report.

    Attributes:
        path: As it was given or found.
        ok: It is in the portal, or would be (``--dry-run``).
        kind: A registered kind, or what the records of a file are; ``None`` like all that
            follows if the file could not be read.
        date: The printed day, ISO 8601.
        currency: ISO 4217, ``None`` for a document without amounts.
        lines: How many lines the document has, or how many records there are.
        net: Figures exactly as the file spells them; ``None`` where it states none.
        error: Why it was refused, in one line.
    """

    path: str
    ok: bool
    kind: str | None = None
    number: str | None = None
    date: str | None = None
    currency: str | None = None
    lines: int | None = None
    net: str | None = None
    tax: str | None = None
    gross: str | None = None
    payable: str | None = None
    error: str | None = None


class FileResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one document of a file, or of a file that could not be read.

    Attributes:
        document_id: Of the document that is in the portal now.
        contact_id: Whose it is.
        events: What to tell the plugins; the transaction is already committed.
    """

    line: ImportLine
    outcome: ImportOutcome
    document_id: str | None = None
    contact_id: str | None = None
    events: tuple[PortalEvent, ...] = ()

    @classmethod
    def refused(cls, path: str, error: object) -> Self:
        """Return the result of a file that could not be read."""
        return cls(
            line=ImportLine(path=path, ok=False, error=one_line(error)),
            outcome=ImportOutcome.REFUSED,
        )


def line_of(path: str, body: DocumentBody, stated: dict[str, str], error: object) -> ImportLine:
    """Return the line of a document that was read; ``error`` is ``None`` if all is well."""
    return ImportLine(
        path=path,
        ok=error is None,
        kind=body.kind,
        number=body.number,
        date=body.issued_on.isoformat(),
        currency=None if body.currency == NO_CURRENCY else body.currency,
        lines=len(body.lines),
        net=stated.get("net"),
        tax=stated.get("tax"),
        gross=stated.get("gross"),
        payable=stated.get("payable"),
        error=None if error is None else one_line(error),
    )


def records_line(path: str, records: ImportedRecords, error: object) -> ImportLine:
    """Return the line of records that were read; ``error`` is ``None`` if all is well."""
    return ImportLine(
        path=path,
        ok=error is None,
        kind=records.kind,
        number=records.number,
        date=None if records.issued_on is None else records.issued_on.isoformat(),
        currency=records.currency,
        lines=records.count,
        error=None if error is None else one_line(error),
    )


def one_line(error: object) -> str:
    """Return a reason as one printable line."""
    text = "".join(char if char.isprintable() else " " for char in str(error))
    return " ".join(text.split())[:500] or type(error).__name__
