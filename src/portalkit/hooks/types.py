"""What a plugin declares: sections, routes, widgets, document kinds, actions."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

import msgspec
from litestar.types import ControllerRouterHandler
from markupsafe import Markup
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.config import PortalConfig
from portalkit.context import Audience, PortalContext
from portalkit.model import Document, DocumentHeader, ImportedDocument, PdfAttachment, Text

__all__ = (
    "Column",
    "DocumentExporter",
    "DocumentImporter",
    "DocumentKind",
    "ExportContext",
    "Filter",
    "HomeWidget",
    "ImportedRecords",
    "NavItem",
    "PdfPrinter",
    "PluginRoute",
    "Portal",
    "Purpose",
    "RecordsOutcome",
    "Section",
    "Slot",
    "SlotRenderer",
    "Status",
    "Tone",
    "Transition",
)


class Portal(Protocol):
    """The running portal, as a plugin sees it."""

    config: PortalConfig

    @property
    def kinds(self) -> "Mapping[str, DocumentKind]":
        """The document kinds of all plugins, by name."""
        ...

    @property
    def state(self) -> dict[str, Any]:
        """What plugins keep while this portal runs, each under its own name."""
        ...

    def session(self) -> AsyncSession:
        """Open a database session of its own; the caller commits and closes it."""
        ...

    async def prepare_pdf(self, business_id: str, document_id: str, *, locale: str) -> None:
        """Make a document's PDF ahead of whoever will ask for it, if nothing else is printed.

        What cannot be printed is logged; whoever asks for it then hears why.

        Args:
            business_id: Whose document.
            document_id: Which document.
            locale: Language of the words around the figures.
        """
        ...


class Tone(StrEnum):
    """How a state looks; never told by colour alone."""

    NEUTRAL = "neutral"
    INFO = "info"
    POSITIVE = "positive"
    WARNING = "warning"
    CRITICAL = "critical"


class Slot(StrEnum):
    """A named place of a page that plugins may fill."""

    LAYOUT_HEAD = "layout.head"
    LAYOUT_BANNER = "layout.banner"
    LAYOUT_FOOTER = "layout.footer"
    HOME_TOP = "home.top"
    HOME_BOTTOM = "home.bottom"
    LIST_TOP = "list.top"
    DOCUMENT_HEADER = "document.header"
    DOCUMENT_SIDEBAR = "document.sidebar"
    DOCUMENT_AFTER_LINES = "document.after_lines"
    PROFILE_PANEL = "profile.panel"
    LOGIN_BELOW_FORM = "login.below_form"
    BACKOFFICE_CONTACT_PANEL = "backoffice.contact.panel"
    BACKOFFICE_DOCUMENT_PANEL = "backoffice.document.panel"


class SlotRenderer(Protocol):
    """Renders a template in the language of whoever is looking."""

    def __call__(self, template: str, /, **values: object) -> Markup:
        """Return the template as safe HTML; it gets ``page`` and these values."""
        ...


class Purpose(StrEnum):
    """What a document's sheet is rendered for."""

    PAGE = "page"
    PDF = "pdf"


class NavItem(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the navigation.

    Attributes:
        icon: A symbol of the icon sprite.
        route: Route name it leads to; ``None`` for the section's ``home``.
        badge: Counts what waits for the reader behind it.
    """

    label: Text
    icon: str = "file"
    order: int = 500
    route: str | None = None
    badge: Callable[[PortalContext, AsyncSession], Awaitable[int | None]] | None = None
    permission: str | None = None


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the portal with pages of its own, mounted at ``/<prefix>`` behind guards.

    Attributes:
        name: Unique over all plugins.
        prefix: First part of its paths; its name when left out.
        nav: Its entries in the navigation, under ``title`` when there are several.
        permission: Blocks its routes and hides its navigation alike.
        home: Route name of its first page.
        order: Place of the section in the navigation.
    """

    name: str
    title: Text
    routes: Sequence[ControllerRouterHandler]
    prefix: str | None = None
    nav: tuple[NavItem, ...] = ()
    permission: str | None = None
    home: str | None = None
    order: int = 500
    audience: Audience = Audience.CONTACT


class PluginRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A page without a section, mounted under ``/-/<plugin>/``.

    Attributes:
        is_public: Lifts the need to be signed in, and nothing else.
        csrf: ``False`` only together with ``is_public``: a webhook without cookies.
    """

    handler: ControllerRouterHandler
    is_public: bool = False
    csrf: bool = True
    audience: Audience = Audience.CONTACT


class HomeWidget(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the home page.

    Attributes:
        load: Returns the template's values, or ``None`` to show nothing this time.
    """

    name: str
    title: Text
    template: str
    load: Callable[[PortalContext, AsyncSession], Awaitable[Mapping[str, object] | None]]
    order: int = 500
    size: Literal["number", "wide", "full"] = "number"
    permission: str | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A state of a document.

    Attributes:
        rank: Place when a list is sorted by status.
        is_open: Something is still expected of somebody.
        derived_from: Stored statuses it is derived from, by date, and never stored itself.
    """

    name: str
    label: Text
    tone: Tone = Tone.NEUTRAL
    icon: str = "clock"
    rank: int = 500
    is_open: bool = False
    derived_from: frozenset[str] = frozenset()


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """A change from one of several statuses to another."""

    name: str
    sources: frozenset[str]
    target: str
    label: Text
    permission: str | None = None


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a list of documents.

    Attributes:
        name: Key of the ``sort`` parameter.
        value: What the cell shows: a plain value, formatted by ``format``.
        sort: Name of the header column that orders it; ``None`` if it cannot be sorted.
        priority: 1 stays on a phone; larger numbers leave first on narrow screens.
    """

    name: str
    label: Text
    value: Callable[[DocumentHeader], object]
    format: Literal["text", "date", "money", "status", "kind", "number", "link"] = "text"
    sort: str | None = None
    align: Literal["start", "end"] = "start"
    priority: int = 1


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """One click on a list: a chip with its count.

    Attributes:
        name: Value of the ``status`` parameter.
        statuses: Statuses it shows, derived ones included.
        kinds: Kinds it shows; ``None`` for all of the list.
    """

    name: str
    label: Text
    statuses: frozenset[str] = frozenset()
    kinds: frozenset[str] | None = None


class DocumentKind(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A sort of document: how it is called, listed, shown and which states it has.

    Attributes:
        path: Path of its list below the section, for example ``invoices``.
        listed_with: Kind in whose list it stands (credit notes with invoices).
        due_means: What ``due_on`` says: when money is due, or until when an offer is valid.
        has_total: Whether money belongs on it (a delivery note may have none).
        is_credit: Whether its total counts against the contact's debt.
    """

    name: str
    title: Text
    plural: Text
    section: str
    path: str
    icon: str = "file"
    order: int = 500
    statuses: tuple[Status, ...]
    initial_status: str
    transitions: tuple[Transition, ...] = ()
    columns: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    listed_with: str | None = None
    due_means: Literal["payment", "validity", "none"] = "none"
    has_total: bool = True
    is_credit: bool = False
    list_template: str = "core/documents/list.html"
    page_template: str = "core/documents/document.html"
    print_template: str = "core/documents/sheet.html"
    empty_text: Text = ""
    permission: str | None = None


class RecordsOutcome(StrEnum):
    """What storing the records of a file came to, all of them together."""

    ARRIVED = "arrived"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class ImportedRecords(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a file holds instead of documents: things that a plugin keeps, and no contact's.

    Attributes:
        kind: What the file is, for the report: ``catalogue``.
        number: What it calls itself.
        issued_on: Its day, if it states one.
        currency: ISO 4217; ``None`` if it has none or several.
        count: How many things it holds.
        store: Called with a connection, the business's id and the moment, in the transaction
            of the import; it stores all of them, or raises ``ImportRefusedError``, whereupon
            everything it wrote is taken back.
    """

    kind: str
    number: str
    issued_on: date | None = None
    currency: str | None = None
    count: int
    store: Callable[[Connection, str, datetime], RecordsOutcome]


class DocumentImporter(Protocol):
    """Reads documents from the bytes of a file, without any other input or output."""

    name: str
    title: Text

    def recognizes(self, head: bytes, filename: str) -> bool:
        """Say whether the first 4 KiB of a file look like this format."""
        ...

    def read(
        self, content: bytes, filename: str
    ) -> Iterable[ImportedDocument] | Iterable[ImportedRecords]:
        """Read all documents of a file, or the records that it holds instead.

        Raises:
            ImportRefusedError: With one line that says why the file cannot be read.
        """
        ...


class PdfPrinter(Protocol):
    """Prints the document that is exported."""

    async def __call__(
        self, attachments: Sequence[PdfAttachment] = (), xmp: Sequence[bytes] = ()
    ) -> bytes:
        """Return the document as PDF/A-3, the same sheet that is downloaded as PDF.

        What was printed once with the same files is taken from the store.

        Args:
            attachments: Files to put into it.
            xmp: Further ``rdf:Description`` elements for its metadata.

        Raises:
            RenderingError: If it cannot be made now.
        """
        ...


class ExportContext(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What an exporter gets beside the document.

    Attributes:
        kind: The document's kind.
        locale: Language of whoever the file is for, for words that are not the document's.
        print_pdf: Prints the document, for formats that carry it.
    """

    kind: DocumentKind
    locale: str
    print_pdf: PdfPrinter


class DocumentExporter(Protocol):
    """Writes a document in another format, from its body alone.

    Attributes:
        name: Stands in addresses and names of files (``ubl``).
        title: Stands in the menu, after "Download": ``"UBL"``.
        suffix: Of its files, without a dot.
        kinds: Kinds of documents it is offered for.
    """

    name: str
    title: Text
    media_type: str
    suffix: str
    kinds: frozenset[str]

    def obstacles(self, document: Document) -> Sequence[Text]:
        """Say why a document cannot be expressed, one sentence each; nothing if it seems it can.

        Asked on each view of the document's page, so it looks at what is known at once and
        leaves the rest to ``export``. No input or output.
        """
        ...

    async def export(self, document: Document, context: ExportContext) -> bytes:
        """Return the document as bytes of ``media_type``; the same ones for the same document.

        Asked also for documents with obstacles: it finds them again.

        Raises:
            ExportRefusedError: With every reason why the document cannot be expressed.
        """
        ...
