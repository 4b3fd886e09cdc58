"""Text search: what was typed becomes conditions that both databases answer by an index."""

import re
from functools import cache
from typing import Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
    table,
    text,
    true,
    union_all,
)

from portalkit.documents.keys import contact_token, fold, number_prefixes
from portalkit.documents.models import DocumentRow

__all__ = (
    "MAX_QUERY",
    "Search",
    "parse_search",
    "search_condition",
    "search_everywhere",
    "search_hits",
    "search_parameters",
)

MAX_QUERY: Final = 100
"""Longest text that is searched for; the rest is cut off."""

_TRIGRAM: Final = 3
_MAX_TERMS: Final = 8
_WILDCARD: Final = re.compile(r"([\\%_])")
_columns = DocumentRow.__table__.c
_index: Final = table("portalkit_document_search", column("rowid"))
_keys: Final = table("portalkit_document_search_key", column("id"), column("document_id"))


class Search(msgspec.Struct, frozen=True):
    """What is searched: terms that must all occur, or what a number begins with.

    Attributes:
        terms: Folded words; at least one of them has three letters.
        prefixes: Given instead of terms when all that was typed is shorter.
    """

    terms: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


def parse_search(typed: str) -> Search | None:
    """Read what was typed; ``None`` if that is nothing."""
    folded = fold(typed[:MAX_QUERY])
    if not folded:
        return None
    terms = tuple(dict.fromkeys(folded.split(" ")))[:_MAX_TERMS]
    if max(map(len, terms)) < _TRIGRAM:
        return Search(prefixes=number_prefixes(folded))
    return Search(terms=terms)


@cache
def search_condition(search: Search, dialect: str, *, is_found: bool) -> ColumnElement[bool]:
    """Return the condition that a document holds what is searched.

    Args:
        search: How many terms or prefixes there are counts, not what they say: the values
            come as parameters.
        dialect: Name of the database's dialect.
        is_found: The documents come from :func:`search_hits`; what the index of SQLite cannot
            tell is left. PostgreSQL knows how often a word occurs and needs no help.
    """
    if search.prefixes:
        # In this form no index serves it, so that the one of the list's order is taken.
        key = func.coalesce(_columns.number_key, _columns.number_key)
        return true() if is_found else _prefixes(key, search)
    if dialect == "postgresql":
        return _like(search)
    # The trigrams of a word may also stand apart, and a term of one or two letters has none.
    return _instr(search)


@cache
def search_hits(search: Search, dialect: str) -> FromClause | None:
    """Return a table with the column ``id`` of the documents that an index finds.

    It is read row by row, so that a count or a page may stop early. Other contacts' documents
    can be among them, and ones that only look alike.

    Returns:
        ``None`` for words on PostgreSQL, which decides for itself.
    """
    if not search.prefixes and dialect == "postgresql":
        return None
    if not search.prefixes:
        return (
            select(_keys.c.document_id.label("id"))
            .select_from(_index.join(_keys, _keys.c.id == _index.c.rowid))
            .where(text("portalkit_document_search MATCH :match"))
            .subquery("hits")
        )
    # One stretch of the index of numbers for each prefix; an OR would read it whole.
    stretches = [
        select(_columns.id.label("id")).where(
            _columns.contact_id == bindparam("contact"),
            _columns.listing == bindparam("listing"),
            _between(_columns.number_key, position),
        )
        for position in range(len(search.prefixes))
    ]
    found = union_all(*stretches) if len(stretches) > 1 else stretches[0]
    return found.subquery("hits")


@cache
def search_everywhere(search: Search, dialect: str) -> ColumnElement[bool]:
    """Return the condition for documents of whichever contact, as staff search them."""
    if search.prefixes:
        return _prefixes(_columns.number_key, search)
    hits = search_hits(search, dialect)
    if hits is None:
        return _like(search)
    return and_(_instr(search), _columns.id.in_(select(hits.c.id)))


def _prefixes(key: ColumnElement[str], search: Search) -> ColumnElement[bool]:
    return or_(*(_between(key, position) for position in range(len(search.prefixes))))


def _between(key: ColumnElement[str], position: int) -> ColumnElement[bool]:
    return and_(key >= bindparam(f"from_{position}"), key < bindparam(f"below_{position}"))


def _like(search: Search) -> ColumnElement[bool]:
    searched = _columns.search_text
    return and_(*(searched.like(bindparam(f"like_{n}")) for n in range(len(search.terms))))


def _instr(search: Search) -> ColumnElement[bool]:
    searched = _columns.search_text
    return and_(
        *(func.instr(searched, bindparam(f"term_{n}")) > 0 for n in range(len(search.terms)))
    )


def search_parameters(search: Search, contact_id: str | None) -> dict[str, str]:
    """Return the parameters of the conditions of a search.

    Args:
        search: What is searched.
        contact_id: Whose documents; ``None`` for those of all contacts.
    """
    parameters = {}
    for position, prefix in enumerate(search.prefixes):
        parameters[f"from_{position}"] = prefix
        parameters[f"below_{position}"] = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    for position, term in enumerate(search.terms):
        parameters[f"term_{position}"] = term
        escaped = _WILDCARD.sub(r"\\\1", term)
        parameters[f"like_{position}"] = f"%{escaped}%"
    if search.terms:
        grams = [contact_token(contact_id)] if contact_id is not None else []
        for term in search.terms:
            grams += [term[start : start + _TRIGRAM] for start in range(len(term) - _TRIGRAM + 1)]
        quoted = ('"' + gram.replace('"', '""') + '"' for gram in dict.fromkeys(grams))
        parameters["match"] = " AND ".join(quoted)
    return parameters
