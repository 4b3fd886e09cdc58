from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError

from portalkit.config import PortalConfig
from portalkit.errors import PluginLoadError
from portalkit.hooks import HOOK_API, Manifest
from portalkit.i18n import load_translations
from portalkit.model import lazy_gettext, lazy_pgettext
from portalkit.rendering.environment import build_environments
from portalkit.rendering.static import StaticFiles

CATALOGUE = """\
msgid "Order %(number)s"
msgstr "Pedido <b>%(number)s</b>"

msgid "Zebra"
msgstr "Cebra"

msgid "100%% wool"
msgstr "100%% lana"

msgid "%(num)s zebra"
msgid_plural "%(num)s zebras"
msgstr[0] "%(num)s cebra"
msgstr[1] "%(num)s cebras"

msgctxt "zoo"
msgid "Stripe"
msgstr "Raya"
"""


@pytest.fixture
def build(tmp_path):
    """Return a function that builds the environments of a portal with one plugin ``zoo``."""
    folder = tmp_path / "zoo"
    catalogue = folder / "locale" / "es" / "LC_MESSAGES" / "portalkit.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(CATALOGUE, "utf-8")
    plugin = SimpleNamespace(
        name="zoo", manifest=Manifest(name="zoo", title="Zoo", api=HOOK_API), path=folder
    )
    registry = SimpleNamespace(plugins={"zoo": plugin})

    def make(*, templates=None, **settings):
        for name, text in (templates or {}).items():
            path = folder / "templates" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        config = PortalConfig(**settings)
        translations = load_translations(registry, config.locales)
        static = StaticFiles(registry, base_path=config.base_path)
        return build_environments(config, registry, translations, static)

    return make


@pytest.fixture
def show(build):
    """Return a function that renders a text as a template, in Spanish unless told otherwise."""

    def render(text, *, locale="es", **values):
        return (
            build(templates={"zoo/page.html": text})[locale]
            .get_template("zoo/page.html")
            .render(values)
        )

    return render


def test_values_are_escaped_and_texts_are_not(show) -> None:
    text = show('{{ value }} {{ _("Order %(number)s", number=value) }}', value="<i>")

    assert text == "&lt;i&gt; Pedido <b>&lt;i&gt;</b>"


def test_a_missing_value_is_an_error(show) -> None:
    with pytest.raises(UndefinedError, match="missing"):
        show("{{ missing }}")


def test_a_lazy_text_is_translated_wherever_it_is_shown(show) -> None:
    text = show(
        '{{ animal }} {{ animal|t }} {{ _("Order %(number)s", number=animal) }} {{ stripe }}',
        animal=lazy_gettext("Zebra"),
        stripe=lazy_pgettext("zoo", "Stripe"),
    )

    assert text == "Cebra Cebra Pedido <b>Cebra</b> Raya"


def test_a_percent_sign_is_doubled_in_every_text(show) -> None:
    assert show('{{ _("100%% wool") }}{{ gettext("50%%") }}') == "100% lana50%"


def test_a_text_shown_again_is_the_same_text(show) -> None:
    text = show('{% for n in (1, 2) %}{{ _("Zebra") }}{{ _(name) }}{% endfor %}', name="Zebra")

    assert text == "Cebra" * 4


def test_whole_numbers_can_be_formatted_in_a_text(show) -> None:
    assert show('{{ _("row %(n)03d", n=7) }}') == "row 007"


def test_numbers_get_their_form_in_both_spellings(show) -> None:
    text = show(
        '{{ ngettext("%(num)s zebra", "%(num)s zebras", 1) }},'
        '{{ ngettext("%(num)s zebra", "%(num)s zebras", 3, num="tres") }},'
        "{% trans num=n %}{{ num }} zebra{% pluralize %}{{ num }} zebras{% endtrans %},"
        '{{ pgettext("zoo", "Stripe") }},{{ npgettext("zoo", "one", "many", n) }}',
        n=2,
    )

    assert text == "1 cebra,tres cebras,2 cebras,Raya,many"


def test_a_plain_text_for_a_mail_is_not_escaped(build) -> None:
    environment = build(
        templates={"zoo/mail.txt": '{{ _("Order %(number)s", number="<1>") }} & {{ x }}'}
    )

    text = environment["es"].get_template("zoo/mail.txt").render(x="<2>")

    assert text == "Pedido <b><1></b> & <2>"


def test_each_language_has_its_own_formats_even_for_constants(build) -> None:
    environments = build(
        templates={"zoo/page.html": '{{ 120450|money("EUR") }} {{ "21"|length }} {{ locale }}'}
    )

    texts = [environments[tag].get_template("zoo/page.html").render() for tag in ("es", "en")]

    assert texts == ["1.204,50\xa0€ 2 es", "€1,204.50 2 en"]


def test_every_filter_writes_as_the_language_does(show) -> None:
    at = datetime(2026, 11, 20, 17, 4, tzinfo=UTC)
    text = show(
        '{% set whole, rest = 120450|money_parts("EUR") %}{{ whole }}/{{ rest }};'
        '{{ day|date }};{{ day|long_date }};{{ day|short_date }};{{ day|month("long") }};'
        '{{ at|moment("Europe/Madrid") }};{{ at|ago(now) }};{{ 1234|number }};'
        "{{ 21|percent }};{{ share|change }};{{ 1200000|filesize }};{{ quantity|quantity }};"
        '{{ quantity|number(1) }};{{ quantity|price("EUR") }};{{ "KGM"|unit }};'
        '{{ "ES"|country }};{{ 31|days }}',
        day=date(2026, 11, 20),
        at=at,
        now=at.replace(day=23),
        share=Decimal("0.12"),
        quantity=Decimal("2.250"),
    )

    assert text.replace("\xa0", " ").split(";") == [
        "1.204/,50 €",
        "20 nov 2026",
        "20 de noviembre de 2026",
        "20/11/26",
        "noviembre de 2026",
        "20 nov 2026, 18:04",
        "hace 3 días",
        "1.234",
        "21 %",
        "+12 %",
        "1,2 MB",
        "2,25",
        "2,3",
        "2,25 €",
        "kg",
        "España",
        "31 días",
    ]


def test_icons_come_from_the_sprite_and_are_escaped(show) -> None:
    text = show(
        '{{ icon("file") }}|{{ icon("arrow", "s", flip=True) }}|{{ icon(bad) }}', bad='"><b>'
    )

    plain, small, bad = text.split("|")
    assert plain.startswith('<svg class="pk-i" aria-hidden="true"><use href="/-/static/core/')
    assert plain.endswith('/icons.svg#file"/></svg>')
    assert small.startswith('<svg class="pk-i pk-i-s pk-flip" ')
    assert "<b>" not in bad


def test_static_files_have_addresses_below_the_portals_path(build) -> None:
    environments = build(
        templates={"zoo/page.html": '{{ static("core/portal.css") }}'},
        base_url="http://127.0.0.1:8000/portal",
    )

    text = environments["en"].get_template("zoo/page.html").render()

    assert text.startswith("/portal/-/static/core/")
    assert text.endswith("/portal.css")


def test_templates_in_foreign_places_stop_the_start(build) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        build(templates={"sales/list.html": "stolen"})

    (error,) = caught.value.exceptions
    assert isinstance(error, PluginLoadError)
    assert error.plugin == "zoo"


def test_templates_in_foreign_places_are_ignored_in_safe_mode(build) -> None:
    environments = build(templates={"sales/list.html": "stolen"}, safe_mode=True)

    assert "sales/list.html" not in environments["es"].list_templates()


def test_a_host_changes_a_page_while_developing(build, tmp_path) -> None:
    host = tmp_path / "host"
    environments = build(templates={"zoo/page.html": "own"}, template_dir=host, debug=True)
    before = environments["es"].get_template("zoo/page.html").render()
    (host / "zoo").mkdir(parents=True)
    (host / "zoo" / "page.html").write_text('{% include "!zoo/page.html" %} and ours')

    assert before == "own"
    assert environments["es"].get_template("zoo/page.html").render() == "own and ours"


def test_an_icon_of_a_fixed_name_is_drawn_like_any_other(show) -> None:
    called = show(
        '{{ icon("clock") }}{{ icon("clock", "s", flip=true) }}{{ icon(name) }}', name="x"
    )
    piped = show(
        '{{ "clock"|icon }}{{ "clock"|icon("s", flip=true) }}{% set icon = name %}{{ icon|icon }}',
        name="x",
    )

    assert called == piped
    assert called.count("<svg") == 3
