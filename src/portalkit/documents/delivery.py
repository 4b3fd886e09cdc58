"""Files as answers: streamed from the store, named safely, never run by a browser."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send

from portalkit.documents.exports import ExportedFile
from portalkit.documents.filenames import content_disposition, safe_filename
from portalkit.documents.pdf import StoredPdf
from portalkit.model import Attachment
from portalkit.storage import Storage, storage_key

__all__ = ("send_attachment", "send_export", "send_pdf")

# Kept by the browser only, and asked for again each time: the session is checked (decision 24).
_REVALIDATE: Final = "private, no-cache"
_WHO_ASKS: Final = "cookie, authorization"
_SANDBOX: Final = "default-src 'none'; sandbox"
# Types that programs open for what they are; anything else is only saved (security R37).
_MEDIA_TYPES: Final = frozenset(
    {
        "application/pdf",
        "application/xml",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "image/jpeg",
        "image/png",
        "text/csv",
        "text/plain",
        "text/xml",
    }
)
_UNKNOWN: Final = "application/octet-stream"


def send_pdf(
    request: Request[Any, Any, Any], storage: Storage, pdf: StoredPdf, *, is_download: bool
) -> Response[Any]:
    """Answer with a stored PDF, or say that the browser has it already."""
    headers = {
        "cache-control": _REVALIDATE,
        "etag": pdf.etag,
        "vary": _WHO_ASKS,
        "content-disposition": content_disposition(pdf.filename, inline=not is_download),
    }
    if _is_known(request, pdf.etag):
        return Response(None, status_code=304, headers=headers)
    headers["content-length"] = str(pdf.size)
    if request.method == "HEAD":
        return Response(b"", media_type="application/pdf", headers=headers)
    return _File(storage.stream(pdf.key), media_type="application/pdf", headers=headers)


def send_attachment(
    request: Request[Any, Any, Any], storage: Storage, business_id: str, file: Attachment
) -> Response[Any]:
    """Answer with a file to save, whatever its name and type claim it to be."""
    etag = f'"{file.sha256}"'
    headers = {
        "cache-control": _REVALIDATE,
        "etag": etag,
        "vary": _WHO_ASKS,
        "content-disposition": content_disposition(safe_filename(file.filename)),
        "content-security-policy": _SANDBOX,
    }
    if _is_known(request, etag):
        return Response(None, status_code=304, headers=headers)
    headers["content-length"] = str(file.size)
    media_type = file.media_type if file.media_type in _MEDIA_TYPES else _UNKNOWN
    if request.method == "HEAD":
        return Response(b"", media_type=media_type, headers=headers)
    stream = storage.stream(storage_key(business_id, file.sha256))
    return _File(stream, media_type=media_type, headers=headers)


def send_export(request: Request[Any, Any, Any], file: ExportedFile) -> Response[Any]:
    """Answer with a document in another format, to save."""
    etag = f'"{file.sha256}"'
    headers = {
        "cache-control": _REVALIDATE,
        "etag": etag,
        "vary": _WHO_ASKS,
        "content-disposition": content_disposition(file.filename),
        "content-security-policy": _SANDBOX,
    }
    if _is_known(request, etag):
        return Response(None, status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


class _File(Response[bytes]):
    """A file in pieces, one after the other.

    Litestar's own stream also listens for the client going away, in a task group, and holds
    the answer open until the server says so. A file ends by itself: of what is sent to
    somebody who has left, a server takes no notice.
    """

    def __init__(
        self, pieces: AsyncIterator[bytes], *, media_type: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(b"", media_type=media_type, headers=headers)
        self._pieces = pieces

    def to_asgi_response(  # type: ignore[override]  # what Litestar passes here, by name
        self,
        *,
        headers: Mapping[str, str] | None = None,
        cookies: Iterable[Cookie] | None = None,
        status_code: int | None = None,
        **_: object,
    ) -> ASGIResponse:
        return _FileAnswer(
            self._pieces,
            headers={**(headers or {}), **self.headers},
            cookies=(*self.cookies, *(cookies or ())),
            media_type=self.media_type,
            status_code=self.status_code or status_code,
        )


class _FileAnswer(ASGIResponse):
    def __init__(self, pieces: AsyncIterator[bytes], **options: Any) -> None:
        super().__init__(**options)
        self._pieces = pieces

    async def send_body(self, send: Send, receive: Receive) -> None:  # noqa: ARG002
        async for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _is_known(request: Request[Any, Any, Any], etag: str) -> bool:
    held = request.headers.get("if-none-match", "")
    return any(part.strip().removeprefix("W/") in {etag, "*"} for part in held.split(","))
