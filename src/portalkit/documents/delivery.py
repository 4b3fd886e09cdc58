"""Files as answers: streamed from the store, named safely, never run by a browser."""

from typing import Any, Final

from litestar import Request, Response
from litestar.response import Stream

from portalkit.documents.exports import ExportedFile
from portalkit.documents.filenames import content_disposition, safe_filename
from portalkit.documents.pdf import StoredPdf
from portalkit.model import Attachment
from portalkit.storage import Storage, storage_key

__all__ = ("send_attachment", "send_export", "send_pdf")

# Kept by the browser only, and asked for again each time: the session is checked (decision 24).
_REVALIDATE: Final = "private, no-cache"
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
        "vary": "cookie",
        "content-disposition": content_disposition(pdf.filename, inline=not is_download),
    }
    if _is_known(request, pdf.etag):
        return Response(None, status_code=304, headers=headers)
    headers["content-length"] = str(pdf.size)
    if request.method == "HEAD":
        return Response(b"", media_type="application/pdf", headers=headers)
    return Stream(storage.stream(pdf.key), media_type="application/pdf", headers=headers)


def send_attachment(
    request: Request[Any, Any, Any], storage: Storage, business_id: str, file: Attachment
) -> Response[Any]:
    """Answer with a file to save, whatever its name and type claim it to be."""
    etag = f'"{file.sha256}"'
    headers = {
        "cache-control": _REVALIDATE,
        "etag": etag,
        "vary": "cookie",
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
    return Stream(stream, media_type=media_type, headers=headers)


def send_export(request: Request[Any, Any, Any], file: ExportedFile) -> Response[Any]:
    """Answer with a document in another format, to save."""
    etag = f'"{file.sha256}"'
    headers = {
        "cache-control": _REVALIDATE,
        "etag": etag,
        "vary": "cookie",
        "content-disposition": content_disposition(file.filename),
        "content-security-policy": _SANDBOX,
    }
    if _is_known(request, etag):
        return Response(None, status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


def _is_known(request: Request[Any, Any, Any], etag: str) -> bool:
    held = request.headers.get("if-none-match", "")
    return any(part.strip().removeprefix("W/") in {etag, "*"} for part in held.split(","))
