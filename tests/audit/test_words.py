"""Every event that the portal writes has a sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from portalkit.audit.words import EVENT_WORDS, EventGroup, actor_words, event_words, names_of
from portalkit.i18n import Translator

SOURCES = Path(__file__).parents[2] / "src" / "portalkit"
WRITERS = {"record", "record_on", "record_once", "event_values"}


def constants(node: ast.expr) -> Iterator[str]:
    for part in ast.walk(node):
        # The condition of ``a if b else c`` names no event, but holds no text with a dot either.
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
            yield part.value


def written_names() -> set[str]:
    """Return the names that stand in calls of whatever writes events."""
    names = set()
    for path in SOURCES.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            called = getattr(call.func, "id", None) or getattr(call.func, "attr", "")
            if called in WRITERS:
                values = [word.value for word in call.keywords if word.arg == "name"]
            elif called in {"note_change", "note", "_note"}:
                values = [*call.args, *(word.value for word in call.keywords)]
            else:
                continue
            names |= {name for value in values for name in constants(value)}
    return names


def test_every_event_of_the_portal_has_a_sentence() -> None:
    names = written_names()

    assert {"access.signed_in", "access.passkey_added", "mail.words_changed"} <= names
    assert names - EVENT_WORDS.keys() == set()


def test_every_sentence_belongs_to_one_group() -> None:
    names = [name for group in EventGroup for name in names_of(group)]

    assert sorted(names) == sorted(EVENT_WORDS)


@pytest.mark.parametrize("name", [*EVENT_WORDS, "tickets.opened"])
def test_a_sentence_says_who_and_never_a_raw_name(name: str) -> None:
    said = event_words(name, who="Ana 100%", translator=Translator("en", {}))

    assert name not in said
    assert "%(" not in said


def test_whoever_has_no_name_is_called_by_what_they_are() -> None:
    english = Translator("en", {})

    assert actor_words("person", "Ana", english) == "Ana"
    assert actor_words("host", "", english) == "The business's system"
    assert actor_words("unknown", "", english) == "Somebody"
