import gettext
from pathlib import Path

import pytest
from babel.messages.plurals import get_plural

import portalkit
from portalkit.i18n.catalogues import catalogue_files
from portalkit.i18n.extract import extract_messages, missing_texts
from portalkit.i18n.pofile import read_po
from portalkit.i18n.unmarked import unmarked_texts

ROOT = Path(__file__).resolve().parents[2]
KERNEL = Path(portalkit.__file__).parent
PACKAGES = [
    KERNEL,
    *sorted(ROOT.glob("plugins/*/src/portalkit_*")),
    ROOT / "example_app" / "harvest",
]

EVERYWHERE = {
    "BIC",
    "CII (EN 16931)",
    "CII (Factur-X, ZUGFeRD, XRechnung, Order-X)",
    "IBAN",
    "PDF",
    "SHA-256",
    "Total",
    "UBL (EN 16931)",
    "UBL 2.1",
}
"""Names and words that are the same in English and in every shipped language."""

COGNATES = {
    "ca": {
        "Creditor",
        "Documents",
        "Error %(status)s",
        "Format",
        "Formats",
        "Lot",
        "Lot %(lot)s",
        "Text",
        "Variables",
        "exempt",
    },
    "es": {"Error %(status)s", "Proformas", "Variables"},
    "fr": {
        "Administration",
        "%(num)s contact",
        "Actions",
        "Code",
        "Contact",
        "Contacts",
        "Date",
        "Documents",
        "E-mail",
        "Format",
        "Formats",
        "Lot",
        "Lot %(lot)s",
        "Pages",
        "Signature",
        "Taxes",
        "Type",
        "Variables",
        "Version",
        "service",
    },
    "pt": {"E-mail"},
}
"""The shipped languages, and the words that each of them shares with English."""

languages = pytest.mark.parametrize("language", sorted(COGNATES))
packages = pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)


@languages
@packages
def test_every_text_is_translated_with_all_its_values(package, language) -> None:
    texts = [message for message in extract_messages(package) if message.id]

    assert missing_texts(package, language) == [] or not texts


@languages
@packages
def test_a_translation_has_the_forms_its_language_needs(package, language) -> None:
    for path in catalogue_files(package / "locale", language):
        entries, rule = read_po(path)
        known = get_plural(language)

        assert [rule(number) for number in (0, 1, 2, 11)] == [
            gettext.c2py(known.plural_expr)(number) for number in (0, 1, 2, 11)
        ]
        for entry in entries:
            forms = known.num_plurals if entry.is_plural else 1
            assert sorted(entry.forms) == list(range(forms)), entry.message


@languages
@packages
def test_no_translation_is_the_english_text(package, language) -> None:
    for path in catalogue_files(package / "locale", language):
        same = {
            entry.message
            for entry in read_po(path)[0]
            if entry.message and entry.message in entry.forms.values()
        }

        assert same - EVERYWHERE - COGNATES[language] == set()


def test_the_languages_of_all_packages_are_the_same() -> None:
    for package in PACKAGES:
        found = {path.name for path in package.glob("locale/*")}

        assert found in (set(), set(COGNATES)), package


@packages
def test_no_catalogue_holds_guesses_or_leftovers(package) -> None:
    for path in package.glob("locale/*/LC_MESSAGES/*.po"):
        lines = path.read_text("utf-8").splitlines()

        assert [line for line in lines if line.startswith(("#~", "#, fuzzy"))] == []
    assert list(package.glob("locale/*/parts")) == []


@packages
def test_no_template_shows_a_text_that_is_not_marked(package) -> None:
    found = [
        f"{path.relative_to(package)}:{text.line}: {text.text}"
        for path in sorted(package.rglob("templates/**/*.html"))
        for text in unmarked_texts(path.read_text("utf-8"))
    ]

    assert found == []
