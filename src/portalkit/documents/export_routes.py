"""Routes that hand out documents in other formats, one or many."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.types import ControllerRouterHandler
from litestar.utils.scope.state import ScopeState

from portalkit.documents.archive_pages import answer_archive
from portalkit.documents.export_pages import answer_export
from portalkit.documents.pages import (
    Reader,
    contact_addresses,
    crumbs_of,
    mark_place,
    page_route,
)
from portalkit.documents.queries import get_document
from portalkit.documents.services import Download, record_download
from portalkit.hooks import DocumentKind

__all__ = ("archive_route", "export_route")

_Request = Request[Any, Any, Any]
_Reader = SkipValidation[Reader]


def archive_route(kind: DocumentKind) -> ControllerRouterHandler:
    """Return the route of many documents of a list in one file."""

    @post(f"/{kind.path}/archive", name=page_route(kind, "archive"))
    async def show_archive(
        request: _Request,
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        mark_place(reader, kind)
        fields = ScopeState.from_scope(request.scope).form
        return await answer_archive(reader, kind, fields if isinstance(fields, dict) else {})

    return show_archive


def export_route(kind: DocumentKind) -> ControllerRouterHandler:
    """Return the route of one document in another format."""

    @get(
        f"/{kind.path}/{{id:str}}/export/{{exporter:str}}",
        name=page_route(kind, "export"),
        opt={"shared": True},
    )
    async def show_export(
        request: _Request,
        id: FromPath[str],  # noqa: A002
        exporter: FromPath[str],
        reader: NamedDependency[_Reader],
    ) -> Response[Any]:
        found = await get_document(
            reader.session,
            reader.context,
            id,
            restrictions=reader.restrictions,
            kinds=(kind.name,),
        )
        document = found.document
        mark_place(reader, kind)
        response, file = await answer_export(
            request,
            reader,
            document,
            exporter,
            addresses=contact_addresses(reader.page),
            crumbs=crumbs_of(reader, kind, document.header),
        )
        if request.method == "GET" and file is not None:
            reader.portal.in_background(
                record_download(
                    reader.portal,
                    reader.contact,
                    document.header,
                    Download(filename=file.filename, sha256=file.sha256, exporter=exporter),
                )
            )
        return response

    return show_export
