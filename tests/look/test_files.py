"""What the look weighs, and what its files may not contain."""

import gzip
import re
from pathlib import Path

import pytest
from gallery import Gallery

import portalkit
from portalkit.documents.columns import LIST_COLUMNS
from portalkit.documents.views import bar_spans, place_columns

PACKAGE = Path(portalkit.__file__).parent
STATIC = PACKAGE / "static"
TEMPLATES = sorted((PACKAGE / "templates").rglob("*.html"))
KIB = 1024


def _weight(content: bytes) -> int:
    return len(gzip.compress(content, 9))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    gallery = Gallery(tmp_path_factory.mktemp("pages"))
    names = gallery.write()
    return {name: (gallery.folder / f"{name}.html").read_text("utf-8") for name in names}


def test_the_stylesheet_stays_under_fifteen_kib() -> None:
    assert _weight((STATIC / "portal.css").read_bytes()) <= 15 * KIB


def test_a_first_visit_stays_under_sixty_kib(pages) -> None:
    loaded = (
        "portal.css",
        "portal.js",
        "htmx.js",
        "icons.svg",
        "img/relief.svg",
        "img/favicon.svg",
    )
    files = sum(_weight((STATIC / name).read_bytes()) for name in loaded)

    for name in ("home-es", "list-es", "login-es"):
        assert files + _weight(pages[name].encode()) <= 60 * KIB


def test_a_list_of_25_rows_is_light(pages) -> None:
    assert _weight(pages["list-es"].encode()) <= 7 * KIB


def test_no_page_has_inline_script_or_style(pages) -> None:
    for name, html in pages.items():
        assert not re.search(
            r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", html
        ), name


def test_every_form_that_posts_carries_the_token(pages) -> None:
    for name, html in pages.items():
        if name.startswith("stop"):
            continue  # the address is the proof, as a mail program posts to it too
        for form in re.findall(r'<form[^>]*method="post".*?</form>', html, re.DOTALL):
            assert 'name="csrf_token" value="token"' in form, (name, form[:200])


def test_every_id_stands_once_on_a_page(pages) -> None:
    for name, html in pages.items():
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), (name, {i for i in ids if ids.count(i) > 1})


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    named = set()
    for path in TEMPLATES:
        found = re.findall(r'"([^"]+)"\|icon|(?<!\|)\bicon\("([^"]+)"', path.read_text("utf-8"))
        named |= {piped or called for piped, called in found}
    for path in PACKAGE.rglob("*.py"):
        named |= set(re.findall(r'\bicon(?:: str)?\s?=\s?"([^"]+)"', path.read_text("utf-8")))

    assert named - drawn == set()


def test_styles_know_no_left_and_no_right() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", (STATIC / "portal.css").read_text("utf-8"), flags=re.DOTALL)

    physical = re.findall(
        r"[{;\s]((?:margin|padding|border)-(?:left|right)|left|right|text-align:\s*(?:left|right))\s*:",
        sheet,
    )

    assert physical == []


def test_each_column_has_a_place_and_the_first_of_a_sort_goes_onto_the_card() -> None:
    assert place_columns(LIST_COLUMNS) == ("d1", "a1", "-2", "c1", "e1", "-3", "b1")


def test_a_bar_is_cut_by_amounts_with_hairlines_between_its_parts() -> None:
    assert bar_spans((100, 0, 300)) == ((0.0, 24.9), (25.3, 0.0), (25.3, 74.7))
    assert bar_spans((0, -5, 0)) == ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0))
    assert bar_spans((7,)) == ((0.0, 100.0),)
