"""What there is to know about the documents of a file."""

from collections.abc import Iterator, Sequence
from typing import Self

import msgspec

from portalkit.errors import ImportRefusedError
from portalkit.exchange.formats import choose_importer
from portalkit.exchange.paths import FoundFile, read_bytes
from portalkit.exchange.reading import read_content
from portalkit.exchange.results import NO_CURRENCY, one_line
from portalkit.hooks.types import DocumentImporter, ImportedRecords
from portalkit.model import DocumentBody, FileInput, ImportedDocument, Money, PartyRole, Totals
from portalkit_einvoice.inspection.arithmetic import Agreement, check_figures
from portalkit_einvoice.inspection.profiles import profile_name

__all__ = ("Facts", "InsideFile", "inspect_file")


class InsideFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file inside a document."""

    name: str
    media_type: str
    size: int


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of one document or of its records, or why it cannot be read.

    Attributes:
        format: What reads it.
        profile: As people call it, else as the file states it.
        parties: Names by role, ``seller`` first.
        totals: What it states, by name, in its currency.
        arithmetic: Whether these figures are what its lines come to.
        error: ``None`` if it can be read.
    """

    path: str
    format: str | None = None
    profile: str | None = None
    kind: str | None = None
    type_code: str | None = None
    number: str | None = None
    date: str | None = None
    due: str | None = None
    currency: str | None = None
    parties: dict[str, str] = {}
    lines: int | None = None
    totals: dict[str, str] = {}
    arithmetic: Agreement | None = None
    files: tuple[InsideFile, ...] = ()
    error: str | None = None

    @classmethod
    def of_records(cls, path: str, title: str, records: ImportedRecords) -> Self:
        """Return the facts of a file that holds a plugin's records; they have no totals."""
        return cls(
            path=path,
            format=title,
            kind=records.kind,
            number=one_line(records.number),
            date=None if records.issued_on is None else records.issued_on.isoformat(),
            currency=records.currency,
            lines=records.count,
        )

    @classmethod
    def of(cls, path: str, title: str, document: ImportedDocument) -> Self:
        """Return the facts of a document that was read."""
        body = document.body
        return cls(
            path=path,
            format=title,
            profile=_profile(body),
            kind=body.kind,
            type_code=body.type_code,
            number=one_line(body.number),
            date=body.issued_on.isoformat(),
            due=None if body.due_on is None else body.due_on.isoformat(),
            currency=None if body.currency == NO_CURRENCY else body.currency,
            parties=_parties(body),
            lines=len(body.lines),
            totals=_totals(body.totals, body.currency),
            arithmetic=check_figures(body),
            files=tuple(_file(file) for file in document.files),
        )


def inspect_file(
    found: FoundFile, importers: Sequence[DocumentImporter], max_mib: int
) -> Iterator[Facts]:
    """Yield the facts of each document of a file, or those of one that cannot be read."""
    path = one_line(found.path)
    if found.problem is not None:
        yield Facts(path=path, error=found.problem)
        return
    try:
        content = read_bytes(found.path, max_mib)
        title = str(choose_importer(content, found.path.name, importers).title)
        contents = read_content(content, found.path.name, importers)
    except ImportRefusedError as error:
        yield Facts(path=path, error=one_line(error))
        return
    for each in contents:
        if isinstance(each, ImportedRecords):
            yield Facts.of_records(path, title, each)
        else:
            yield Facts.of(path, title, each)


def _profile(body: DocumentBody) -> str | None:
    stated = body.customization_id or body.profile_id
    return None if stated is None else profile_name(stated) or one_line(stated)


def _parties(body: DocumentBody) -> dict[str, str]:
    order = list(PartyRole)
    parties = sorted(body.parties, key=lambda party: order.index(party.role))
    return {party.role.value: one_line(party.name) for party in parties}


def _totals(totals: Totals, currency: str) -> dict[str, str]:
    own = {name: getattr(totals, name) for name in totals.__struct_fields__}
    del own["tax_in_tax_currency"]
    return {
        name: str(Money(amount, currency).decimal)
        for name, amount in own.items()
        if amount is not None
    }


def _file(file: FileInput) -> InsideFile:
    return InsideFile(name=file.filename, media_type=file.media_type, size=len(file.content))
