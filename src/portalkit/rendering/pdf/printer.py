"""WeasyPrint with everything that can be kept from one document to the next.

Only rendering processes import this module.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from weasyprint import CSS, HTML, Attachment
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from portalkit.model.header import PdfAttachment
from portalkit.rendering.pdf.metadata import describe
from portalkit.rendering.pdf.wire import ASSET_ROOT, Job, Result

__all__ = ("AssetFetcher", "SheetPrinter")

_STATIC: Final = Path(str(files("portalkit"))) / "static"
_FONT_FACE: Final = re.compile(r"@font-face\s*\{[^}]*\}")
_RANGES: Final = re.compile(r"unicode-range:\s*([^;}]+)")
_TYPES: Final = {
    ".css": "text/css",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_MAX_COMPLAINTS: Final = 20
_MAX_COMPLAINT: Final = 300


class AssetFetcher(URLFetcher):  # type: ignore[misc]
    """Serves the bytes it was given under ``ASSET_ROOT`` and nothing else whatsoever."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=frozenset(), allow_redirects=False)
        self._assets = assets

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002
        """Return an asset.

        Raises:
            ValueError: For every other address; WeasyPrint leaves out what it asked for.
        """
        name = unquote(url.removeprefix(ASSET_ROOT))
        if not url.startswith(ASSET_ROOT) or name not in self._assets:
            raise ValueError(f"not handed over: {url[:200]}")
        media_type = _TYPES.get(Path(name).suffix, "application/octet-stream")
        return URLFetcherResponse(url, self._assets[name], {"Content-Type": media_type})


class SheetPrinter:
    """Makes PDFs; fonts and the parsed stylesheet of the sheet are made once.

    Args:
        max_output: Largest PDF, in bytes.
    """

    def __init__(self, max_output: int) -> None:
        self._max_output = max_output
        self._fonts = FontConfiguration()
        self._complaints = _Complaints()
        css = (_STATIC / "sheet.css").read_text("utf-8")
        faces = _FONT_FACE.findall(css)
        # A script's fonts cost 50 ms each, so those that few documents need wait for one.
        self._waiting = [(_letters(face), face) for face in faces if "unicode-range" in face]
        plain = [face for face in faces if "unicode-range" not in face]
        self._sheet = self._parse("".join(plain) + _FONT_FACE.sub("", css))

    def print(self, job: Job) -> Result:
        """Render a document; whatever goes wrong is an answer, never an exception."""
        self._complaints.texts.clear()
        try:
            content = self._print(job)
        except MemoryError:
            return Result(problem="memory")
        except (Exception, FatalURLFetchingError) as error:  # noqa: BLE001 -- boundary
            return Result(problem="failed", detail=f"{type(error).__name__}: {error}"[:500])
        if len(content) > self._max_output:
            return Result(problem="size", detail=f"{len(content)} bytes")
        return Result(pdf=content, complaints=tuple(self._complaints.texts))

    def _print(self, job: Job) -> bytes:
        self._load_fonts(job.html)
        html = HTML(string=job.html, base_url=ASSET_ROOT, url_fetcher=AssetFetcher(job.assets))
        document = html.render(stylesheets=[self._sheet], font_config=self._fonts)
        describe(document.metadata, job)
        content: bytes = document.write_pdf(
            pdf_variant="pdf/a-3a",
            pdf_identifier=job.digest,
            attachments=[_attachment(attachment) for attachment in job.attachments],
            finisher=partial(_finish, job.attachments),
        )
        return content

    def _load_fonts(self, html: str) -> None:
        needed = [item for item in self._waiting if item[0].search(html)]
        for item in needed:
            self._parse(item[1])
            self._waiting.remove(item)

    def _parse(self, css: str) -> CSS:
        fonts = {
            str(path.relative_to(_STATIC)): path.read_bytes()
            for path in (_STATIC / "fonts").glob("*.woff2")
            if path.name in css
        }
        return CSS(
            string=css,
            base_url=f"{ASSET_ROOT}sheet.css",
            url_fetcher=AssetFetcher(fonts),
            font_config=self._fonts,
        )


class _Complaints(logging.Handler):
    """Keeps what WeasyPrint complains about, for the log of the web process."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []
        logger = logging.getLogger("weasyprint")
        logger.handlers = [self]
        logger.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.texts) < _MAX_COMPLAINTS:
            self.texts.append(record.getMessage()[:_MAX_COMPLAINT])


def _letters(face: str) -> re.Pattern[str]:
    """Return a pattern that finds a letter of a font's ``unicode-range``."""
    match = _RANGES.search(face)
    parts = match[1].split(",") if match else []
    bounds = [part.strip().removeprefix("U+").partition("-") for part in parts]
    pairs = [(int(low, 16), int(high or low, 16)) for low, _, high in bounds]
    return re.compile("[" + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in pairs) + "]")


def _attachment(attachment: PdfAttachment) -> Attachment:
    day = datetime.combine(attachment.modified_on, time(), UTC)
    return Attachment(
        string=attachment.content,
        name=attachment.name,
        description=attachment.description or None,
        created=day,
        modified=day,
        relationship=attachment.relationship,
    )


def _finish(attachments: Sequence[PdfAttachment], _: Document, pdf: Any) -> None:
    # WeasyPrint guesses the type of a file by its name. Ours are the last ones that it wrote.
    extras = [getattr(each, "extra", {}) for each in pdf.objects]
    files = [extra for extra in extras if extra.get("Type") == "/EmbeddedFile"]
    for extra, attachment in zip(reversed(files), reversed(attachments), strict=False):
        extra["Subtype"] = f"/{attachment.media_type.replace('/', '#2f')}"
    # WeasyPrint 70 lists each attachment twice in /AF; ISO 19005-3 wants it once.
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = list(dict.fromkeys(pdf.catalog["AF"]))
