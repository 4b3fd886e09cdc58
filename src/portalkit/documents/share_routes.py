"""Routes by which a contact's person shares a document, and by which a link's holder may act."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation, URLEncodedBody
from litestar.types import ControllerRouterHandler

from portalkit.access.browser import Browser, Entrance, kept_cookie
from portalkit.access.sessions import SessionView
from portalkit.access.share_codes import check_share_code, masked, send_share_code
from portalkit.access.sharing import (
    SHARE,
    end_share_link,
    end_share_links,
    share_cookie,
    share_tries,
)
from portalkit.access.throttle import take
from portalkit.audit import Actor
from portalkit.context import SessionKind
from portalkit.documents.pages import Reader, crumbs_of, mark_place, page_route
from portalkit.documents.queries import Found, get_document
from portalkit.documents.share_views import TOO_MANY, ConfirmView, new_share_link, share_view
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.hooks import DocumentKind, Tone
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Crumb, Notice

__all__ = ("share_routes",)

_Request = Request[Any, Any, Any]
_Reader = SkipValidation[Reader]
_MAY_SHARE = {"permission": SHARE}
_CONFIRMS = {"shared": True, "confirms": True}
_WRONG = lazy_gettext("This code is not right, or it works no longer. Ask for a new one.")


class CodeForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The digits of the mail, and what the browser keeps for them."""

    code: str = ""
    proof: str = ""


def share_routes(kind: DocumentKind) -> tuple[ControllerRouterHandler, ...]:
    """Return the routes of the links to documents of a kind.

    They are named ``<section>:<path>.share``, ``.share.post``, ``.share.end``,
    ``.share.end_all``, ``.confirm``, ``.confirm.send`` and ``.confirm.post``.
    """
    return (
        _show_route(kind),
        _make_route(kind),
        _end_route(kind),
        _end_all_route(kind),
        _confirm_route(kind),
        _send_route(kind),
        _check_route(kind),
    )


def _show_route(kind: DocumentKind) -> ControllerRouterHandler:
    @get(f"/{kind.path}/{{id:str}}/share", name=page_route(kind, "share"), opt=_MAY_SHARE)
    async def show_shares(
        id: FromPath[str],  # noqa: A002  # the name stands in the path
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        return await _show_shares(reader, await _get(reader, kind, id), kind)

    return show_shares


def _make_route(kind: DocumentKind) -> ControllerRouterHandler:
    @post(f"/{kind.path}/{{id:str}}/share", name=page_route(kind, "share.post"), opt=_MAY_SHARE)
    async def share(
        id: FromPath[str],  # noqa: A002
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        found = await _get(reader, kind, id)
        # With the link or not at all: what makes none is counted by nothing.
        await take(reader.session, share_tries(reader.contact.contact_id), reader.context.now)
        try:
            new_link = await new_share_link(reader, found.document.header)
        except InputRefusedError:
            return await _show_shares(reader, found, kind, problem=TOO_MANY)
        return await _show_shares(reader, found, kind, new_link=new_link)

    return share


def _end_route(kind: DocumentKind) -> ControllerRouterHandler:
    @post(
        f"/{kind.path}/{{id:str}}/share/{{link:str}}/end",
        name=page_route(kind, "share.end"),
        opt=_MAY_SHARE,
    )
    async def end_share(
        id: FromPath[str],  # noqa: A002
        link: FromPath[str],
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        header = (await _get(reader, kind, id)).document.header
        await end_share_link(
            reader.session,
            link,
            business_id=header.business_id,
            document_id=header.id,
            actor=Actor.of(reader.context),
            now=reader.context.now,
        )
        notice = Notice(text=lazy_gettext("The link no longer opens anything."))
        return reader.page.redirect(reader.page.url(page_route(kind, "share"), id=id), notice)

    return end_share


def _end_all_route(kind: DocumentKind) -> ControllerRouterHandler:
    @post(
        f"/{kind.path}/{{id:str}}/share/end",
        name=page_route(kind, "share.end_all"),
        opt=_MAY_SHARE,
    )
    async def end_shares(
        id: FromPath[str],  # noqa: A002
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        header = (await _get(reader, kind, id)).document.header
        await end_share_links(
            reader.session,
            business_id=header.business_id,
            document_id=header.id,
            actor=Actor.of(reader.context),
            now=reader.context.now,
        )
        notice = Notice(text=lazy_gettext("No link opens the document any more."))
        return reader.page.redirect(reader.page.url(page_route(kind, "share"), id=id), notice)

    return end_shares


def _confirm_route(kind: DocumentKind) -> ControllerRouterHandler:
    @get(f"/{kind.path}/{{id:str}}/confirm", name=page_route(kind, "confirm"), opt=_CONFIRMS)
    async def show_confirm(
        id: FromPath[str],  # noqa: A002
        reader: NamedDependency[_Reader],
        browser: NamedDependency[Browser],
    ) -> Response[Any]:
        found, seen = await _get(reader, kind, id), _share_of(browser)
        if not reader.contact.must_confirm:
            return reader.page.redirect(reader.page.url(page_route(kind), id=id))
        return await _show_confirm(reader, found, kind, seen)

    return show_confirm


def _send_route(kind: DocumentKind) -> ControllerRouterHandler:
    @post(
        f"/{kind.path}/{{id:str}}/confirm/send",
        name=page_route(kind, "confirm.send"),
        opt=_CONFIRMS,
    )
    async def send_code(
        id: FromPath[str],  # noqa: A002
        reader: NamedDependency[_Reader],
        entrance: NamedDependency[Entrance],
        browser: NamedDependency[Browser],
    ) -> Response[Any]:
        seen = _share_of(browser)
        if not seen.contact_email or entrance.config.smtp_url is None:
            raise NotFoundError("no code can be sent")
        found = await _get(reader, kind, id)
        # On SQLite the code is written in a transaction of its own, which would wait for this.
        await reader.session.rollback()
        proof = await send_share_code(
            entrance,
            browser,
            seen,
            document=found.document.header.number,
            locale=reader.page.locale,
        )
        return await _show_confirm(reader, found, kind, seen, proof=proof)

    return send_code


def _check_route(kind: DocumentKind) -> ControllerRouterHandler:
    @post(f"/{kind.path}/{{id:str}}/confirm", name=page_route(kind, "confirm.post"), opt=_CONFIRMS)
    async def check_code(
        request: _Request,
        *,
        id: FromPath[str],  # noqa: A002
        data: URLEncodedBody[CodeForm],
        reader: NamedDependency[_Reader],
        entrance: NamedDependency[Entrance],
        browser: NamedDependency[Browser],
    ) -> Response[Any]:
        seen, cookie = _share_of(browser), share_cookie(browser.share_cookie, id)
        session_id = await check_share_code(
            entrance,
            reader.session,
            browser,
            seen,
            session_id=request.cookies.get(cookie, ""),
            proof=data.proof,
            digits=data.code,
        )
        if session_id is None:
            found = await _get(reader, kind, id)
            error = reader.translator.text(_WRONG)
            return await _show_confirm(reader, found, kind, seen, proof=data.proof, error=error)
        notice = Notice(text=lazy_gettext("You can answer now."), tone=Tone.POSITIVE)
        response = reader.page.redirect(reader.page.url(page_route(kind), id=id), notice)
        lifetime = seen.expires_at - browser.now
        response.cookies.append(kept_cookie(entrance.config, cookie, session_id, lifetime))
        return response

    return check_code


async def _get(reader: Reader, kind: DocumentKind, document_id: str) -> Found:
    return await get_document(
        reader.session,
        reader.context,
        document_id,
        restrictions=reader.restrictions,
        kinds=(kind.name,),
    )


def _share_of(browser: Browser) -> SessionView:
    """Return the share session; whoever is signed in needs no code.

    Raises:
        NotFoundError: If nobody came by a link.
    """
    if browser.seen is None or browser.seen.kind is not SessionKind.SHARE:
        raise NotFoundError("only a link is confirmed by a code")
    return browser.seen


async def _show_shares(
    reader: Reader,
    found: Found,
    kind: DocumentKind,
    *,
    new_link: str | None = None,
    problem: Text = "",
) -> Response[Any]:
    mark_place(reader, kind)
    header, page = found.document.header, reader.page
    document_url = page.url(page_route(kind), id=header.id)
    *way, last = crumbs_of(reader, kind, header)
    view = await share_view(
        reader,
        header,
        kind,
        url=page.url(page_route(kind, "share"), id=header.id),
        document_url=document_url,
        end_url=lambda link: page.url(page_route(kind, "share.end"), id=header.id, link=link),
        end_all_url=page.url(page_route(kind, "share.end_all"), id=header.id),
        crumbs=(
            *way,
            Crumb(label=last.label, url=document_url),
            Crumb(label=reader.translator.gettext("Share")),
        ),
        new_link=new_link,
        problem=problem,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return await page.render("core/documents/share.html", status=status, share=view)


async def _show_confirm(
    reader: Reader,
    found: Found,
    kind: DocumentKind,
    seen: SessionView,
    *,
    proof: str | None = None,
    error: str | None = None,
) -> Response[Any]:
    header, page = found.document.header, reader.page
    can_send = seen.contact_email and reader.portal.config.smtp_url is not None
    view = ConfirmView(
        number=header.number,
        contact=seen.contact_name,
        email=masked(seen.contact_email or "") if can_send else "",
        send_url=page.url(page_route(kind, "confirm.send"), id=header.id),
        check_url=page.url(page_route(kind, "confirm"), id=header.id),
        document_url=page.url(page_route(kind), id=header.id),
        proof=proof,
        error=error,
    )
    status = HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return await page.render("core/documents/share_confirm.html", status=status, confirm=view)
