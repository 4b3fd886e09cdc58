"""How each business looks, kept as long as its version."""

from typing import Final

from portalkit.access.businesses import BusinessView
from portalkit.rendering.page import Brand
from portalkit.rendering.static import StaticFiles

__all__ = ("Brands",)

_MAX_INITIALS: Final = 2


class Brands:
    """The brands of the businesses, by business, version and prefix."""

    def __init__(self, static: StaticFiles) -> None:
        self._static = static
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
            stylesheet_url=self._static.brand_url(business.brand_colour),
            email=business.email,
            phone=business.phone,
            website=business.website,
            imprint=business.imprint,
        )
        self._brands[business.id, prefix] = (business.version, brand)
        return brand


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[:1].isalnum()]
    return "".join(word[0] for word in words[:_MAX_INITIALS]).upper() or "?"
