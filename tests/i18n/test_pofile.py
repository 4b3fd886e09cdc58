import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po as babel_read_po
from babel.messages.pofile import write_po
from hypothesis import given, settings
from hypothesis import strategies as st

from portalkit.errors import ConfigError
from portalkit.i18n.pofile import read_po

texts = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp"), whitelist_characters="\n\t\r"),
    min_size=1,
    max_size=120,
)
messages = st.lists(
    st.tuples(st.none() | texts, texts, texts),
    max_size=8,
    unique_by=lambda message: message[:2],
)


def write(folder: Path, text: str) -> Path:
    path = folder / "portalkit.po"
    path.write_text(text, "utf-8")
    return path


@settings(deadline=None, max_examples=50)
@given(messages=messages, width=st.sampled_from([0, 30, 76]))
def test_what_babel_writes_is_read_as_babel_reads_it(messages, width, tmp_path_factory) -> None:
    catalogue = Catalog(locale="es")
    for context, message, translation in messages:
        catalogue.add(message, translation, context=context, locations=[("a b.py", 3)])
    content = io.BytesIO()
    write_po(content, catalogue, width=width)
    path = tmp_path_factory.mktemp("po") / "portalkit.po"
    path.write_bytes(content.getvalue())

    entries, rule = read_po(path)

    expected = babel_read_po(io.BytesIO(content.getvalue()), locale="es")
    assert {(e.context, e.message, e.forms[0]) for e in entries} == {
        (message.context, message.id, message.string) for message in expected if message.id
    }
    assert [rule(number) for number in (0, 1, 2)] == [1, 0, 1]


def test_forms_of_a_plural_message_are_kept_in_order(tmp_path) -> None:
    path = write(
        tmp_path,
        'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        'msgctxt "list"\nmsgid "%(num)s row"\nmsgid_plural "%(num)s rows"\n'
        'msgstr[0] "%(num)s fila"\nmsgstr[1] ""\n"%(num)s filas"\n',
    )

    (entry,), rule = read_po(path)

    assert entry.context == "list"
    assert entry.is_plural
    assert entry.forms == {0: "%(num)s fila", 1: "%(num)s filas"}
    assert [rule(number) for number in (0, 1, 2)] == [0, 0, 1]


def test_a_guess_that_nobody_confirmed_is_no_translation(tmp_path) -> None:
    path = write(
        tmp_path,
        '#: a.py:1\n#, fuzzy, python-format\nmsgid "Pay"\nmsgstr "Cobrar"\n\n'
        'msgid "Save"\nmsgstr "Guardar"\n\nmsgid "Send"\nmsgstr ""\n',
    )

    entries, _ = read_po(path)

    assert {entry.message: entry.is_translated for entry in entries} == {
        "Pay": False,
        "Save": True,
        "Send": False,
    }


def test_texts_that_are_no_longer_used_are_left_out(tmp_path) -> None:
    path = write(tmp_path, 'msgid "Save"\nmsgstr "Guardar"\n\n#~ msgid "Old"\n#~ msgstr "Viejo"\n')

    entries, _ = read_po(path)

    assert [entry.message for entry in entries] == ["Save"]


def test_a_broken_line_is_named(tmp_path) -> None:
    path = write(tmp_path, 'msgid "Save"\nmsgstr "Guardar\n')

    with pytest.raises(ConfigError, match=r"portalkit\.po:2"):
        read_po(path)


def test_a_broken_plural_rule_is_named(tmp_path) -> None:
    path = write(tmp_path, 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=n ! 1;\\n"\n')

    with pytest.raises(ConfigError, match="plural rule"):
        read_po(path)
