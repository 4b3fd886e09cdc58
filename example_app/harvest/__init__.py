"""A plugin of the host's own: news of the harvest on the home page, an address in the foot."""

from collections.abc import Iterable, Mapping
from typing import Final

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.hooks import (
    HOOK_API,
    HomeWidget,
    Manifest,
    PortalContext,
    Slot,
    hookimpl,
)
from portalkit.model import lazy_gettext

__all__ = ("manifest",)

manifest: Final = Manifest(
    name="harvest",
    title=lazy_gettext("Harvest news"),
    description=lazy_gettext("What the mill is doing, on the home page of its customers."),
    api=HOOK_API,
)

# Olives are picked from October; unfiltered oil is sold until it has settled.
_NEW_OIL: Final = frozenset({10, 11, 12, 1})
_HARVEST_STARTS: Final = 10
_FOOT: Final = Markup('<a href="/almazara">almazara.example</a>')


async def _news(
    context: PortalContext,
    session: AsyncSession,  # noqa: ARG001  # the widget's signature
) -> Mapping[str, object]:
    today = context.today
    first = today.year if today.month >= _HARVEST_STARTS else today.year - 1
    return {"season": f"{first}/{(first + 1) % 100:02d}", "is_new": today.month in _NEW_OIL}


@hookimpl
def portalkit_register_home_widgets() -> Iterable[HomeWidget]:
    """Put the news on the home page."""
    yield HomeWidget(
        name="harvest-news",
        title=lazy_gettext("From the mill"),
        template="harvest/news.html",
        load=_news,
        size="wide",
        order=900,
    )


@hookimpl
async def portalkit_render_slot(slot: Slot) -> Markup | None:
    """Link the mill's own page at the foot of every page of the portal."""
    return _FOOT if slot is Slot.LAYOUT_FOOTER else None
