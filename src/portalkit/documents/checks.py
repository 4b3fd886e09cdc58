"""Bounds of what a document may hold: nothing that a page, a sum or a database cannot bear."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, Final, get_args

import msgspec
from msgspec import structs

from portalkit.errors import DocumentRefusedError
from portalkit.model import MAX_MINOR_UNITS, DocumentBody, Line, is_currency

__all__ = ("MAX_TEXT", "check_body", "check_plain_body")

MAX_TEXT: Final = 20_000
MAX_NUMBER: Final = 200
MAX_CODE: Final = 40
MAX_DIGITS: Final = 28
MAX_SCALE: Final = 15
MAX_DEPTH: Final = 12
MAX_ROWS: Final = 20_000
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200

# All control characters but tab and line ends, surrogates, and what is no character at all.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK: Final = re.compile("[\r\n\t\u2028\u2029]")
_TYPE_CODE: Final = re.compile(r"[0-9A-Za-z]{0,10}")
_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class _WrongError(Exception):
    """What is wrong with a value; the path to it grows while the walk returns."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path: list[str] = []


def check_body(body: DocumentBody) -> None:
    """Refuse a body with a number or a text that nothing downstream could bear.

    Numbers are finite and of bounded size, amounts below ``MAX_MINOR_UNITS``, dates between
    1900 and 2200, texts of bounded length without control characters or surrogates.

    Raises:
        DocumentRefusedError: With the path of the first wrong value, ``lines.3.quantity``.
    """
    try:
        _check_head(body)
        _check_nesting(body.lines, 1)
        _check_struct(body)
    except _WrongError as wrong:
        raise DocumentRefusedError(".".join(reversed(wrong.path)), wrong.reason) from None


def _check_head(body: DocumentBody) -> None:
    for name, ok in (
        ("kind", _KIND.fullmatch(body.kind) is not None),
        ("type_code", _TYPE_CODE.fullmatch(body.type_code or "") is not None),
        ("currency", is_currency(body.currency)),
        ("tax_currency", body.tax_currency is None or is_currency(body.tax_currency)),
    ):
        if not ok:
            raise _at(name, _WrongError("is no valid code"))
    if not body.number.strip() or len(body.number) > MAX_NUMBER or _LINE_BREAK.search(body.number):
        raise _at("number", _WrongError(f"must be one line of 1 to {MAX_NUMBER} characters"))


def _at(name: str, wrong: _WrongError) -> _WrongError:
    wrong.path.append(name)
    return wrong


def _check_text(value: str) -> None:
    if len(value) > MAX_TEXT:
        raise _WrongError(f"is longer than {MAX_TEXT} characters")
    if _FORBIDDEN.search(value):
        raise _WrongError("contains a character that is no text")


def _check_decimal(value: Decimal) -> None:
    _, digits, scale = value.as_tuple()
    if not isinstance(scale, int):
        raise _WrongError("is no finite number")
    # Digits before and after the point, also of 1E+999999, which has one digit only.
    if len(digits) > MAX_DIGITS or scale < -MAX_SCALE or len(digits) + scale > MAX_DIGITS:
        raise _WrongError("has too many digits")


def _check_integer(value: int) -> None:
    if not -MAX_MINOR_UNITS < value < MAX_MINOR_UNITS:
        raise _WrongError("is too large")


def _check_date(value: date) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise _WrongError(f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}")


def _check_rows(rows: tuple[Any, ...]) -> None:
    if len(rows) > MAX_ROWS:
        raise _WrongError(f"has more than {MAX_ROWS} rows")
    for position, row in enumerate(rows):
        try:
            _CHECKS.get(type(row), _check_other)(row)
        except _WrongError as wrong:
            raise _at(str(position), wrong) from None


def _check_mapping(mapping: Mapping[str, str]) -> None:
    if len(mapping) > MAX_ROWS:
        raise _WrongError(f"has more than {MAX_ROWS} entries")
    for key, value in mapping.items():
        _check_text(key)
        try:
            _check_text(value)
        except _WrongError as wrong:
            raise _at(key, wrong) from None


def _check_struct(value: msgspec.Struct) -> None:
    for position, field in enumerate(structs.astuple(value)):
        if not field:
            continue
        try:
            _CHECKS.get(type(field), _check_other)(field)
        except _WrongError as wrong:
            raise _at(value.__struct_fields__[position], wrong) from None


def _check_nesting(lines: tuple[Line, ...], level: int) -> None:
    if level > MAX_DEPTH:
        raise _at("lines", _WrongError(f"are nested more than {MAX_DEPTH} times"))
    for line in lines:
        if line.lines:
            _check_nesting(line.lines, level + 1)


def _check_other(value: object) -> None:
    if isinstance(value, msgspec.Struct):
        _check_struct(value)
    elif not isinstance(value, (StrEnum, bool, NoneType)):
        raise _WrongError(f"has the type {type(value).__name__}, which no body can hold")


_CHECKS: Final[Mapping[type, Callable[[Any], None]]] = {
    str: _check_text,
    Decimal: _check_decimal,
    int: _check_integer,
    date: _check_date,
    tuple: _check_rows,
    dict: _check_mapping,
}


def check_plain_body(body: DocumentBody) -> None:
    """Do what :func:`check_body` does for a body whose JSON shows its texts and numbers fine.

    What is left are the days, the codes and the nesting: a tenth of the work.

    Raises:
        DocumentRefusedError: With the path of the first wrong value.
    """
    try:
        _check_head(body)
        _check_nesting(body.lines, 1)
        _check_days(body)
    except _WrongError as wrong:
        raise DocumentRefusedError(".".join(reversed(wrong.path)), wrong.reason) from None


def _check_days(value: msgspec.Struct) -> None:
    for name in _fields_with_days(type(value)):
        field = getattr(value, name)
        if not field:
            continue
        try:
            if isinstance(field, msgspec.Struct):
                _check_days(field)
            elif isinstance(field, tuple):
                _check_days_of_rows(field)
            else:
                _check_exactly(field)
        except _WrongError as wrong:
            raise _at(name, wrong) from None


def _check_days_of_rows(rows: tuple[msgspec.Struct, ...]) -> None:
    for position, row in enumerate(rows):
        try:
            _check_days(row)
        except _WrongError as wrong:
            raise _at(str(position), wrong) from None


def _check_exactly(value: object) -> None:
    _CHECKS.get(type(value), _check_other)(value)


@cache
def _fields_with_days(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the fields of a struct that are dates or hold some."""
    found = []
    for field in structs.fields(kind):
        parts = [part for part in (field.type, *get_args(field.type)) if isinstance(part, type)]
        # A line holds lines.
        if any(
            part is date
            or part is kind
            or (issubclass(part, msgspec.Struct) and _fields_with_days(part))
            for part in parts
        ):
            found.append(field.name)
    return tuple(found)
