import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import portalkit
from portalkit.errors import InputRefusedError
from portalkit.rendering.brand import (
    brand_colour,
    brand_css,
    brand_tones,
    contrast,
    normalized_colour,
)

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
SHEET = Path(portalkit.__file__).parent / "static" / "portal.css"
READABLE = 4.5
VISIBLE = 3.0


@settings(deadline=None, max_examples=200)
@given(colour=colours)
@example("#ffffff")
@example("#000000")
@example("#ffff00")
@example("#aeea00")
@example("#ff00ff")
@example("#00ffff")
@example("#808080")
def test_text_can_be_read_with_every_colour_in_both_themes(colour) -> None:
    tones = brand_tones(colour)

    for theme in ("light", "dark"):
        shown = {name: getattr(tone, theme) for name, tone in tones.items()}
        assert contrast(shown["on-brand"], shown["brand-fill"]) >= READABLE
        assert contrast(shown["on-brand"], shown["brand-hover"]) >= READABLE
        assert contrast(shown["brand-text"], shown["brand-soft"]) >= READABLE
        assert contrast(shown["on-deep"], shown["deep"]) >= READABLE
        assert contrast(shown["on-deep-muted"], shown["deep"]) >= READABLE
    # Bars and borders on the page itself.
    assert contrast(tones["brand-fill"].light, "#ffffff") >= VISIBLE
    assert contrast(tones["brand-fill"].dark, tones["brand-soft"].dark) >= VISIBLE


@settings(deadline=None, max_examples=100)
@given(colour=colours)
def test_a_colour_is_shifted_only_when_white_on_it_cannot_be_read(colour) -> None:
    chosen = brand_colour(colour)

    assert chosen.requested == colour
    assert chosen.is_shifted is (contrast(colour, "#ffffff") < 4.6)
    assert chosen.is_shifted is (chosen.used != colour)


def test_a_bright_colour_is_darkened_no_more_than_needed() -> None:
    assert 4.6 <= contrast(brand_colour("#ffd400").used, "#ffffff") < 4.75


def test_a_grey_brand_stays_grey() -> None:
    for tone in brand_tones("#777777").values():
        for colour in (tone.light, tone.dark):
            assert colour[1:3] == colour[3:5] == colour[5:7]


@pytest.mark.parametrize("surface", ["canvas", "page", "surface", "sunken", "brand-soft"])
def test_no_surface_of_the_stylesheet_is_nearer_to_text_than_the_soft_tone(surface) -> None:
    sheet = SHEET.read_text("utf-8")
    value = re.search(rf"--pk-{surface}: light-dark\((.+)\);", sheet)
    assert value is not None

    light, dark = (
        float(found[1]) if (found := re.search(r"var\(--pk-brand\) ([\d.]+)", part)) else 1.0
        for part in re.split(r", (?=oklch)", value[1])
    )

    # Lightness of ``brand-soft``, against which the text is calculated.
    assert light >= 0.94
    assert dark <= 0.30


def test_the_stylesheet_sets_every_token_once_in_the_layer_of_tokens() -> None:
    text = brand_css("#ABC").decode()

    assert text.startswith("@layer tokens{:root{--pk-brand:#aabbcc;")
    names = re.findall(r"--pk-[a-z-]+(?=:)", text)
    assert sorted(names) == sorted(
        {"--pk-brand", *(f"--pk-{name}" for name in brand_tones("#abc"))}
    )


def test_every_token_of_the_brand_is_one_the_stylesheet_uses() -> None:
    sheet = SHEET.read_text("utf-8")

    for name in brand_tones("#4b651c"):
        assert f"--pk-{name}:" in sheet


@pytest.mark.parametrize(
    ("colour", "expected"),
    [("#4b651c", "#4b651c"), ("4B651C", "#4b651c"), (" #fa0 ", "#ffaa00")],
)
def test_colours_are_written_in_one_way(colour, expected) -> None:
    assert normalized_colour(colour) == expected


@pytest.mark.parametrize(
    "colour", ["", "red", "#12", "#12345", "#gggggg", "#fff;}", "oklch(.5 .1 20)", "#fff\n#fff"]
)
def test_what_is_no_colour_is_refused(colour) -> None:
    with pytest.raises(InputRefusedError, match="brand_colour"):
        brand_css(colour)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")
