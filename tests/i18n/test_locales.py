import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalkit.i18n import closest_locale, direction, language_name, negotiate


@pytest.mark.parametrize(
    ("wish", "offered", "expected"),
    [
        ("en", ("es", "en"), "en"),
        ("es-MX,es;q=0.9,en;q=0.8", ("en", "es"), "es"),
        ("fr;q=0.4, en;q=0.5", ("fr", "en"), "en"),
        ("pt", ("es", "pt-BR"), "pt-BR"),
        ("pt-PT", ("es", "pt-BR"), "pt-BR"),
        ("pt", ("es", "pt-PT"), "pt-PT"),
        ("pt-BR, en;q=0.8", ("es", "en", "pt-PT"), "pt-PT"),
        ("pt-PT, es;q=0.9", ("es", "pt-BR"), "pt-BR"),
        ("zh-Hant-TW", ("en", "zh", "zh-Hant"), "zh-Hant"),
        ("de", ("es", "en"), "es"),
        ("en;q=0", ("es", "en"), "es"),
        ("de, *;q=0.1", ("es", "en"), "es"),
        ("de, *, en;q=0.1", ("es", "en"), "en"),
        ("EN", ("es", "en"), "en"),
        ("not a header ;;; q=q", ("es", "en"), "es"),
        ("", ("es", "en"), "es"),
        (None, ("es", "en"), "es"),
    ],
)
def test_a_reader_gets_the_language_the_browser_asks_for(wish, offered, expected) -> None:
    assert negotiate(wish, offered) == expected


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("pt", "pt-PT"),
        ("pt_PT", "pt-PT"),
        ("pt-BR", "pt-PT"),
        ("fr-FR", "fr"),
        ("ca_ES", "ca"),
        ("CA", "ca"),
        ("de", None),
        ("", None),
        ("no tag at all", None),
    ],
)
def test_a_stored_language_is_the_nearest_that_is_offered(stored, expected) -> None:
    assert closest_locale(stored, ("es", "pt-PT", "fr", "ca")) == expected


@given(st.text() | st.from_regex(r"([a-z]{2}(-[A-Z]{2})?(;q=[01]\.\d)?,?){1,9}"))
def test_whatever_is_asked_for_an_offered_language_is_chosen(wish) -> None:
    assert negotiate(wish, ("es", "en")) in {"es", "en"}


def test_an_endless_wish_is_cut() -> None:
    assert negotiate("de," * 100_000 + "en", ("es", "en")) == "es"


def test_languages_are_called_by_their_own_names() -> None:
    names = [language_name(tag) for tag in ("es", "en", "ca", "fr", "pt-BR", "ar")]

    assert names == ["Español", "English", "Català", "Français", "Português (Brasil)", "العربية"]


@pytest.mark.parametrize(("tag", "expected"), [("es", "ltr"), ("ar", "rtl"), ("ar-XB", "rtl")])
def test_a_language_has_a_direction(tag, expected) -> None:
    assert direction(tag) == expected
