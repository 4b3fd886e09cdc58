from pathlib import Path

import pytest

from portalkit.i18n.extract import extract_messages, main, missing_texts, update_catalogues

CODE = """
from portalkit.model import lazy_gettext, lazy_pgettext

TITLE = lazy_gettext("Zebras of %(zoo)s", zoo="us")
COAT = lazy_pgettext("zoo", "Stripe")
"""
TEMPLATE = """
<h1>{{ _("Zoo") }}</h1>
{% trans num=n %}{{ num }} zebra{% pluralize %}{{ num }} zebras{% endtrans %}
{{ npgettext("list", "%(num)s row", "%(num)s rows", n) }}
"""
PART = """
msgid "Zoo"
msgstr "Zoológico"

msgid "Gone"
msgstr "Ido"

msgid "%(num)s zebra"
msgid_plural "%(num)s zebras"
msgstr[0] "%(num)s cebra"
msgstr[1] "%(num)s cebras"
"""


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "portalkit_zoo"
    (folder / "templates" / "zoo").mkdir(parents=True)
    (folder / "locale" / "es" / "parts").mkdir(parents=True)
    (folder / "__init__.py").write_text(CODE)
    (folder / "templates" / "zoo" / "page.html").write_text(TEMPLATE)
    (folder / "locale" / "es" / "parts" / "one.po").write_text(PART)
    return folder


def catalogue(package: Path) -> Path:
    return package / "locale" / "es" / "LC_MESSAGES" / "portalkit.po"


def test_texts_of_code_and_templates_are_found(package) -> None:
    found = {(message.context, message.id) for message in extract_messages(package) if message.id}

    assert found == {
        (None, "Zebras of %(zoo)s"),
        ("zoo", "Stripe"),
        (None, "Zoo"),
        (None, ("%(num)s zebra", "%(num)s zebras")),
        ("list", ("%(num)s row", "%(num)s rows")),
    }


def test_parts_become_one_catalogue_and_what_waits_is_told(package) -> None:
    waiting = update_catalogues(package)

    text = catalogue(package).read_text("utf-8")
    assert 'msgstr "Zoológico"' in text
    assert "Gone" not in text
    assert not (package / "locale" / "es" / "parts").exists()
    assert [line.split(": ", 2)[2] for line in waiting] == [
        "'Zebras of %(zoo)s' (__init__.py)",
        "'Stripe' (__init__.py)",
        "'%(num)s row' (templates/zoo/page.html)",
    ]


def test_an_update_of_what_is_up_to_date_changes_nothing(package) -> None:
    update_catalogues(package)
    before = catalogue(package).read_bytes()

    update_catalogues(package)

    assert catalogue(package).read_bytes() == before


def test_a_lost_value_and_an_unused_text_are_told(package) -> None:
    update_catalogues(package)
    with catalogue(package).open("a", encoding="utf-8") as file:
        file.write('\nmsgid "Gone"\nmsgstr "Ido"\n\nmsgid "Never filled"\nmsgstr ""\n')
    text = catalogue(package).read_text("utf-8")
    text = text.replace(
        'msgid "Zebras of %(zoo)s"\nmsgstr ""', 'msgid "Zebras of %(zoo)s"\nmsgstr "De %(zo)s"'
    )
    catalogue(package).write_text(text, "utf-8")

    missing = missing_texts(package, "es")

    for text in ("'Gone'", "'Never filled'"):
        assert any(text in line and "not used" in line for line in missing)
    assert any("'Zebras of %(zoo)s'" in line and "zo" in line for line in missing)


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ('msgid "Zebras of %(zoo)s"\nmsgstr ""', 'msgid "Zebras of %(zoo)s"\nmsgstr "Cebras"'),
        ('"%(num)s cebras"', '"muchas cebras"'),
    ],
    ids=["text", "plural"],
)
def test_a_translation_without_a_value_of_the_english_text_is_told(
    package, english, translation
) -> None:
    update_catalogues(package)
    text = catalogue(package).read_text("utf-8")
    assert english in text
    catalogue(package).write_text(text.replace(english, translation), "utf-8")

    lost = [line for line in missing_texts(package, "es") if "is lost" in line]

    assert len(lost) == 1


def test_the_command_says_what_is_missing_and_fails(package, capsys) -> None:
    assert main([str(package)]) == 1
    assert main(["--check", str(package)]) == 1

    assert "not translated: 'Stripe'" in capsys.readouterr().out


def test_the_command_is_silent_when_all_is_well(tmp_path, capsys) -> None:
    (tmp_path / "locale" / "es").mkdir(parents=True)

    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
