"""The exact PDF of a document: rendered once, kept by what it is made of, checked when served."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol

import msgspec
from jinja2 import Environment
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import BusinessView
from portalkit.config import PortalConfig
from portalkit.documents.filenames import document_filename
from portalkit.documents.renderings import (
    LEASE,
    Receipt,
    RenderingKey,
    find_rendering,
    finish_rendering,
    lease_rendering,
    record_rendering,
    release_rendering,
    renew_rendering,
)
from portalkit.errors import NotFoundError, RenderingError, RenderingTimeoutError, StorageError
from portalkit.hooks.types import DocumentKind, Purpose
from portalkit.i18n import Translator
from portalkit.model import Document, Line, PdfAttachment
from portalkit.rendering.brand import brand_tones
from portalkit.rendering.logo import logo_suffix
from portalkit.rendering.pdf import ASSET_ROOT, PdfRenderer
from portalkit.rendering.sheet import Acceptance, Issuer, document_label, sheet_view
from portalkit.rendering.versions import template_version
from portalkit.storage import Storage, content_key, storage_key

__all__ = ("PdfCache", "PdfPortal", "StoredPdf", "issuer_of")

_log: Final = logging.getLogger(__name__)

_FIRST_WAIT: Final = 0.05
_LONGEST_WAIT: Final = 0.5
_RENEWALS: Final = 3


class PdfPortal(Protocol):
    """What making PDFs needs of the running portal."""

    config: PortalConfig
    environments: Mapping[str, Environment]
    translators: Mapping[str, Translator]
    storage: Storage
    pdf: PdfRenderer

    def reading(self) -> AsyncSession:
        """Open a session that only reads."""
        ...

    def writing(self) -> AsyncSession:
        """Open a session that writes."""
        ...


class StoredPdf(msgspec.Struct, frozen=True, kw_only=True):
    """A PDF in the store, whose bytes were compared with their hash.

    Attributes:
        key: For ``Storage.stream``.
        filename: Safe to hand out (``factura-F26-0412.pdf``).
    """

    key: str
    sha256: str
    size: int
    filename: str

    @property
    def etag(self) -> str:
        """Entity tag of the answer that carries it."""
        return f'"{self.sha256}"'


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    business: BusinessView
    document: Document
    kind: DocumentKind
    locale: str
    template: str
    acceptance: Acceptance | None
    attachments: Sequence[PdfAttachment]
    xmp: Sequence[bytes]


class PdfCache:
    """PDFs of one running portal; many requests for the same one render it once."""

    def __init__(self, portal: PdfPortal) -> None:
        self._portal = portal
        self._flights: dict[str, asyncio.Task[Receipt]] = {}
        self._versions: dict[tuple[str, str], str] = {}

    async def get(
        self,
        session: AsyncSession,
        business: BusinessView,
        document: Document,
        kind: DocumentKind,
        *,
        locale: str,
        template: str | None = None,
        acceptance: Acceptance | None = None,
        attachments: Sequence[PdfAttachment] = (),
        xmp: Sequence[bytes] = (),
        in_transaction: bool = False,
    ) -> StoredPdf:
        """Return a document's PDF, rendering it if nobody has yet.

        The caller has made sure that whoever asks may see the document.

        Args:
            session: For the first look; it reads only, and gives its connection back before
                the PDF is made. It can be used again afterwards.
            business: Whose document it is; its version decides about brand and imprint.
            document: The version to print.
            kind: The document's kind.
            locale: Language of the words around the figures.
            template: Another layout than the kind's.
            acceptance: Evidence to put on a signed quote.
            attachments: Files to put into it.
            xmp: Further ``rdf:Description`` elements for its metadata.
            in_transaction: ``session`` writes: the receipt becomes part of its transaction,
                and no other session is opened, which SQLite would hold up.

        Raises:
            RenderingError: If it cannot be made now (503); it is asked for again later.
            StorageError: If the store cannot be read or written.
        """
        order = _Order(
            business=business,
            document=document,
            kind=kind,
            locale=locale,
            template=template or kind.print_template,
            acceptance=acceptance,
            attachments=tuple(attachments),
            xmp=tuple(xmp),
        )
        wanted = self._key(order)
        receipt = await find_rendering(session, wanted)
        if receipt is None or not await self._is_kept(wanted, receipt):
            if in_transaction:
                receipt = await self._render(order)
                await record_rendering(session, wanted, receipt)
            else:
                # Fifty who wait must not hold the connections that the one who works needs.
                await session.close()
                receipt = await self._shared(order, wanted)
        return self._stored(order, receipt)

    async def close(self) -> None:
        """Wait for what is being made; close the renderer first, so that it ends at once."""
        while self._flights:
            await asyncio.wait(tuple(self._flights.values()))

    async def _shared(self, order: _Order, wanted: RenderingKey) -> Receipt:
        flight = self._flights.get(wanted.key)
        if flight is None:
            flight = asyncio.create_task(self._find_or_make(order, wanted))
            self._flights[wanted.key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(wanted.key, None))
            flight.add_done_callback(_seen)
        # Whoever goes away leaves the others their PDF.
        return await asyncio.shield(flight)

    async def _find_or_make(self, order: _Order, wanted: RenderingKey) -> Receipt:
        portal, wait = self._portal, _FIRST_WAIT
        loop = asyncio.get_running_loop()
        until = loop.time() + portal.config.pdf.timeout + LEASE.total_seconds()
        while True:
            async with portal.reading() as session:
                receipt = await find_rendering(session, wanted)
            if receipt is not None and await self._is_kept(wanted, receipt):
                return receipt
            if await lease_rendering(portal.writing, wanted, receipt):
                return await self._make(order, wanted)
            if loop.time() > until:
                raise RenderingTimeoutError("another process did not finish this PDF in time")
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _make(self, order: _Order, wanted: RenderingKey) -> Receipt:
        writing = self._portal.writing
        try:
            async with _renewed(writing, wanted):
                receipt = await self._render(order)
        except BaseException:
            await asyncio.shield(release_rendering(writing, wanted))
            raise
        await finish_rendering(writing, wanted, receipt)
        return receipt

    async def _render(self, order: _Order) -> Receipt:
        portal, document = self._portal, order.document
        most = portal.config.pdf.max_lines
        if (lines := sum(1 for _ in _all_lines(document.body.lines))) > most:
            raise RenderingError(f"{lines} lines are more than the {most} that are printed")
        assets = await self._assets(order.business)
        # Formatting takes milliseconds, and seconds for thousands of lines: not in the loop.
        html = await asyncio.to_thread(self._html, order, tuple(assets))
        content = await portal.pdf.render(
            html,
            assets,
            identifier=f"uuid:{document.id}",
            attachments=order.attachments,
            xmp=order.xmp,
        )
        key = content_key(document.header.business_id, content)
        await portal.storage.put(key, content)
        return Receipt(key.rpartition("/")[2], len(content))

    def _html(self, order: _Order, assets: Sequence[str]) -> str:
        translator = self._portal.translators[order.locale]
        logo = next((name for name in assets if name.startswith("logo")), None)
        sheet = sheet_view(
            order.document,
            order.kind,
            business=issuer_of(order.business, logo_url=f"{ASSET_ROOT}{logo}" if logo else None),
            translator=translator,
            formats=translator.formats,
            purpose=Purpose.PDF,
            acceptance=order.acceptance,
        )
        template = self._portal.environments[order.locale].get_template(order.template)
        return template.render(
            sheet=sheet, document=order.document, stylesheets=(f"{ASSET_ROOT}brand.css",)
        )

    async def _assets(self, business: BusinessView) -> dict[str, bytes]:
        tone = brand_tones(business.brand_colour)["brand-text"].light
        assets = {"brand.css": f":root{{--pk-brand-text:{tone}}}".encode()}
        if business.logo:
            try:
                logo = await self._portal.storage.get(storage_key(business.id, business.logo))
            except (NotFoundError, StorageError):
                _log.warning("the logo of business %s is missing", business.id)
            else:
                assets[f"logo{logo_suffix(logo)}"] = logo
        return assets

    async def _is_kept(self, wanted: RenderingKey, receipt: Receipt) -> bool:
        key = storage_key(wanted.business_id, receipt.sha256)
        return await self._portal.storage.find_intact(key) is not None

    def _stored(self, order: _Order, receipt: Receipt) -> StoredPdf:
        document = order.document
        label = self._portal.translators[order.locale].text(
            document_label(document.body, order.kind)
        )
        return StoredPdf(
            key=storage_key(document.header.business_id, receipt.sha256),
            sha256=receipt.sha256,
            size=receipt.size,
            filename=document_filename(label, document.header.number),
        )

    def _key(self, order: _Order) -> RenderingKey:
        header = order.document.header
        parts = (
            header.business_id,
            header.contact_id,
            header.id,
            header.sha256,
            order.kind.name,
            order.locale,
            order.template,
            self._version(order.locale, order.template),
            order.business.version,
            order.acceptance,
            order.attachments,
            order.xmp,
        )
        key = hashlib.sha256(msgspec.json.encode(parts)).hexdigest()
        return RenderingKey(key, header.business_id, header.id)

    def _version(self, locale: str, template: str) -> str:
        found = self._versions.get((locale, template))
        if found is None:
            portal = self._portal
            environment, translator = portal.environments[locale], portal.translators[locale]
            found = template_version(environment, template, translator)
            # In debug mode templates change while the process runs.
            if not portal.config.debug:
                self._versions[locale, template] = found
        return found


def issuer_of(business: BusinessView, *, logo_url: str | None) -> Issuer:
    """Return what a sheet shows of a business; ``logo_url`` is where the reader finds it."""
    return Issuer(
        name=business.name,
        legal_name=business.legal_name,
        tax_id=business.tax_id,
        address=business.address,
        imprint=business.imprint,
        iban=business.iban,
        bic=business.bic,
        website=business.website,
        logo_url=logo_url,
    )


def _all_lines(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from _all_lines(line.lines)


def _seen(flight: asyncio.Task[Receipt]) -> None:
    """Take note of a failure that nobody waits for any more."""
    if not flight.cancelled() and flight.exception() is not None:
        _log.debug("a PDF failed", exc_info=flight.exception())


@asynccontextmanager
async def _renewed(
    writing: Callable[[], AsyncSession], wanted: RenderingKey
) -> AsyncIterator[None]:
    """Renew a lease as long as the work under it goes on."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / _RENEWALS)
            await renew_rendering(writing, wanted)

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
