from pathlib import Path
from types import SimpleNamespace

import pytest

from portalkit.errors import ConfigError
from portalkit.i18n import load_translations
from portalkit.model import lazy_gettext, lazy_pgettext

HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


def registry(*folders: Path) -> SimpleNamespace:
    return SimpleNamespace(
        plugins={f"plugin{n}": SimpleNamespace(path=path) for n, path in enumerate(folders)}
    )


def write(folder: Path, language: str, *messages: str) -> None:
    path = folder / language / "LC_MESSAGES" / "portalkit.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + "\n\n".join(messages), "utf-8")


def entry(message: str, translation: str, context: str | None = None) -> str:
    setting = f'msgctxt "{context}"\n' if context else ""
    return f'{setting}msgid "{message}"\nmsgstr "{translation}"'


@pytest.fixture
def spanish(tmp_path):
    write(
        tmp_path / "sales" / "locale",
        "es",
        entry("Zebra", "Cebra"),
        entry("Order", "Pedido"),
        entry("Order", "Orden", context="sort"),
        entry("Hello %(name)s", "Hola %(name)s"),
        'msgid "%(num)s row"\nmsgid_plural "%(num)s rows"\n'
        'msgstr[0] "%(num)s fila"\nmsgstr[1] "%(num)s filas"',
    )
    return load_translations(registry(tmp_path / "sales"), ["es", "en"])["es"]


def test_a_later_plugin_and_then_the_host_have_the_last_word(tmp_path) -> None:
    write(tmp_path / "one" / "locale", "es", entry("Zebra", "uno"), entry("Yak", "uno"))
    write(tmp_path / "two" / "locale", "es", entry("Zebra", "dos"), entry("Yak", "dos"))
    write(tmp_path / "host", "es", entry("Zebra", "casa"))

    loaded = load_translations(
        registry(tmp_path / "one", tmp_path / "two"), ["es"], host_dir=tmp_path / "host"
    )

    assert loaded["es"].gettext("Zebra") == "casa"
    assert loaded["es"].gettext("Yak") == "dos"


def test_a_context_keeps_equal_english_texts_apart(spanish) -> None:
    assert spanish.gettext("Order") == "Pedido"
    assert spanish.pgettext("sort", "Order") == "Orden"
    assert spanish.text(lazy_pgettext("sort", "Order")) == "Orden"


def test_a_context_nobody_translated_stays_english(spanish) -> None:
    assert spanish.pgettext("elsewhere", "Order") == "Order"


@pytest.mark.parametrize(("number", "expected"), [(0, "filas"), (1, "fila"), (2, "filas")])
def test_a_number_gets_its_own_form(spanish, number, expected) -> None:
    text = spanish.ngettext("%(num)s row", "%(num)s rows", number)

    assert text == f"%(num)s {expected}"


def test_a_plural_nobody_translated_follows_english(spanish) -> None:
    assert spanish.ngettext("cow", "cows", 1) == "cow"
    assert spanish.npgettext("farm", "cow", "cows", 2) == "cows"


def test_a_fixed_text_stays_as_it_is(spanish) -> None:
    assert spanish.text("Zebra") == "Zebra"


def test_a_translator_tells_its_language_in_a_log(spanish) -> None:
    assert repr(spanish).startswith("Translator('es', ")


def test_values_of_a_text_are_put_in_and_lazy_ones_are_translated(spanish) -> None:
    text = lazy_gettext("Hello %(name)s", name=lazy_gettext("Zebra"))

    assert spanish.text(text) == "Hola Cebra"
    assert spanish.text(lazy_gettext("Hello %(name)s", name="Zebra")) == "Hola Zebra"


def test_a_region_adds_to_its_language(tmp_path) -> None:
    write(tmp_path / "one" / "locale", "pt", entry("Zebra", "Zebra pt"), entry("Bus", "autocarro"))
    write(tmp_path / "one" / "locale", "pt_BR", entry("Bus", "ônibus"))

    loaded = load_translations(registry(tmp_path / "one"), ["pt-BR"])["pt-BR"]

    assert (loaded.gettext("Bus"), loaded.gettext("Zebra")) == ("ônibus", "Zebra pt")


def test_a_language_without_catalogue_has_its_formats_and_english_texts() -> None:
    arabic = load_translations(registry(), ["ar"])["ar"]

    assert arabic.gettext("Zebra") == "Zebra"
    assert arabic.formats.country("ES") == "إسبانيا"


def test_the_kernel_speaks_spanish() -> None:
    assert load_translations(registry(), ["es"])["es"].formats.unit("C62") == "ud."


@pytest.mark.parametrize("tag", ["xx", "english!", "../es", ""])
def test_an_unknown_language_stops_the_start(tag) -> None:
    with pytest.raises(ConfigError, match="locales"):
        load_translations(registry(), [tag])


def test_no_language_at_all_stops_the_start() -> None:
    with pytest.raises(ConfigError, match="at least one"):
        load_translations(registry(), [])
