from pathlib import Path

import pytest

import portalkit
from portalkit.i18n.extract import extract_messages, missing_texts
from portalkit.i18n.unmarked import unmarked_texts

ROOT = Path(__file__).resolve().parents[2]
KERNEL = Path(portalkit.__file__).parent
PACKAGES = [KERNEL, *sorted(ROOT.glob("plugins/*/src/portalkit_*"))]

packages = pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)


@packages
def test_every_text_has_its_spanish_one(package) -> None:
    texts = [message for message in extract_messages(package) if message.id]

    assert missing_texts(package, "es") == [] or not texts


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
