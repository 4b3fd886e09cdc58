"""A plugin of the host's own: the mill's news on the home page and as a feed, its page linked."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from example_app.harvest.feed import show_feed
from example_app.harvest.mails import NEWS_BEGINS, TELL_OFFICE
from example_app.harvest.news import STATE, news_of, read_news, season, told_by
from portalkit.documents.visibility import PORTAL
from portalkit.hooks import (
    HOOK_API,
    EmailTemplate,
    HomeWidget,
    Job,
    Manifest,
    PluginRoute,
    Portal,
    PortalContext,
    Slot,
    SlotRenderer,
    hookimpl,
)
from portalkit.model import lazy_gettext

__all__ = ("HarvestSettings", "manifest")

_FILE: Final = Path(__file__).with_name("news.toml")
_SHOWN: Final = 2
_SITE: Final = "/almazara"
_SLOTS: Final = {Slot.LAYOUT_HEAD: "harvest/head.html", Slot.LAYOUT_FOOTER: "harvest/foot.html"}


class HarvestSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings in ``plugin_settings.harvest``.

    Attributes:
        news_file: File with the news, like the plugin's own ``news.toml``.
    """

    news_file: str = str(_FILE)


manifest: Final = Manifest(
    name="harvest",
    title=lazy_gettext("Harvest news"),
    description=lazy_gettext("What the mill is doing, on the home page of its customers."),
    api=HOOK_API,
    settings=HarvestSettings,
    slots=frozenset(_SLOTS),
)


@hookimpl
async def portalkit_startup(portal: Portal) -> None:
    """Read the news once, so that a mistake in them stops the start and no page."""
    settings = portal.config.settings_for("harvest", HarvestSettings)
    portal.state[STATE] = read_news(Path(settings.news_file))


@hookimpl
async def portalkit_shutdown(portal: Portal) -> None:
    """Forget the news."""
    portal.state.pop(STATE, None)


@hookimpl
def portalkit_extend_templates(environment: Environment) -> None:
    """Let templates say which season a day belongs to."""
    environment.filters["harvest_season"] = season


@hookimpl
def portalkit_register_routes() -> Iterable[PluginRoute]:
    """Offer the news to everybody's feed reader."""
    yield PluginRoute(handler=show_feed, is_public=True)


@hookimpl
def portalkit_register_home_widgets() -> Iterable[HomeWidget]:
    """Put the news on the home page."""
    yield HomeWidget(
        name="harvest-news",
        title=lazy_gettext("From the mill"),
        template="harvest/news.html",
        load=_newest,
        size="wide",
        order=900,
    )


async def _newest(context: PortalContext, session: AsyncSession) -> Mapping[str, object] | None:
    told = told_by(news_of(session.info[PORTAL]), context.today, context.locale)
    return {"told": told[:_SHOWN]} if told else None


@hookimpl
def portalkit_register_jobs() -> Iterable[Job]:
    """Look each morning whether there is news."""
    yield TELL_OFFICE


@hookimpl
def portalkit_register_email_templates() -> Iterable[EmailTemplate]:
    """Let the office know when there is."""
    yield NEWS_BEGINS


@hookimpl
async def portalkit_render_slot(slot: Slot, render: SlotRenderer) -> Markup | None:
    """Link the news in the head, and them and the mill's own page at the foot of every page."""
    return render(_SLOTS[slot], site=_SITE)
