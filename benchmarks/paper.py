"""Rendering a PDF: against WeasyPrint alone, and what the event loop notices of it."""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import portalkit
from benchmarks.documents import publications
from benchmarks.figures import Figure, at_most, for_information
from portalkit.config import PdfConfig, PortalConfig
from portalkit.hooks import Purpose, load_plugins
from portalkit.i18n import load_translations
from portalkit.model import Document, DocumentHeader, new_id
from portalkit.rendering.environment import build_environments
from portalkit.rendering.pdf import ASSET_ROOT, PdfRenderer
from portalkit.rendering.sheet import Issuer, sheet_view
from portalkit.rendering.static import StaticFiles

__all__ = ("measure_paper",)

_PAGES = 20
_ASSETS = {"brand.css": b":root{--pk-brand-text:#4a6317}"}


def measure_paper() -> Iterator[Figure]:
    """Yield the time of a PDF in a warm process, and the lag of the loop that asks for it.

    The portal and WeasyPrint alone take turns, so that a busy machine is busy for both.
    """
    ours, bare, lag = asyncio.run(_measure(_html()))
    yield for_information("PDF by WeasyPrint alone", bare * 1000, "ms")
    yield for_information("PDF by the portal", ours * 1000, "ms")
    yield at_most("PDF / WeasyPrint alone", ours / bare, 1.1, "ratio")
    yield at_most("lag of the event loop, two PDFs at a time (p99)", lag * 1000, 10, "ms")


def _html() -> str:
    """Return the page that an invoice of five lines is printed from."""
    config = PortalConfig(plugins=("sales",))
    registry = load_plugins(config)
    translators = load_translations(registry, config.locales)
    static = StaticFiles(registry, base_path="", debug=False)
    environment = build_environments(config, registry, translators, static)["es"]
    kind = registry.declarations.kinds["invoice"].value
    sheet = sheet_view(
        _document(),
        kind,
        business=Issuer(name="Almazara de prueba"),
        translator=translators["es"],
        formats=translators["es"].formats,
        purpose=Purpose.PDF,
    )
    template = environment.get_template(kind.print_template)
    return template.render(
        sheet=sheet, document=_document(), stylesheets=(f"{ASSET_ROOT}brand.css",)
    )


def _document() -> Document:
    body = next(publications("c", 1)).body
    header = DocumentHeader(
        id=new_id(0),
        business_id="b",
        contact_id="c",
        kind=body.kind,
        number=body.number,
        type_code=body.type_code,
        issued_on=body.issued_on,
        due_on=body.due_on,
        status="pending",
        description=body.description or "",
        currency=body.currency,
        total=body.totals.gross,
        amount_due=body.totals.payable,
        line_count=len(body.lines),
        settled_on=None,
        external_id=None,
        version=1,
        sha256="0" * 64,
        updated_at=datetime(2026, 11, 24, tzinfo=UTC),
    )
    return Document(header=header, body=body)


async def _measure(html: str) -> tuple[float, float, float]:
    renderer, alone = PdfRenderer(PdfConfig(workers=2)), _weasyprint(html)
    try:
        await asyncio.gather(*(_render(renderer, html) for _ in range(4)))
        alone()
        pairs = [(await _render(renderer, html), alone()) for _ in range(_PAGES)]
        lags: list[float] = []
        watch = asyncio.create_task(_watch(lags))
        for _ in range(_PAGES // 2):
            await asyncio.gather(_render(renderer, html), _render(renderer, html))
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        ours, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
        return ours, bare, statistics.quantiles(lags, n=100)[98]
    finally:
        await renderer.close()


async def _render(renderer: PdfRenderer, html: str) -> float:
    began = time.perf_counter()
    await renderer.render(html, _ASSETS, identifier="uuid:bench")
    return time.perf_counter() - began


async def _watch(lags: list[float]) -> None:
    """Note how late the loop wakes up."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        lags.append(time.perf_counter() - began - 0.001)


def _weasyprint(html: str) -> Callable[[], float]:
    """Return what times WeasyPrint in this process, its stylesheet parsed before."""
    from weasyprint import CSS, HTML  # noqa: PLC0415  # slow to import, and only needed here
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    from portalkit.rendering.pdf.printer import AssetFetcher  # noqa: PLC0415

    static = Path(portalkit.__file__).parent / "static"
    fonts = FontConfiguration()
    sheet = CSS(filename=static / "sheet.css", font_config=fonts)

    def render() -> float:
        began = time.perf_counter()
        HTML(string=html, base_url=ASSET_ROOT, url_fetcher=AssetFetcher(_ASSETS)).write_pdf(
            stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/a-3a"
        )
        return time.perf_counter() - began

    return render
