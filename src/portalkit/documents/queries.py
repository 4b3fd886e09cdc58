"""Documents as a contact may see them: lists, one document and what belongs to it.

Nothing here writes. Each function is one statement, whatever the number of rows.
"""

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import PortalContext, StaffContext
from portalkit.documents.canonical import read_body
from portalkit.documents.counts import open_counts
from portalkit.documents.cursors import Cursor, KeyValue
from portalkit.documents.listing import (
    HEADER_COLUMNS,
    SORTS,
    Listing,
    count_statement,
    key_names,
    neighbours_statement,
    own_count_statement,
    own_neighbours_statement,
    own_page_statement,
    page_statement,
    parameters_of,
    shape_of,
)
from portalkit.documents.models import DocumentRow
from portalkit.documents.visibility import (
    OWN_DOCUMENTS,
    UNRESTRICTED,
    Restrictions,
    documents_of,
    is_plain,
    issued_documents,
    manageable_documents,
    own_parameters,
    visible_documents,
)
from portalkit.errors import NotFoundError
from portalkit.model import (
    Document,
    DocumentHeader,
    is_id,
)

__all__ = (
    "COUNT_LIMIT",
    "MAX_DEPTH",
    "SEARCH_COUNT_LIMIT",
    "Found",
    "ListPage",
    "Neighbour",
    "count_documents",
    "find_neighbours",
    "get_document",
    "get_issued_document",
    "list_chosen",
    "list_documents",
    "manageable_documents",
    "open_counts",
    "read_document",
    "read_header",
    "visible_documents",
)

COUNT_LIMIT: Final = 10_000
"""Rows are counted up to here; more read "10,000+"."""

SEARCH_COUNT_LIMIT: Final = 1_000
"""What a search finds is counted up to here: each row has to be looked at."""

MAX_DEPTH: Final = 10_000
"""How deep a page may be jumped to by its number, in rows."""

_columns = DocumentRow.__table__.c
_width: Final = len(HEADER_COLUMNS)
_names: Final = DocumentHeader.__struct_fields__
_key_names: Final = tuple(dict.fromkeys(name for names in SORTS.values() for name in names))
_key_columns: Final = tuple(_columns[name] for name in _key_names)


class ListPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list.

    Attributes:
        keys: Values of the columns of the order, for each row.
        has_more: There are rows beyond it, in the direction it was asked for.
    """

    headers: tuple[DocumentHeader, ...]
    keys: tuple[tuple[KeyValue, ...], ...]
    has_more: bool


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A document with its place in every order, by the name of the column."""

    document: Document
    keys: Mapping[str, KeyValue]


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """A document next to another one in a list."""

    id: str
    kind: str


def read_header(row: Sequence[Any]) -> DocumentHeader:
    """Return the header in a row that begins with ``HEADER_COLUMNS``."""
    values = dict(zip(_names, row, strict=False))
    values["type_code"] = values["type_code"] or None
    return DocumentHeader(**values)


async def list_documents(
    session: AsyncSession,
    context: PortalContext,
    listing: Listing,
    *,
    restrictions: Restrictions = UNRESTRICTED,
    size: int = 25,
    cursor: Cursor | None = None,
    offset: int = 0,
    count: int | None = None,
) -> ListPage:
    """Return a page of a list.

    Args:
        session: To read with.
        context: Who looks.
        listing: Which documents in which order.
        restrictions: What plugins keep from the contact.
        size: Rows of a page.
        cursor: The page begins after, or ends before, this row.
        offset: Rows to skip instead; at most :data:`MAX_DEPTH`.
        count: How many rows the list has, if known; it decides how they are found.
    """
    shape = shape_of(
        listing,
        session.get_bind().dialect.name,
        count=count,
        side=cursor.side if cursor is not None else None,
        is_deep=offset > 0,
    )
    if is_plain(context, restrictions, listing.kinds):
        statement = own_page_statement(shape)
    else:
        statement = page_statement(shape, visible_documents(context, restrictions))
    parameters = parameters_of(listing, context)
    parameters |= {"limit": size + 1, "offset": offset, "reach": size + 1 + offset}
    if cursor is not None:
        parameters |= {f"key_{position}": key for position, key in enumerate(cursor.keys)}
    rows = (await session.execute(statement, parameters)).all()
    shown = list(rows[:size])
    if cursor is not None and cursor.side == "b":
        shown.reverse()
    columns = (*_names, *key_names(listing.sort))
    take_keys = itemgetter(*(columns.index(name) for name in SORTS[listing.sort]))
    return ListPage(
        headers=tuple([read_header(row) for row in shown]),
        keys=tuple([take_keys(row) for row in shown]),
        has_more=len(rows) > size,
    )


async def list_chosen(
    session: AsyncSession,
    context: PortalContext,
    document_ids: Collection[str],
    *,
    kinds: Collection[str],
    restrictions: Restrictions = UNRESTRICTED,
) -> list[DocumentHeader]:
    """Return the documents of a choice, newest first.

    Args:
        session: To read with.
        context: Who looks.
        document_ids: In canonical spelling, without repetitions.
        kinds: Each must be one of these.
        restrictions: What plugins keep from the contact.

    Raises:
        NotFoundError: If one of them does not exist or may not be seen.
    """
    statement = (
        select(*HEADER_COLUMNS)
        .where(
            _columns.id.in_(sorted(document_ids)),
            _columns.kind.in_(sorted(kinds)),
            visible_documents(context, restrictions),
        )
        .order_by(_columns.issued_on.desc(), _columns.id.desc())
    )
    headers = [read_header(row) for row in await session.execute(statement)]
    if len(headers) != len(document_ids):
        raise NotFoundError(f"{len(document_ids) - len(headers)} documents of a choice")
    return headers


async def count_documents(
    session: AsyncSession,
    context: PortalContext,
    listing: Listing,
    *,
    restrictions: Restrictions = UNRESTRICTED,
) -> int:
    """Count the rows of a list; more than the limit come out as one more than it.

    The limit is :data:`SEARCH_COUNT_LIMIT` for a search, else :data:`COUNT_LIMIT`.
    """
    most = COUNT_LIMIT if listing.search is None else SEARCH_COUNT_LIMIT
    shape = shape_of(listing, session.get_bind().dialect.name)
    if is_plain(context, restrictions, listing.kinds):
        statement = own_count_statement(shape)
    else:
        statement = count_statement(shape, visible_documents(context, restrictions))
    parameters = parameters_of(listing, context) | {"limit": most + 1}
    return int((await session.execute(statement, parameters)).scalar_one())


def _document_statement(scope: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    shown = (*HEADER_COLUMNS, *_key_columns, _columns.body)
    return select(*shown).where(_columns.id == bindparam("document"), scope)


_OWN_DOCUMENT: Final = _document_statement(OWN_DOCUMENTS)


async def get_document(
    session: AsyncSession,
    context: PortalContext | StaffContext,
    document_id: str,
    *,
    restrictions: Restrictions = UNRESTRICTED,
    kinds: Collection[str] | None = None,
) -> Found:
    """Return one document with its body.

    Args:
        session: To read with.
        context: Who looks; staff see every document of the business.
        document_id: In canonical spelling.
        restrictions: What plugins keep from the contact.
        kinds: It must be one of these; ``None`` for any.

    Raises:
        NotFoundError: If it does not exist or may not be seen.
    """
    if not is_id(document_id):
        raise NotFoundError(f"{document_id[:60]!r} is no id")
    parameters = {"document": document_id}
    if isinstance(context, StaffContext):
        statement = _document_statement(manageable_documents(context))
    elif is_plain(context, restrictions, restrictions.hidden if kinds is None else kinds):
        statement = _OWN_DOCUMENT
        parameters |= own_parameters(context)
    else:
        statement = _document_statement(visible_documents(context, restrictions))
    row = (await session.execute(statement, parameters)).one_or_none()
    header = None if row is None else read_header(row)
    if row is None or header is None or (kinds is not None and header.kind not in kinds):
        raise NotFoundError(f"document {document_id}")
    return Found(
        document=Document(header=header, body=read_body(row[-1])),
        keys=dict(zip(_key_names, row[_width:], strict=False)),
    )


async def read_document(session: AsyncSession, business_id: str, document_id: str) -> Document:
    """Return any document of a business, for the host and the command line.

    Raises:
        NotFoundError: If there is none.
    """
    statement = _document_statement(documents_of(business_id))
    row = (await session.execute(statement, {"document": document_id})).one_or_none()
    if row is None:
        raise NotFoundError(f"document {document_id[:60]!r}")
    return Document(header=read_header(row), body=read_body(row[-1]))


async def get_issued_document(
    session: AsyncSession, business_id: str, document_id: str
) -> Document:
    """Return a document of a business that is no draft, for what leaves the portal.

    Raises:
        NotFoundError: If there is none, whatever is asked for.
    """
    row = None
    if is_id(document_id):
        statement = _document_statement(issued_documents(business_id))
        row = (await session.execute(statement, {"document": document_id})).one_or_none()
    if row is None:
        raise NotFoundError(f"document {document_id[:60]!r}")
    return Document(header=read_header(row), body=read_body(row[-1]))


async def find_neighbours(
    session: AsyncSession,
    context: PortalContext,
    listing: Listing,
    keys: Mapping[str, KeyValue],
    *,
    restrictions: Restrictions = UNRESTRICTED,
) -> tuple[Neighbour | None, Neighbour | None]:
    """Return the documents before and after one, in the order of a list.

    Args:
        session: To read with.
        context: Who looks.
        listing: The list that the reader came from; its search is not looked at.
        keys: Of the document, as :func:`get_document` returns them.
        restrictions: What plugins keep from the contact.
    """
    plain = msgspec.structs.replace(listing, search=None)
    # Walked along the order, whatever the filter: one row on each side is all that is read.
    shape = msgspec.structs.replace(
        shape_of(plain, session.get_bind().dialect.name), is_gathered=False
    )
    if is_plain(context, restrictions, listing.kinds):
        statement = own_neighbours_statement(shape)
    else:
        statement = neighbours_statement(shape, visible_documents(context, restrictions))
    parameters = parameters_of(plain, context) | {"limit": 1, "reach": 1}
    names = SORTS[listing.sort]
    parameters |= {f"key_{position}": keys[name] for position, name in enumerate(names)}
    rows = await session.execute(statement, parameters)
    found = {side: Neighbour(id=found_id, kind=kind) for side, found_id, kind in rows}
    return found.get("b"), found.get("a")
