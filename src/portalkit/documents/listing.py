"""Lists of documents in SQL: each page costs the same, whatever the size of the list.

Statements are built once for each shape of a question and kept, since building and hashing
one costs more than running it. Only columns of the header are read, never a body.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from portalkit.context import PortalContext
from portalkit.documents.cursors import KeyValue
from portalkit.documents.filters import EVERYTHING, Branch
from portalkit.documents.models import DocumentRow
from portalkit.documents.search import Search, search_condition, search_hits, search_parameters
from portalkit.documents.statuses import DRAFT
from portalkit.documents.visibility import OWN_DOCUMENTS, own_parameters
from portalkit.model import DocumentHeader

__all__ = (
    "HEADER_COLUMNS",
    "SORTS",
    "Listing",
    "Shape",
    "count_statement",
    "key_names",
    "neighbours_statement",
    "own_count_statement",
    "own_neighbours_statement",
    "own_page_statement",
    "page_statement",
    "parameters_of",
    "shape_of",
    "sort_types",
)

# Up to so many rows are gathered and sorted; more are found by walking along the order.
_GATHER_LIMIT: Final = 2_000
_SEARCH_GATHER_LIMIT: Final = 1_000

_columns = DocumentRow.__table__.c

SORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "issued_on": ("issued_on", "number_key", "id"),
    "kind": ("kind", "issued_on", "number_key", "id"),
    "number": ("number_key", "id"),
    "description": ("description_key", "id"),
    "status": ("status_key", "id"),
    "total": ("total_key", "id"),
}
"""Orders of a list: columns of an index each, by the header column that a reader sees."""

_KEY_TYPES: Final[Mapping[str, type[KeyValue]]] = {
    "issued_on": date,
    "status_key": int,
    "total_key": int,
}

HEADER_COLUMNS: Final = tuple(_columns[name] for name in DocumentHeader.__struct_fields__)
"""Columns of a ``DocumentHeader``, in the order of its fields."""


def key_names(sort: str) -> tuple[str, ...]:
    """Return the columns of an order that are no header columns."""
    return tuple(name for name in SORTS[sort] if name not in DocumentHeader.__struct_fields__)


def sort_types(sort: str) -> tuple[type[KeyValue], ...]:
    """Return the types of the columns of an order."""
    return tuple(_KEY_TYPES.get(name, str) for name in SORTS[sort])


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Which documents of a list, in which order.

    Attributes:
        name: The listing: the kind that the list is called after.
        kinds: Names of the kinds that stand in it.
        sort: Key of :data:`SORTS`.
        branches: One of these must hold.
        first: Issued on this day or later.
        last: Issued on this day or earlier.
    """

    name: str
    kinds: tuple[str, ...]
    sort: str = "issued_on"
    is_descending: bool = True
    branches: tuple[Branch, ...] = EVERYTHING
    first: date | None = None
    last: date | None = None
    search: Search | None = None


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement depends on; all else is a parameter."""

    dialect: str
    listing: Listing
    side: Literal["a", "b"] | None
    is_gathered: bool
    is_deep: bool


def shape_of(
    listing: Listing,
    dialect: str,
    *,
    count: int | None = None,
    side: Literal["a", "b"] | None = None,
    is_deep: bool = False,
) -> Shape:
    """Return what the statements of a list depend on.

    Args:
        listing: Which documents in which order.
        dialect: Name of the database's dialect.
        count: How many there are, if that is known: few are gathered, many are walked along.
        side: Of the cursor, if there is one.
        is_deep: Rows are skipped by their number.
    """
    search = listing.search
    bare = None
    if search is not None:
        bare = Search(("",) * len(search.terms), ("",) * len(search.prefixes))
    # The order by date is served by the indexes of all filters, other orders are not.
    is_filtered = listing.branches != EVERYTHING or listing.first or listing.last
    is_narrow = search is not None or (is_filtered and listing.sort != "issued_on")
    most = _GATHER_LIMIT if search is None else _SEARCH_GATHER_LIMIT
    return Shape(
        dialect=dialect,
        listing=msgspec.structs.replace(
            listing,
            name="",
            kinds=(),
            search=bare,
            first=None if listing.first is None else date.min,
            last=None if listing.last is None else date.min,
        ),
        side=side,
        is_gathered=bool(is_narrow) and (count is None or count <= most),
        is_deep=is_deep,
    )


def _free(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column in a form that no index serves, so that another one is taken."""
    return column + 0 if column.type.python_type is int else func.coalesce(column, column)


# Whose documents are listed, with parameters: three ways to say the same. The second leaves
# only the index of a search to find them; the third can be answered by an index alone, since
# a contact is of one business and a draft stands in no listing.
_OWN_FOUND: Final = and_(
    _free(_columns.business_id) == bindparam("business"),
    _free(_columns.contact_id) == bindparam("contact"),
    _columns.status != DRAFT,
)
_OWN_COUNTED: Final = _columns.contact_id == bindparam("contact")


def _common(shape: Shape, own: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    """Return what must hold besides the filter: whose, which list, which days, which words."""
    listing = shape.listing
    conditions = [own, _columns.listing == bindparam("listing")]
    is_free = not shape.is_gathered and listing.sort != "issued_on"
    issued_on = _free(_columns.issued_on) if is_free else _columns.issued_on
    if listing.first is not None:
        conditions.append(issued_on >= bindparam("first"))
    if listing.last is not None:
        conditions.append(issued_on <= bindparam("last"))
    if listing.search is not None:
        conditions.append(
            search_condition(listing.search, shape.dialect, is_found=shape.is_gathered)
        )
    return conditions


def _source(shape: Shape) -> FromClause:
    """Return what is read: documents, or those that a search finds by its index."""
    documents = DocumentRow.__table__
    if shape.listing.search is None or not shape.is_gathered:
        return documents
    hits = search_hits(shape.listing.search, shape.dialect)
    return documents if hits is None else hits.join(documents, _columns.id == hits.c.id)


def _branch(branch: Branch, *, is_free: bool) -> ColumnElement[bool]:
    status = _free(_columns.status) if is_free else _columns.status
    conditions: list[ColumnElement[bool]] = [true()]
    if branch.kind is not None:
        kind = _free(_columns.kind) if is_free else _columns.kind
        conditions.append(kind == branch.kind)
    if branch.status is not None:
        conditions.append(status == branch.status)
    if branch.due == "past":
        conditions.append(_columns.due_on < bindparam("today"))
    elif branch.due == "current":
        conditions.append(or_(_columns.due_on.is_(None), _columns.due_on >= bindparam("today")))
    return and_(*conditions)


def _keys(shape: Shape) -> list[ColumnElement[Any]]:
    columns: list[ColumnElement[Any]] = [_columns[name] for name in SORTS[shape.listing.sort]]
    return [_free(column) for column in columns] if shape.is_gathered else columns


def _is_falling(shape: Shape) -> bool:
    return shape.listing.is_descending != (shape.side == "b")


def _ordered(shape: Shape, keys: Iterable[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    return [key.desc() if _is_falling(shape) else key.asc() for key in keys]


def _beyond_cursor(shape: Shape) -> list[ColumnElement[bool]]:
    if shape.side is None:
        return []
    types = [_columns[name].type for name in SORTS[shape.listing.sort]]
    values = [bindparam(f"key_{n}", type_=type_) for n, type_ in enumerate(types)]
    keys, edge = tuple_(*_keys(shape)), tuple_(*values, types=types)
    return [keys < edge if _is_falling(shape) else keys > edge]


def page_statement(shape: Shape, own: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Return the statement of a page of rows: header columns, then others of the order.

    Parameters are those of :func:`parameters_of`, ``limit``, ``reach`` (limit and offset
    together), ``offset`` of a deep page and ``key_0``... beyond a cursor.
    """
    shown = (*HEADER_COLUMNS, *(_columns[name] for name in key_names(shape.listing.sort)))
    # An order other than by date has an index of its own, in which the status is not.
    is_free = not shape.is_gathered and shape.listing.sort != "issued_on"
    branches = [_branch(each, is_free=is_free) for each in shape.listing.branches]
    conditions = [*_common(shape, own), *_beyond_cursor(shape)]
    if len(branches) == 1 or shape.is_gathered or is_free:
        statement = select(*shown).select_from(_source(shape)).where(*conditions, or_(*branches))
        return _cut(shape, statement.order_by(*_ordered(shape, _keys(shape))))
    # Each status has its own stretch of the index by date: take the head of each, then merge.
    heads = [
        select(*shown)
        .where(*conditions, branch)
        .order_by(*_ordered(shape, _keys(shape)))
        .limit(bindparam("reach", type_=Integer))
        .subquery()
        for branch in branches
    ]
    rows = union_all(*(select(*head.c) for head in heads)).subquery("found")
    keys = [rows.c[name] for name in SORTS[shape.listing.sort]]
    return _cut(shape, select(*rows.c).order_by(*_ordered(shape, keys)))


def _cut(shape: Shape, statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    statement = statement.limit(bindparam("limit", type_=Integer))
    return statement.offset(bindparam("offset", type_=Integer)) if shape.is_deep else statement


def count_statement(shape: Shape, own: ColumnElement[bool]) -> Select[int]:
    """Return the statement that counts rows, up to ``limit`` of them."""
    branches = [_branch(each, is_free=False) for each in shape.listing.branches]
    found = (
        select(literal(1))
        .select_from(_source(shape))
        .where(*_common(shape, own), or_(*branches))
        .limit(bindparam("limit", type_=Integer))
    )
    return select(func.count()).select_from(found.subquery())


@lru_cache(1024)
def own_page_statement(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Return the statement of a page for a contact that sees all own documents."""
    return page_statement(shape, _OWN_FOUND if _has_hits(shape) else OWN_DOCUMENTS)


@lru_cache(256)
def own_count_statement(shape: Shape) -> Select[int]:
    """Return the statement that counts for a contact that sees all own documents."""
    if _has_hits(shape):
        return count_statement(shape, _OWN_FOUND)
    has_search = shape.listing.search is not None
    return count_statement(shape, OWN_DOCUMENTS if has_search else _OWN_COUNTED)


def _has_hits(shape: Shape) -> bool:
    search = shape.listing.search
    return (
        shape.is_gathered and search is not None and search_hits(search, shape.dialect) is not None
    )


def neighbours_statement(shape: Shape, own: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Return the statement of the rows next to one: ``b`` with the id before it, ``a`` after."""
    sides = []
    for side in ("b", "a"):
        page = page_statement(msgspec.structs.replace(shape, side=side), own).subquery()
        sides.append(select(literal(side).label("side"), page.c.id, page.c.kind))
    found = union_all(*sides).subquery()
    return select(found.c.side, found.c.id, found.c.kind)


@lru_cache(256)
def own_neighbours_statement(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Return the statement of the neighbours for a contact that sees all own documents."""
    return neighbours_statement(shape, OWN_DOCUMENTS)


def parameters_of(listing: Listing, context: PortalContext) -> dict[str, Any]:
    """Return the parameters of a list's statements."""
    parameters: dict[str, Any] = {
        "listing": listing.name,
        "first": listing.first,
        "last": listing.last,
        "today": context.today,
        **own_parameters(context),
    }
    if listing.search is not None:
        parameters |= search_parameters(listing.search, context.contact_id)
    return parameters
