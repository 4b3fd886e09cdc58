"""Chosen documents of a list, or all of them, as one ZIP."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Response

from portalkit.documents.archive import stream_archive
from portalkit.documents.busy import MAX_DOCUMENTS
from portalkit.documents.exports import get_exporter
from portalkit.documents.filenames import document_filename
from portalkit.documents.lists import kinds_of_list
from portalkit.documents.pages import Reader
from portalkit.documents.parameters import read_parameters
from portalkit.documents.queries import list_chosen, list_documents
from portalkit.documents.sending import send_archive
from portalkit.errors import ExportRefusedError, NotFoundError
from portalkit.hooks import DocumentKind, Tone
from portalkit.model import DocumentHeader, is_id, lazy_gettext
from portalkit.rendering.page import Notice

__all__ = ("answer_archive",)

_PDF: Final = "pdf"
_TOO_MANY: Final = lazy_gettext(
    "One file holds up to %(most)s documents. Choose fewer, by their dates for example.",
    most=MAX_DOCUMENTS,
)
_NONE_CHOSEN: Final = lazy_gettext("Choose at least one document.")


async def answer_archive(
    reader: Reader, kind: DocumentKind, fields: Mapping[str, Any]
) -> Response[Any]:
    """Answer with a ZIP of documents of a list.

    Args:
        reader: Who asks.
        kind: Whose list.
        fields: ``id``, once for each document, or ``all`` with the parameters of the list;
            and ``format``, the name of an exporter or ``pdf``.

    Raises:
        NotFoundError: If one of the documents is not the reader's, or the format is none.
        ExportRefusedError: If there are too many.
        InputRefusedError: If a parameter has a value it cannot have.
        ArchiveRunningError: If the reader is being sent another one.
    """
    kinds = kinds_of_list(reader, kind)
    plain = {name: value for name, value in fields.items() if isinstance(value, str)}
    name = plain.get("format", _PDF)
    exporter = None
    if name != _PDF:
        active = reader.context.active_plugins
        exporter = get_exporter(reader.portal, name, {each.name for each in kinds}, active)
    headers = (
        await _all(reader, kinds, plain)
        if "all" in fields
        else await _chosen(reader, kinds, fields.get("id", []))
    )
    if not headers:
        url = reader.page.url(f"{kind.section}:{kind.path}")
        return reader.page.redirect(url, Notice(text=_NONE_CHOSEN, tone=Tone.WARNING))
    # Nothing is read or written by the request any more; each document has a session of its own.
    await reader.session.close()
    word = reader.translator.text(kind.plural)
    filename = document_filename(word, reader.contact.today.isoformat(), "zip")
    return await send_archive(stream_archive(reader, headers, exporter), filename)


async def _all(
    reader: Reader, kinds: tuple[DocumentKind, ...], fields: Mapping[str, str]
) -> tuple[DocumentHeader, ...]:
    parameters = read_parameters(
        {name: fields[name] for name in ("sort", "status", "from", "to", "q") if name in fields},
        kinds,
    )
    page = await list_documents(
        reader.session,
        reader.contact,
        parameters.listing(kinds),
        restrictions=reader.restrictions,
        size=MAX_DOCUMENTS,
    )
    if page.has_more:
        raise ExportRefusedError(_TOO_MANY)
    return page.headers


async def _chosen(
    reader: Reader, kinds: tuple[DocumentKind, ...], ids: str | list[str]
) -> list[DocumentHeader]:
    wanted = {ids} if isinstance(ids, str) else set(ids)
    if len(wanted) > MAX_DOCUMENTS:
        raise ExportRefusedError(_TOO_MANY)
    if wrong := next((each for each in wanted if not is_id(each)), None):
        raise NotFoundError(f"{wrong[:60]!r} is no id")
    return await list_chosen(
        reader.session,
        reader.contact,
        wanted,
        kinds={kind.name for kind in kinds},
        restrictions=reader.restrictions,
    )
