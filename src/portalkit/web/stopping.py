"""The page behind *No more mails like this*: one button, no sign-in, and a way back.

Mail programs press the button by themselves (RFC 8058): a POST without cookies and without a
page before it. The signed token is all that it needs; it can stop mails and nothing else.
"""

from http import HTTPStatus
from typing import Any, Final, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import BusinessView
from portalkit.access.choices import (
    Subscriber,
    find_subscriber,
    read_unsubscribe_token,
    set_choice,
)
from portalkit.access.refused_links import note_refused_link
from portalkit.i18n import Translator
from portalkit.rendering.page import Page
from portalkit.web.portal import RunningPortal

__all__ = ("STOP_ROUTES",)

_OPEN: Final = {"public": True, "anonymous": True}


class StopForm(msgspec.Struct, frozen=True, kw_only=True):
    """``want`` is ``yes`` on the way back; mail programs send fields of their own."""

    want: Literal["", "yes"] = ""


@get("/mail/stop/{token:str}", name="core:stop", opt=_OPEN)
async def show_stop(
    *,
    token: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    portal: NamedDependency[RunningPortal],
    business: NamedDependency[BusinessView],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Show one button; programs that open every address of a mail change nothing."""
    subscriber = await _find(session, portal, business, token)
    return await _show(page, portal, translator, subscriber, token=token, is_done=False)


@post(
    "/mail/stop/{token:str}",
    name="core:stop.post",
    opt=_OPEN | {"csrf": False},
    status_code=HTTPStatus.OK,
)
async def stop(
    *,
    token: FromPath[str],
    data: URLEncodedBody[StopForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    portal: NamedDependency[RunningPortal],
    business: NamedDependency[BusinessView],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Stop mails of one kind, or have them again."""
    subscriber = await _find(session, portal, business, token)
    if subscriber is not None:
        is_on = data.want == "yes"
        await set_choice(session, subscriber, is_on=is_on, now=portal.now())
        subscriber = msgspec.structs.replace(subscriber, is_on=is_on)
    return await _show(page, portal, translator, subscriber, token=token, is_done=True)


async def _find(
    session: AsyncSession, portal: RunningPortal, business: BusinessView, token: str
) -> Subscriber | None:
    read = read_unsubscribe_token(portal.config.secret_keys, token, business_id=business.id)
    person_id, kind = read or ("", "")
    template = portal.mail_templates.get(kind)
    found = None
    if template is not None and template.choice is not None:
        found = await find_subscriber(
            session, business_id=business.id, kind=kind, person_id=person_id
        )
    if found is None:
        await note_refused_link(
            session,
            portal.config.secret_keys,
            token,
            purposes=("unsubscribe",),
            business_id=business.id,
            now=portal.now(),
        )
    return found


async def _show(
    page: Page,
    portal: RunningPortal,
    translator: Translator,
    subscriber: Subscriber | None,
    *,
    token: str,
    is_done: bool,
) -> Response[Any]:
    choice = None
    if subscriber is not None:
        choice = portal.mail_templates[subscriber.kind].choice
    if subscriber is None or choice is None:
        return await page.render("access/link_gone.html", status=HTTPStatus.GONE)
    return await page.render(
        "access/stop.html",
        action_url=page.url("core:stop", token=token),
        email=subscriber.email,
        label=translator.text(choice),
        is_on=subscriber.is_on,
        is_done=is_done,
    )


STOP_ROUTES: Final = (show_stop, stop)
"""Routes of it."""
