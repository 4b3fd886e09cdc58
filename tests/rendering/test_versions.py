"""PDFs are made anew when what they are made with changes."""

from types import SimpleNamespace

import pytest
from jinja2 import TemplateNotFound

from portalkit.config import PortalConfig
from portalkit.i18n import load_translations
from portalkit.rendering.environment import build_environments
from portalkit.rendering.static import StaticFiles
from portalkit.rendering.versions import template_version

SHEET = "core/documents/sheet.html"


@pytest.fixture
def version(tmp_path):
    def version(locale: str = "es", name: str = SHEET) -> str:
        config = PortalConfig(template_dir=tmp_path)
        registry = SimpleNamespace(plugins={})
        static = StaticFiles(registry, base_path="", debug=False)
        translators = load_translations(registry, ("es", "en"))
        environments = build_environments(config, registry, translators, static)
        return template_version(environments[locale], name, translators[locale])

    return version


def test_the_same_things_have_the_same_version(version):
    assert version() == version()


def test_other_texts_are_another_version(version):
    assert version("es") != version("en")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (SHEET, "<p>ours</p>"),
        ("core/documents/sheet_body.html", "<p>included</p>"),
        (SHEET, '{% extends "!core/documents/sheet.html" %}{% block styles %}{% endblock %}'),
    ],
)
def test_a_template_of_the_host_is_another_version(version, tmp_path, name, source):
    before = version()
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(source)

    assert version() != before


def test_what_an_overriding_template_extends_counts_too(version, tmp_path):
    path = tmp_path / SHEET
    path.parent.mkdir(parents=True)
    path.write_text('{% extends "!core/documents/sheet.html" %}')
    before = version()
    (tmp_path / "core/documents/sheet_body.html").write_text("<p>deep below</p>")

    assert version() != before


def test_there_is_no_version_of_nothing(version):
    with pytest.raises(TemplateNotFound):
        version(name="core/documents/none.html")
