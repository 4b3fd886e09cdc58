"""Odd documents: what is exported passes schema and rules, or says why it cannot be."""

from collections.abc import Iterator

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from portalkit_einvoice.cii.writing import write

from portalkit.errors import ExportRefusedError
from portalkit.model import DocumentBody

from .checking import rule_complaints, schema_complaints
from .samples import full_invoice

TEXTS = ["", " ", "\x00", "x" * 5_000, "es", "0088", "Ñ<&>", "\U0001f680", "2026-02-30", "-"]
NUMBERS = ["0", "-1", "0.000000001", "123456789012.123", "1E+3", "7"]
AMOUNTS = [0, -1, 1, 99_999_999_999]
Path = tuple[str | int, ...]


def leaves(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the way to every value of a document that holds no others."""
    match value:
        case dict():
            for key, child in value.items():
                yield from leaves(child, (*path, key))
        case list() if value:
            yield path
            for place, child in enumerate(value):
                yield from leaves(child, (*path, place))
        case _:
            yield path


PLAIN = msgspec.json.decode(msgspec.json.encode(full_invoice()))
PATHS = sorted(leaves(PLAIN), key=str)
ODD = st.sampled_from([None, [], *TEXTS, *NUMBERS, *AMOUNTS])


def changed(path: Path, value: object) -> DocumentBody | None:
    """Return the document with one value changed; nothing if no document has such a value."""
    plain = msgspec.json.decode(msgspec.json.encode(PLAIN))
    holder = plain
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    try:
        return msgspec.convert(plain, DocumentBody)
    except msgspec.ValidationError:
        return None


def outcome(body: DocumentBody) -> list[str]:
    try:
        content = write(body)
    except ExportRefusedError as error:
        return [] if error.reasons else ["it does not say why"]
    return schema_complaints("cii", content) + rule_complaints("cii", content)


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(PATHS), value=ODD)
def test_a_document_with_an_odd_value_passes_or_says_why(path, value):
    body = changed(path, value)

    if body is not None:
        assert outcome(body) == []
