"""Routes of documents: a section declares its kinds and gets their lists and pages."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.types import ControllerRouterHandler
from litestar.utils.scope.state import ScopeState

from portalkit.access.sharing import SHARE
from portalkit.documents.belongings import get_attachment
from portalkit.documents.delivery import send_attachment, send_pdf
from portalkit.documents.export_routes import archive_route, export_route
from portalkit.documents.lists import find_list_neighbours, list_view
from portalkit.documents.pages import (
    Reader,
    action_button,
    actions_of,
    allowed_actions,
    contact_addresses,
    crumbs_of,
    document_view,
    mark_place,
    page_route,
    shared_view,
    state_pill,
)
from portalkit.documents.pdf import issuer_of
from portalkit.documents.queries import Found, get_document
from portalkit.documents.services import Download, record_download, record_view
from portalkit.documents.share_routes import share_routes
from portalkit.documents.views import ActionButton, DocumentView
from portalkit.errors import NotFoundError, TransitionRefusedError
from portalkit.hooks import ActionContext, DocumentAction, DocumentKind, Purpose, Slot, Tone
from portalkit.model import Document, LazyText, lazy_gettext
from portalkit.rendering.page import Notice
from portalkit.rendering.sheet import SheetView, sheet_view

__all__ = ("document_routes",)

_SHARED: Final = {"shared": True}
_PAGE_SLOTS: Final = (Slot.DOCUMENT_HEADER, Slot.DOCUMENT_SIDEBAR, Slot.DOCUMENT_AFTER_LINES)
_WRONG: Final = lazy_gettext("Check this: %(problem)s")
_OVERTAKEN: Final = lazy_gettext(
    "Nothing was changed: it is “%(status)s” already. The history says by whom and when."
)

_Request = Request[Any, Any, Any]
_Reader = SkipValidation[Reader]


def document_routes(*kinds: DocumentKind) -> tuple[ControllerRouterHandler, ...]:
    """Return the routes of document kinds, for the ``routes`` of their section.

    A kind that has a list of its own gets ``/<path>``, and ``/<path>/archive`` for many of its
    documents in one file (``<section>:<path>.archive``); every kind gets its page, PDF, printed
    view, files, other formats and actions below ``/<path>/{id}``. The routes are named
    ``<section>:<path>``, ``<section>:<path>.page``, ``.pdf``, ``.print``, ``.file``,
    ``.export`` and ``.action``, those of links to a document as ``share_routes`` says. Whatever
    is not the reader's own is not found.
    """
    return tuple(route for kind in kinds for route in _routes_of(kind))


# Each portal of a process asks for those of the same kinds, and takes them as they are.
@lru_cache(maxsize=64)
def _routes_of(kind: DocumentKind) -> tuple[ControllerRouterHandler, ...]:
    listed = (_list_route(kind), archive_route(kind)) if kind.listed_with is None else ()
    return (
        *listed,
        _page_route(kind),
        _pdf_route(kind),
        _print_route(kind),
        _file_route(kind),
        export_route(kind),
        _action_route(kind),
        *share_routes(kind),
    )


def _list_route(kind: DocumentKind) -> ControllerRouterHandler:
    @get(f"/{kind.path}", name=f"{kind.section}:{kind.path}")
    async def show_list(
        request: _Request,
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        view = await list_view(reader, kind, request.query_params)
        return await reader.page.render(
            kind.list_template, slots=(Slot.LIST_TOP,), subject=kind, list=view
        )

    return show_list


def _page_route(kind: DocumentKind) -> ControllerRouterHandler:
    @get(f"/{kind.path}/{{id:str}}", name=page_route(kind), opt=_SHARED)
    async def show_document(
        request: _Request,
        id: FromPath[str],  # noqa: A002  # the name stands in the path
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        found = await _get(reader, kind, id)
        response = await _show(reader, found, kind, query=request.query_params)
        if _is_opened_by_hand(request):
            reader.portal.in_background(record_view(reader.portal, reader.contact, found.document))
        return response

    return show_document


def _pdf_route(kind: DocumentKind) -> ControllerRouterHandler:
    @get(f"/{kind.path}/{{id:str}}/pdf", name=page_route(kind, "pdf"), opt=_SHARED)
    async def show_pdf(
        request: _Request,
        id: FromPath[str],  # noqa: A002
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        document = (await _get(reader, kind, id)).document
        pdf = await reader.portal.pdf_cache.get(
            reader.session,
            reader.business,
            document,
            kind,
            locale=reader.page.locale,
            template=reader.portal.registry.hooks.choose_template(
                reader.context, document, Purpose.PDF
            ),
        )
        response = send_pdf(
            request, reader.portal.storage, pdf, is_download="download" in request.query_params
        )
        if request.method == "GET":
            reader.portal.in_background(
                record_download(
                    reader.portal,
                    reader.contact,
                    document.header,
                    Download(filename=pdf.filename, sha256=pdf.sha256),
                )
            )
        return response

    return show_pdf


def _print_route(kind: DocumentKind) -> ControllerRouterHandler:
    @get(f"/{kind.path}/{{id:str}}/print", name=page_route(kind, "print"), opt=_SHARED)
    async def show_printed(
        id: FromPath[str],  # noqa: A002
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        document = (await _get(reader, kind, id)).document
        chosen = reader.portal.registry.hooks.choose_template(reader.context, document, Purpose.PDF)
        return await reader.page.render(
            chosen or kind.print_template,
            document=document,
            sheet=_sheet(reader, document, kind, Purpose.PDF),
            stylesheets=(
                reader.portal.static.url("core/sheet.css"),
                reader.page.brand.stylesheet_url,
            ),
        )

    return show_printed


def _file_route(kind: DocumentKind) -> ControllerRouterHandler:
    @get(
        f"/{kind.path}/{{id:str}}/files/{{file_id:str}}",
        name=page_route(kind, "file"),
        opt=_SHARED,
    )
    async def show_file(
        request: _Request,
        id: FromPath[str],  # noqa: A002
        file_id: FromPath[str],
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        document = (await _get(reader, kind, id)).document
        file = await get_attachment(reader.session, document.header, file_id)
        response = send_attachment(request, reader.portal.storage, reader.business.id, file)
        if request.method == "GET":
            reader.portal.in_background(
                record_download(
                    reader.portal,
                    reader.contact,
                    document.header,
                    Download(filename=file.filename, sha256=file.sha256),
                )
            )
        return response

    return show_file


def _action_route(kind: DocumentKind) -> ControllerRouterHandler:
    @post(
        f"/{kind.path}/{{id:str}}/actions/{{action:str}}",
        name=page_route(kind, "action"),
        opt=_SHARED,
    )
    async def act(
        request: _Request,
        id: FromPath[str],  # noqa: A002
        action: FromPath[str],
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        found = await _get(reader, kind, id)
        declared = _find_action(reader, kind, action)
        if not declared.available(found.document, reader.contact):
            return await _show_overtaken(reader, found, kind, declared)
        fields = ScopeState.from_scope(request.scope).form
        try:
            form = _read_form(declared, fields if isinstance(fields, dict) else {})
        except msgspec.ValidationError as error:
            refused = _refused(reader, declared, kind, document_id=id, fields=fields, error=error)
            return await _show(reader, found, kind, refused=refused)
        call = ActionContext(
            session=reader.session,
            context=reader.contact,
            document=found.document,
            form=form,
            portal=reader.portal,
        )
        try:
            result = await declared.run(call)
        except TransitionRefusedError as error:
            await reader.session.rollback()
            found = await _get(reader, kind, id)
            return await _show_overtaken(reader, found, kind, declared, error.reasons)
        notice = None if result.message is None else Notice(text=result.message, tone=result.tone)
        return reader.page.redirect(
            result.redirect or reader.page.url(page_route(kind), id=id), notice
        )

    return act


async def _get(reader: Reader, kind: DocumentKind, document_id: str) -> Found:
    return await get_document(
        reader.session,
        reader.context,
        document_id,
        restrictions=reader.restrictions,
        kinds=(kind.name,),
    )


async def _show(
    reader: Reader,
    found: Found,
    kind: DocumentKind,
    *,
    query: Mapping[str, str] | None = None,
    refused: ActionButton | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response[Any]:
    mark_place(reader, kind)
    view = await _view(reader, found, kind, query=query or {}, refused=refused)
    hooks = reader.portal.registry.hooks
    chosen = hooks.choose_template(reader.context, found.document, Purpose.PAGE)
    return await reader.page.render(
        chosen or kind.page_template,
        slots=_PAGE_SLOTS,
        subject=found.document,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else status,
        document=view,
        sheet=_sheet(reader, found.document, kind, Purpose.PAGE),
    )


async def _view(
    reader: Reader,
    found: Found,
    kind: DocumentKind,
    *,
    query: Mapping[str, str],
    refused: ActionButton | None,
) -> DocumentView:
    context, header = reader.contact, found.document.header
    actions = _buttons(reader, found.document, kind, refused)
    if context.document_id is not None:
        return await shared_view(reader, found, kind, actions=actions)
    may_share = SHARE in context.permissions and not context.is_read_only
    return await document_view(
        reader,
        found,
        kind,
        addresses=contact_addresses(reader.page),
        crumbs=crumbs_of(reader, kind, header),
        actions=actions,
        neighbours=await find_list_neighbours(reader, found, kind, query),
        share_url=reader.page.url(page_route(kind, "share"), id=header.id) if may_share else None,
    )


async def _show_overtaken(
    reader: Reader,
    found: Found,
    kind: DocumentKind,
    action: DocumentAction,
    reasons: Sequence[Any] = (),
) -> Response[Any]:
    """Show the document as it is by now, to whoever comes too late with an action."""
    translator = reader.translator
    if action.available(found.document, reader.contact) and reasons:
        text = translator.text(reasons[0])
    else:
        state = state_pill(found.document.header, kind, reader.contact.today, translator)
        text = translator.text(_OVERTAKEN) % {"status": state.label}
    reader.page.notice = Notice(text=text, tone=Tone.WARNING)
    return await _show(reader, found, kind, status=HTTPStatus.CONFLICT)


def _buttons(
    reader: Reader, document: Document, kind: DocumentKind, refused: ActionButton | None
) -> tuple[ActionButton, ...]:
    """Return the buttons; the one that was sent with mistakes is shown open with them."""
    return tuple(
        refused
        if refused is not None and refused.name == declared.value.name
        else action_button(reader, declared.value, kind, document.id)
        for declared in actions_of(reader, document, kind)
    )


def _sheet(reader: Reader, document: Document, kind: DocumentKind, purpose: Purpose) -> SheetView:
    return sheet_view(
        document,
        kind,
        business=issuer_of(reader.business, logo_url=reader.page.brand.logo_url),
        translator=reader.translator,
        formats=reader.translator.formats,
        purpose=purpose,
    )


def _is_opened_by_hand(request: _Request) -> bool:
    """Tell a person's visit from a program that looks ahead (decision 20)."""
    headers = request.headers
    return (
        request.method == "GET"
        and headers.get("sec-fetch-mode", "navigate") in {"navigate", "cors", "same-origin"}
        and "prefetch" not in headers.get("sec-purpose", headers.get("purpose", ""))
    )


def _find_action(reader: Reader, kind: DocumentKind, name: str) -> DocumentAction:
    for declared in allowed_actions(reader, kind):
        if declared.value.name == name:
            return declared.value
    raise NotFoundError(f"action {name[:60]!r} on a document of kind {kind.name!r}")


def _read_form(action: DocumentAction, fields: Mapping[str, Any]) -> Any:
    if action.form is None:
        return None
    known = {name: value for name, value in fields.items() if name != "request_key"}
    return msgspec.convert(known, action.form, strict=False)


def _refused(
    reader: Reader,
    action: DocumentAction,
    kind: DocumentKind,
    *,
    document_id: str,
    fields: object,
    error: msgspec.ValidationError,
) -> ActionButton:
    """Show an action's form again: what was typed is kept, and what is wrong stands beside it."""
    values = fields if isinstance(fields, dict) else {}
    reason, _, place = str(error).partition(" - at `$.")
    text = LazyText(_WRONG.message, values={"problem": reason})
    return msgspec.structs.replace(
        action_button(reader, action, kind, document_id),
        values={name: value for name, value in values.items() if isinstance(value, str)},
        errors={place.rstrip("`"): reader.translator.text(text)},
    )
