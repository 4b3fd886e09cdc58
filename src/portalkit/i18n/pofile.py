"""Reads catalogues (``.po`` files) quickly: what is written and committed is what is used.

No compiled copy exists that could be older than the text. The tests compare this reader with
Babel's, which is several times slower because it keeps comments and places.
"""

import re
from collections.abc import Callable, Iterator
from gettext import c2py
from pathlib import Path
from typing import Final

import msgspec

from portalkit.errors import ConfigError

__all__ = ("Entry", "PluralRule", "read_po")

PluralRule = Callable[[int], int]
"""Says which of the forms of a message belongs to a number."""

_LINE: Final = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d)\])?\s+)?"(.*)"\s*')
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r"}
_PLURAL_FORMS: Final = re.compile(r"^Plural-Forms:.*\bplural\s*=\s*([^;\n]+)", re.MULTILINE)
_TWO_FORMS: Final = "n != 1"


class Entry(msgspec.Struct):
    """One message with its translations; ``forms`` has several for a plural message."""

    message: str = ""
    context: str | None = None
    is_plural: bool = False
    is_fuzzy: bool = False
    forms: dict[int, str] = {}

    @property
    def is_translated(self) -> bool:
        """Whether every form has a text that somebody has confirmed."""
        return bool(self.forms) and all(self.forms.values()) and not self.is_fuzzy


def read_po(path: Path) -> tuple[list[Entry], PluralRule]:
    """Read a catalogue: its messages without the header, and its rule for plurals.

    Raises:
        ConfigError: If the file is no catalogue; the place names file and line.
    """
    rule, entries = _TWO_FORMS, []
    for entry in _entries(path):
        if entry.message:
            entries.append(entry)
        elif header := _PLURAL_FORMS.search(entry.forms.get(0, "")):
            rule = header[1].strip()
    try:
        return entries, c2py(rule)
    except ValueError as error:
        raise ConfigError(str(path), f"has a wrong plural rule: {error}") from error


def _entries(path: Path) -> Iterator[Entry]:
    entry, field, form, is_fuzzy = Entry(), "", 0, False
    for number, raw in enumerate(path.read_text("utf-8-sig").split("\n"), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            is_fuzzy = is_fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ConfigError(f"{path}:{number}", "is no line of a catalogue")
        keyword, index, text = match.groups()
        if keyword in {"msgctxt", "msgid"} and field == "msgstr":
            yield entry
            entry, field = Entry(), ""
        if keyword:
            field, form = keyword, int(index or 0)
            entry.is_fuzzy, is_fuzzy = entry.is_fuzzy or is_fuzzy, False
        _put(entry, field, form, _unescape(text))
    if field == "msgstr":
        yield entry


def _put(entry: Entry, field: str, form: int, text: str) -> None:
    match field:
        case "msgctxt":
            entry.context = (entry.context or "") + text
        case "msgid":
            entry.message += text
        case "msgid_plural":
            entry.is_plural = True
        case _:
            entry.forms[form] = entry.forms.get(form, "") + text


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text)
