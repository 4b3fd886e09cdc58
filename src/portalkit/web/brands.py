"""How each business looks, kept as long as its version."""

import hashlib
from functools import lru_cache
from typing import Final

from portalkit.access.businesses import BusinessView
from portalkit.rendering.brand import brand_css
from portalkit.rendering.page import Brand

__all__ = ("Brands", "sheet_name", "sheet_of")

_MAX_INITIALS: Final = 2
_PROBE: Final = "#3b5bdb"


@lru_cache(maxsize=1)
def _generation() -> str:
    """Tell one release's way of making the sheet from another's, for its address."""
    return hashlib.sha256(brand_css(_PROBE)).hexdigest()[:8]


def sheet_name(colour: str) -> str:
    """Return the file name of a brand's sheet: it says all that the sheet is made of."""
    return f"brand-{colour.removeprefix('#').lower()}-{_generation()}.css"


@lru_cache(maxsize=256)
def sheet_of(name: str) -> bytes | None:
    """Return the sheet of a name that ``sheet_name`` made, or ``None``."""
    colour = name.removeprefix("brand-").partition("-")[0]
    try:
        return brand_css(f"#{colour}") if name == sheet_name(colour) else None
    except ValueError:
        return None


class Brands:
    """The brands of the businesses, by business, version and prefix."""

    def __init__(self, base_path: str) -> None:
        self._base_path = base_path
        self._brands: dict[tuple[str, str], tuple[int, Brand]] = {}

    def of(self, business: BusinessView, prefix: str) -> Brand:
        """Return how a business looks."""
        known = self._brands.get((business.id, prefix))
        if known is not None and known[0] == business.version:
            return known[1]
        brand = Brand(
            name=business.name,
            initials=_initials(business.name),
            logo_url=f"{prefix}/-/ui/logo-{business.logo}" if business.logo else None,
            stylesheet_url=f"{self._base_path}/-/ui/{sheet_name(business.brand_colour)}",
            email=business.email,
            phone=business.phone,
            website=business.website,
        )
        self._brands[business.id, prefix] = (business.version, brand)
        return brand


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[:1].isalnum()]
    return "".join(word[0] for word in words[:_MAX_INITIALS]).upper() or "?"
