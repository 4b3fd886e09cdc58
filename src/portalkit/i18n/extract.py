"""Finds the texts of the kernel or of a plugin and keeps its catalogues complete.

``python -m portalkit.i18n.extract FOLDER...`` updates the catalogues in ``FOLDER/locale``;
with ``--check`` it writes nothing and says what is missing. Authors of plugins use it too.
"""

import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import write_po

from portalkit.i18n.catalogues import catalogue_files
from portalkit.i18n.pofile import Entry, read_po

__all__ = ("KEYWORDS", "extract_messages", "main", "missing_texts", "update_catalogues")

KEYWORDS: Final = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
"""Functions that mark texts, and which of their arguments are texts."""

_METHODS: Final = [
    ("**/tests/**", "ignore"),
    ("**/testing/**", "ignore"),
    ("**/migrations/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
    ("**/templates/**.subject", "jinja2"),
]
_OPTIONS: Final = {
    "**/templates/**": {
        "silent": "false",
        "newstyle_gettext": "true",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
    }
}
_FILE: Final = Path("LC_MESSAGES", "portalkit.po")
_HEADER: Final = """\
# Texts of portalkit. Updated by "make translations"; the English texts are in the code.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""

_VALUE: Final = re.compile(r"%\((\w+)\)")

_Key = tuple[str | None, str]


def extract_messages(folder: Path) -> Catalog:
    """Return all texts that the code and the templates of a package mark for translation.

    Args:
        folder: The package's folder, for example ``src/portalkit``.
    """
    catalogue = Catalog(charset="utf-8")
    options = {
        pattern: _OPTIONS["**/templates/**"] for pattern, name in _METHODS if name == "jinja2"
    }
    for name, line, message, comments, context in extract_from_dir(
        folder, _METHODS, options, keywords=KEYWORDS, strip_comment_tags=True
    ):
        catalogue.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return catalogue


def update_catalogues(folder: Path) -> list[str]:
    """Bring the catalogues of a package up to date: new texts in, unused ones out.

    What ``parts`` beside ``LC_MESSAGES`` holds is merged and the parts are removed.

    Returns:
        One line for each text that waits for its translation.
    """
    waiting: list[str] = []
    for language in _languages(folder):
        catalogue = _updated(folder, language)
        path = folder / "locale" / language / _FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_written(catalogue, language))
        parts = folder / "locale" / language / "parts"
        for part in sorted(parts.glob("*.po")):
            part.unlink()
        if parts.is_dir():
            parts.rmdir()
        waiting += _waiting(catalogue, path)
    return waiting


def missing_texts(folder: Path, language: str) -> list[str]:
    """Return one line for each text of a package that a catalogue lacks, or has in vain."""
    path = folder / "locale" / language / _FILE
    catalogue = _updated(folder, language)
    used = {_key(message) for message in catalogue if message.id}
    unused = (each for each in _entries(folder, language) if _key_of(each) not in used)
    return [
        *_waiting(catalogue, path),
        *(f"{path}: not used any more: {entry.message!r}" for entry in unused),
    ]


def _languages(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "locale").glob("*") if path.is_dir())


def _updated(folder: Path, language: str) -> Catalog:
    catalogue = Catalog(locale=language, charset="utf-8")
    known = _known(folder, language)
    for message in extract_messages(folder):
        if message.id:
            entry = known.get(_key(message))
            forms = _forms(entry, catalogue.num_plurals if message.pluralizable else 1)
            catalogue.add(
                message.id,
                forms if message.pluralizable else forms[0],
                message.locations,
                context=message.context,
                auto_comments=message.auto_comments,
            )
    return catalogue


def _known(folder: Path, language: str) -> dict[_Key, Entry]:
    return {_key_of(each): each for each in _entries(folder, language) if each.is_translated}


def _entries(folder: Path, language: str) -> Iterator[Entry]:
    for path in catalogue_files(folder / "locale", language):
        if path.relative_to(folder / "locale").parts[0] == language:
            yield from read_po(path)[0]


def _forms(entry: Entry | None, number: int) -> tuple[str, ...]:
    return tuple(entry.forms.get(place, "") if entry else "" for place in range(number))


def _key(message: Message) -> _Key:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return message.context, text


def _key_of(entry: Entry) -> _Key:
    return entry.context, entry.message


def _waiting(catalogue: Catalog, path: Path) -> Iterator[str]:
    for message in catalogue:
        forms = message.string if message.pluralizable else [message.string]
        if message.id and not all(forms or ()):
            places = ", ".join(dict.fromkeys(name for name, _ in message.locations))
            yield f"{path}: not translated: {_key(message)[1]!r} ({places})"
        elif lost := _lost_values(message):
            yield f"{path}: {_key(message)[1]!r}: the value of {', '.join(lost)} is lost"
    for message, errors in catalogue.check():
        for error in errors:
            yield f"{path}: {_key(message)[1]!r}: {error}"


def _lost_values(message: Message) -> list[str]:
    """Return the values of the English text that a translation does not show."""
    english, forms = _texts(message.id), _texts(message.string or "")
    # The singular may say "one" in words; each other form has to show what the plural shows.
    pairs = ((english[min(place, len(english) - 1)], form) for place, form in enumerate(forms))
    lost = (set(_VALUE.findall(text)) - set(_VALUE.findall(form)) for text, form in pairs)
    return sorted(set().union(*lost))


def _texts(stated: str | Sequence[str]) -> tuple[str, ...]:
    return (stated,) if isinstance(stated, str) else tuple(stated)


def _written(catalogue: Catalog, language: str) -> bytes:
    body = io.BytesIO()
    write_po(body, catalogue, width=100, omit_header=True, sort_by_file=True, include_lineno=False)
    header = _HEADER.format(language=language, plural=get_plural(language).plural_forms)
    return header.encode() + body.getvalue().rstrip() + b"\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Update or check catalogues; 1 if texts are missing."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    only_check = "--check" in given
    found: list[str] = []
    for folder in (Path(name) for name in given if name != "--check"):
        if only_check:
            for language in _languages(folder):
                found += missing_texts(folder, language)
        else:
            found += update_catalogues(folder)
    for line in found:
        sys.stdout.write(f"{line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
