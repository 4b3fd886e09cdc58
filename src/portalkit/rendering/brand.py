"""A business's colour as the tokens of the stylesheet, with contrast that is calculated.

A browser could derive the tones by itself (the stylesheet does, as a fallback), but it clips
colours that a screen cannot show, and no formula holds for every hue then. So each tone is
worked out here as the eight-bit colour that is shown, and its lightness is moved until text on
it, or text of it, reaches WCAG's 4.5:1.
"""

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from portalkit.errors import InputRefusedError

__all__ = (
    "BrandColour",
    "Tone",
    "brand_colour",
    "brand_css",
    "brand_tones",
    "contrast",
    "normalized_colour",
)

_HEX: Final = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
# A little over 4.5, since the neighbours (canvas, selection) differ by a shade.
_MIN_CONTRAST: Final = 4.6
_STEP: Final = 0.004
_WHITE: Final = "#ffffff"
# Below this a colour has no hue of its own and its tones stay grey.
_MIN_CHROMA: Final = 0.002
_LINEAR_PART: Final = 0.04045
_DARK: Final = 0.2

_Oklch = tuple[float, float, float]
_Rgb = tuple[float, float, float]


class Tone(msgspec.Struct, frozen=True):
    """A colour in both themes, as ``#rrggbb``."""

    light: str
    dark: str


class BrandColour(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the colour a business chose.

    Attributes:
        requested: As it was given, ``#rrggbb``.
        used: As buttons show it in the light theme.
        is_shifted: It had to become darker, so that white text on it can be read.
    """

    requested: str
    used: str
    is_shifted: bool


def normalized_colour(colour: str) -> str:
    """Return a colour as ``#rrggbb`` in small letters.

    Raises:
        InputRefusedError: If it is not of the form ``#rgb`` or ``#rrggbb``.
    """
    match = _HEX.fullmatch(colour.strip())
    if match is None:
        raise InputRefusedError("brand_colour", f"{colour!r} is no colour like '#3b5bdb'")
    digits = match[1].lower()
    if len(digits) == len("rgb"):
        digits = "".join(digit * 2 for digit in digits)
    return f"#{digits}"


def brand_colour(colour: str) -> BrandColour:
    """Say how a colour will be shown, for the page where a business chooses it.

    Raises:
        InputRefusedError: If it is no colour.
    """
    requested = normalized_colour(colour)
    used = brand_tones(requested)["brand-fill"].light
    return BrandColour(requested=requested, used=used, is_shifted=used != requested)


def brand_css(colour: str) -> bytes:
    """Return the stylesheet of a business; it is linked after ``portal.css``.

    Raises:
        InputRefusedError: If it is no colour.
    """
    requested = normalized_colour(colour)
    tokens = [f"--pk-brand:{requested}"]
    for name, tone in brand_tones(requested).items():
        value = tone.light if tone.light == tone.dark else f"light-dark({tone.light},{tone.dark})"
        tokens.append(f"--pk-{name}:{value}")
    return f"@layer tokens{{:root{{{';'.join(tokens)}}}}}\n".encode()


@lru_cache(maxsize=256)
def brand_tones(colour: str) -> Mapping[str, Tone]:
    """Return the tones of a colour by the name of their token, without ``--pk-``.

    ``brand-fill`` carries ``on-brand``; ``brand-text`` stands on pages, cards and
    ``brand-soft``; ``deep`` carries ``on-deep`` and ``on-deep-muted``.

    Raises:
        InputRefusedError: If it is no colour.
    """
    requested = normalized_colour(colour)
    light, chroma, hue = _oklch(requested)
    if chroma < _MIN_CHROMA:
        chroma = 0.0

    def tone(lightness: float, most: float) -> str:
        return _hex((lightness, min(chroma, most), hue))

    soft = Tone(tone(0.945, 0.035), tone(0.29, 0.04))
    on_brand = Tone(_WHITE, tone(0.2, 0.03))
    fill = _readable(requested, on_brand.light)
    below = _oklch(fill)[0]
    hover = below - 0.06 if below > _DARK else below + 0.22
    return {
        "brand-fill": Tone(fill, tone(max(light, 0.8), 0.12)),
        "brand-hover": Tone(_hex((hover, chroma, hue)), tone(0.87, 0.12)),
        "on-brand": on_brand,
        "brand-text": Tone(_readable(fill, soft.light), tone(max(light, 0.83), 0.11)),
        "brand-soft": soft,
        "brand-mid": Tone(tone(0.84, 0.075), tone(0.46, 0.07)),
        "deep": Tone(tone(0.345, 0.075), tone(0.262, 0.042)),
        "on-deep": Tone(tone(0.985, 0.008), tone(0.985, 0.008)),
        "on-deep-muted": Tone(tone(0.86, 0.035), tone(0.86, 0.035)),
    }


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours by WCAG 2, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _readable(colour: str, against: str) -> str:
    """Darken a colour until it can be read against a light one; as it is if it can."""
    lightness, chroma, hue = _oklch(colour)
    while contrast(colour, against) < _MIN_CONTRAST:
        lightness -= _STEP
        colour = _hex((lightness, chroma, hue))
    return colour


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> _Rgb:
    red, green, blue = (
        channel / 12.92 if channel <= _LINEAR_PART else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    )
    return red, green, blue


def _oklch(colour: str) -> _Oklch:
    """Convert from sRGB (Ottosson's OKLab, as CSS Color 4 gives it)."""
    rgb = _linear(colour)
    long, medium, short = (
        math.cbrt(value)
        for value in _times(
            (
                (0.4122214708, 0.5363325363, 0.0514459929),
                (0.2119034982, 0.6806995451, 0.1073969566),
                (0.0883024619, 0.2817188376, 0.6299787005),
            ),
            rgb,
        )
    )
    lightness, green_red, blue_yellow = _times(
        (
            (0.2104542553, 0.7936177850, -0.0040720468),
            (1.9779984951, -2.4285922050, 0.4505937099),
            (0.0259040371, 0.7827717662, -0.8086757660),
        ),
        (long, medium, short),
    )
    return lightness, math.hypot(green_red, blue_yellow), math.atan2(blue_yellow, green_red)


def _hex(colour: _Oklch) -> str:
    """Convert to sRGB; what a screen cannot show loses chroma, never lightness or hue."""
    lightness, chroma, hue = colour
    lightness = min(max(lightness, 0.0), 1.0)
    rgb = _from_oklch((lightness, chroma, hue))
    if not _is_shown(rgb):
        least, most = 0.0, chroma
        for _ in range(12):
            chroma = (least + most) / 2
            rgb = _from_oklch((lightness, chroma, hue))
            least, most = (chroma, most) if _is_shown(rgb) else (least, chroma)
        rgb = _from_oklch((lightness, least, hue))
    return "#" + "".join(f"{_channel(value):02x}" for value in rgb)


def _from_oklch(colour: _Oklch) -> _Rgb:
    lightness, chroma, hue = colour
    roots = _times(
        (
            (1.0, 0.3963377774, 0.2158037573),
            (1.0, -0.1055613458, -0.0638541728),
            (1.0, -0.0894841775, -1.2914855480),
        ),
        (lightness, chroma * math.cos(hue), chroma * math.sin(hue)),
    )
    red, green, blue = _times(
        (
            (4.0767416621, -3.3077115913, 0.2309699292),
            (-1.2684380046, 2.6097574011, -0.3413193965),
            (-0.0041960863, -0.7034186147, 1.7076147010),
        ),
        (roots[0] ** 3, roots[1] ** 3, roots[2] ** 3),
    )
    return red, green, blue


def _times(matrix: Sequence[_Rgb], vector: _Rgb) -> _Rgb:
    one, two, three = (
        row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2] for row in matrix
    )
    return one, two, three


def _is_shown(rgb: _Rgb) -> bool:
    return all(-0.0005 <= value <= 1.0005 for value in rgb)  # noqa: PLR2004  # rounding


def _channel(linear: float) -> int:
    value = min(max(linear, 0.0), 1.0)
    shown = 12.92 * value if value <= _LINEAR_PART / 12.92 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(shown * 255)
