"""Languages: which one a reader gets, how it is called and which way it runs."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, Literal

from babel import Locale, UnknownLocaleError

from portalkit.errors import ConfigError

__all__ = (
    "check_locales",
    "closest_locale",
    "direction",
    "find_locale",
    "folder_name",
    "language_name",
    "negotiate",
)

_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_RANGE: Final = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*"
)
# A browser sends fewer; what is longer is no wish but an attack.
_MAX_HEADER: Final = 1_000


@lru_cache(maxsize=256)
def find_locale(tag: str) -> Locale:
    """Return the CLDR data of a language tag such as ``es`` or ``pt-BR``.

    A region or variant that CLDR does not know falls back to the language alone.

    Raises:
        ConfigError: If the language is unknown.
    """
    if not _TAG.fullmatch(tag):
        raise ConfigError("locales", f"{tag!r} is no language tag like 'es' or 'pt-BR'")
    for candidate in (tag.replace("-", "_"), re.split("[-_]", tag)[0]):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    raise ConfigError("locales", f"{tag!r} is no language that CLDR knows")


def check_locales(tags: Iterable[str]) -> None:
    """Check the languages of a configuration.

    Raises:
        ConfigError: If one is unknown, or there is none.
    """
    checked = [find_locale(tag) for tag in tags]
    if not checked:
        raise ConfigError("locales", "at least one language is needed")


def direction(tag: str) -> Literal["ltr", "rtl"]:
    """Return the writing direction of a language."""
    return "rtl" if find_locale(tag).text_direction == "rtl" else "ltr"


def language_name(tag: str) -> str:
    """Return how a language calls itself, with a capital letter: ``Español``."""
    name = find_locale(tag).get_display_name() or tag
    return name[:1].upper() + name[1:]


def folder_name(tag: str) -> str:
    """Return the name of a language's folder of catalogues: ``pt_BR`` for ``pt-BR``."""
    return tag.replace("-", "_")


def negotiate(accept_language: str | None, offered: Sequence[str]) -> str:
    """Choose the language a browser asks for, or the first one offered.

    A region is followed if it is offered, else its language: ``es-MX`` gets ``es``, and
    ``pt`` gets ``pt-BR`` where nothing closer exists.
    """
    for wanted in _wishes(accept_language or ""):
        if wanted == "*":
            break
        if found := closest_locale(wanted, offered):
            return found
    return offered[0]


def closest_locale(wanted: str, offered: Iterable[str]) -> str | None:
    """Return the language that is nearest to a tag: itself, without its region, or another's."""
    own = {_key(tag): tag for tag in offered}
    parts = _key(wanted).split("-")
    for length in range(len(parts), 0, -1):
        if found := own.get("-".join(parts[:length])):
            return found
    return next((tag for low, tag in own.items() if low.partition("-")[0] == parts[0]), None)


def _key(tag: str) -> str:
    return tag.replace("_", "-").lower()


def _wishes(header: str) -> list[str]:
    wishes: list[tuple[float, str]] = []
    for part in header[:_MAX_HEADER].split(","):
        if part.strip().startswith("*"):
            wishes.append((0.0005, "*"))
        elif (match := _RANGE.fullmatch(part)) and (quality := float(match[2] or 1)) > 0:
            wishes.append((quality, match[1].lower()))
    # Sorting is stable: equal wishes keep the order in which they were sent.
    return [tag for _, tag in sorted(wishes, key=lambda wish: -wish[0])]
