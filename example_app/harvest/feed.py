"""The mill's news for everybody, as an Atom feed (RFC 4287)."""

import hashlib
from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from example_app.harvest.news import news_of, told_by
from portalkit.access.businesses import BusinessView
from portalkit.errors import InputRefusedError
from portalkit.rendering.page import Page
from portalkit.web.portal import RunningPortal

__all__ = ("show_feed",)

_ATOM: Final = "application/atom+xml; charset=utf-8"


@get("/news.xml", name="harvest:feed")
async def show_feed(
    request: Request[Any, Any, Any],
    page: NamedDependency[Page],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
    lang: FromQuery[str | None] = None,
) -> Response[Any]:
    """Answer with the news in one language; nothing in it depends on who asks."""
    locale = business.locale if lang is None else lang
    if locale not in portal.offered_locales(business.locales):
        raise InputRefusedError("lang", "is no language of this business")
    zone = ZoneInfo(business.timezone)
    told = told_by(news_of(portal), portal.now().astimezone(zone).date(), locale)
    title = portal.translators[locale].gettext("News from %(business)s")
    body = (
        portal.environments[locale]
        .get_template("harvest/news.xml")
        .render(
            title=title % {"business": business.name},
            author=business.name,
            told=[(each, datetime.combine(each.on, time(), zone).isoformat()) for each in told],
            site=f"{portal.config.origin}{page.url('core:front')}",
            address=f"{portal.config.origin}{page.url('harvest:feed', lang=lang)}",
        )
    )
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers = {"cache-control": "public, max-age=3600", "etag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type=_ATOM, headers=headers)
