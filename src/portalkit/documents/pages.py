"""A document's page, around the sheet."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import BusinessView
from portalkit.context import Audience, PortalContext, StaffContext
from portalkit.documents.belongings import list_attachments, list_history, list_linked
from portalkit.documents.chain import chain_steps
from portalkit.documents.exports import find_obstacles, list_exporters
from portalkit.documents.history import CONTACT_EVENTS, history_items
from portalkit.documents.portal import DocumentPortal
from portalkit.documents.queries import Found
from portalkit.documents.statuses import has_ledger, is_open, shown_status
from portalkit.documents.views import (
    ActionButton,
    AttachmentLink,
    DocumentLink,
    DocumentView,
    FormatLink,
)
from portalkit.documents.visibility import UNRESTRICTED, Restrictions
from portalkit.errors import SignInRequiredError
from portalkit.hooks import Declared, DocumentAction, DocumentKind, Tone
from portalkit.i18n import Translator
from portalkit.model import (
    Attachment,
    AttachmentRole,
    Document,
    DocumentHeader,
    LazyText,
    lazy_gettext,
)
from portalkit.rendering.page import Crumb, Page
from portalkit.rendering.sheet import document_label
from portalkit.rendering.ui import Pill

__all__ = (
    "Addresses",
    "Reader",
    "action_button",
    "actions_of",
    "allowed_actions",
    "contact_addresses",
    "crumbs_of",
    "document_view",
    "mark_place",
    "page_route",
    "shared_view",
    "state_pill",
)

_DUE: Final = {
    "payment": (lazy_gettext("Was due on %(day)s"), lazy_gettext("Due on %(day)s")),
    "validity": (lazy_gettext("Expired on %(day)s"), lazy_gettext("Valid until %(day)s")),
}
_ROLES: Final[dict[AttachmentRole, LazyText]] = {
    AttachmentRole.SOURCE: lazy_gettext("The original file"),
    AttachmentRole.RENDERING: lazy_gettext("As the sender printed it"),
    AttachmentRole.SUPPORTING: lazy_gettext("Attachment"),
}


class Addresses(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Where a document's pages lie for this reader; each takes the kind and the id.

    Attributes:
        file: Takes the id of the file as well.
        export: Takes the name of the format as well.
    """

    page: Callable[[DocumentKind, str], str]
    pdf: Callable[[DocumentKind, str], str]
    printed: Callable[[DocumentKind, str], str]
    file: Callable[[DocumentKind, str, str], str]
    export: Callable[[DocumentKind, str, str], str]


class Reader(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Who reads a document's page, and with what it is made."""

    portal: DocumentPortal
    session: AsyncSession
    context: PortalContext | StaffContext
    business: BusinessView
    page: Page
    translator: Translator
    restrictions: Restrictions = UNRESTRICTED

    @property
    def contact(self) -> PortalContext:
        """The contact's person who reads; staff have pages of their own."""
        if not isinstance(self.context, PortalContext):
            raise SignInRequiredError
        return self.context


def page_route(kind: DocumentKind, part: str = "page") -> str:
    """Return the name of a kind's route, for example ``page``; see ``document_routes``."""
    return f"{kind.section}:{kind.path}.{part}"


def mark_place(reader: Reader, kind: DocumentKind) -> None:
    """Let the navigation mark the list that a document stands in."""
    listed = reader.portal.kinds[kind.listed_with] if kind.listed_with else kind
    reader.page.place = reader.page.url(f"{listed.section}:{listed.path}")


def contact_addresses(page: Page) -> Addresses:
    """Return where a contact finds documents: under their sections."""
    return Addresses(
        page=lambda kind, which: page.url(page_route(kind), id=which),
        pdf=lambda kind, which: page.url(page_route(kind, "pdf"), id=which, download="1"),
        printed=lambda kind, which: page.url(page_route(kind, "print"), id=which),
        file=lambda kind, which, file_id: page.url(
            page_route(kind, "file"), id=which, file_id=file_id
        ),
        export=lambda kind, which, exporter: page.url(
            page_route(kind, "export"), id=which, exporter=exporter
        ),
    )


async def document_view(
    reader: Reader,
    found: Found,
    kind: DocumentKind,
    *,
    addresses: Addresses,
    crumbs: tuple[Crumb, ...],
    events: Sequence[str] = CONTACT_EVENTS,
    actions: tuple[ActionButton, ...] = (),
    neighbours: tuple[str | None, str | None] = (None, None),
    share_url: str | None = None,
) -> DocumentView:
    """Put a document's page together.

    Args:
        reader: Who reads it.
        found: The document.
        kind: Its kind.
        addresses: Where this reader finds what belongs to it.
        crumbs: The way to the page.
        events: What the reader may know of its history.
        actions: What the reader may do with it.
        neighbours: Addresses of the pages before and after it in the list.
        share_url: Where its links are, for those who may share it.
    """
    document, translator = found.document, reader.translator
    header = document.header
    view = _bare_view(reader, found, kind, addresses=addresses, crumbs=crumbs)
    linked = await list_linked(
        reader.session, reader.context, header.id, restrictions=reader.restrictions
    )
    history = await list_history(reader.session, header, events)
    files = await list_attachments(reader.session, header)
    return msgspec.structs.replace(
        view,
        previous_url=neighbours[0],
        next_url=neighbours[1],
        actions=actions,
        links=(*view.links, *_share_links(share_url, translator)),
        attachments=_attachments(addresses, kind, header, files, translator),
        history=history_items(
            history,
            kind,
            reader.context,
            business_name=reader.business.name,
            translator=translator,
            now=reader.context.now,
        ),
        chain=chain_steps(
            header, linked, reader.portal.kinds, translator=translator, url_of=addresses.page
        ),
    )


def _bare_view(
    reader: Reader,
    found: Found,
    kind: DocumentKind,
    *,
    addresses: Addresses,
    crumbs: tuple[Crumb, ...],
) -> DocumentView:
    """Return the page of a document by itself, without what belongs to it."""
    document, translator = found.document, reader.translator
    header = document.header
    amount, label, note = _amount(header, kind, translator)
    return DocumentView(
        url=addresses.page(kind, header.id),
        kind_title=translator.text(document_label(document.body, kind)),
        number=header.number,
        subtitle=header.description if header.description != header.number else "",
        crumbs=crumbs,
        state=state_pill(header, kind, reader.context.today, translator),
        amount=amount,
        amount_label=label,
        amount_note=note,
        due_text=_due_text(header, kind, reader.context.today, translator),
        links=_links(addresses, kind, header, translator),
        formats=_formats(reader, document, kind, addresses),
    )


async def shared_view(
    reader: Reader, found: Found, kind: DocumentKind, *, actions: tuple[ActionButton, ...]
) -> DocumentView:
    """Put a document's page together for whoever came by a link to it.

    Neither what it is linked with nor who did what with it is theirs to know. Before the code
    the buttons give way to the page that asks for it.
    """
    header, page = found.document.header, reader.page
    addresses = contact_addresses(page)
    files = await list_attachments(reader.session, header)
    must_confirm = bool(actions) and reader.contact.must_confirm
    return msgspec.structs.replace(
        _bare_view(reader, found, kind, addresses=addresses, crumbs=(Crumb(label=header.number),)),
        actions=() if must_confirm else actions,
        confirm_url=page.url(page_route(kind, "confirm"), id=header.id) if must_confirm else None,
        attachments=_attachments(addresses, kind, header, files, reader.translator),
    )


def _share_links(share_url: str | None, translator: Translator) -> tuple[DocumentLink, ...]:
    if share_url is None:
        return ()
    label = translator.text(lazy_gettext("Share"))
    return (DocumentLink(label=label, url=share_url, icon="share-2"),)


def state_pill(
    header: DocumentHeader, kind: DocumentKind, today: date, translator: Translator
) -> Pill:
    """Return the state a reader sees; past its day an open document is overdue or expired."""
    status = shown_status(kind, header.status, header.due_on, today)
    if status is None:
        return Pill(label=header.status)
    return Pill(
        label=translator.text(status.label),
        tone=status.tone,
        icon=status.icon,
        is_calm=not status.is_open and status.tone in {Tone.NEUTRAL, Tone.POSITIVE},
    )


def crumbs_of(reader: Reader, kind: DocumentKind, header: DocumentHeader) -> tuple[Crumb, ...]:
    """Return a contact's way to a document: home, its list, its number."""
    page, text = reader.page, reader.translator.text
    listed = reader.portal.kinds[kind.listed_with] if kind.listed_with else kind
    return (
        Crumb(label=text(lazy_gettext("Home")), url=page.url("home:home")),
        Crumb(label=text(listed.plural), url=page.url(f"{listed.section}:{listed.path}")),
        Crumb(label=header.number),
    )


def _amount(
    header: DocumentHeader, kind: DocumentKind, translator: Translator
) -> tuple[tuple[str, str] | None, str, str]:
    """Return the large amount, what it is, and a second line."""
    formats = translator.formats
    if header.total is None or not kind.has_total:
        return None, "", ""
    due = header.amount_due
    if not has_ledger(kind) or not due or due == header.total:
        return formats.money_parts(header.total, header.currency), "", ""
    label = translator.text(lazy_gettext("Left to pay"))
    note = translator.text(lazy_gettext("of %(total)s")) % {
        "total": formats.money(header.total, header.currency)
    }
    return formats.money_parts(due, header.currency), label, note


def _due_text(
    header: DocumentHeader, kind: DocumentKind, today: date, translator: Translator
) -> str:
    if kind.due_means == "none" or header.due_on is None or not is_open(kind, header.status):
        return ""
    formats = translator.formats
    past, coming = _DUE[kind.due_means]
    left = (header.due_on - today).days
    text = translator.text(past if left < 0 else coming) % {"day": formats.date(header.due_on)}
    if left == 0:
        rest = translator.text(lazy_gettext("today"))
    elif left < 0:
        rest = translator.text(lazy_gettext("%(days)s ago")) % {"days": formats.days(-left)}
    else:
        rest = translator.text(lazy_gettext("%(days)s left")) % {"days": formats.days(left)}
    return f"{text}, {rest}"


def actions_of(
    reader: Reader, document: Document, kind: DocumentKind
) -> Iterable[Declared[DocumentAction]]:
    """Yield what a contact may do with a document now."""
    for declared in allowed_actions(reader, kind):
        if declared.value.available(document, reader.contact):
            yield declared


def allowed_actions(reader: Reader, kind: DocumentKind) -> Iterable[Declared[DocumentAction]]:
    """Yield what a contact may do with documents of a kind, whatever state they are in."""
    context = reader.context
    if not isinstance(context, PortalContext) or context.is_read_only:
        return
    for declared in reader.portal.registry.declarations.actions:
        action = declared.value
        if (
            declared.plugin in context.active_plugins
            and action.audience is Audience.CONTACT
            and (action.kinds is None or kind.name in action.kinds)
            and (action.permission is None or action.permission in context.permissions)
        ):
            yield declared


def action_button(
    reader: Reader, action: DocumentAction, kind: DocumentKind, document_id: str
) -> ActionButton:
    """Return the button of an action."""
    text = reader.translator.text
    return ActionButton(
        name=action.name,
        label=text(action.label),
        url=reader.page.url(page_route(kind, "action"), id=document_id, action=action.name),
        icon=action.icon,
        style=action.style,
        confirm=text(action.confirm) if action.confirm is not None else None,
        template=action.template,
    )


def _links(
    addresses: Addresses, kind: DocumentKind, header: DocumentHeader, translator: Translator
) -> tuple[DocumentLink, ...]:
    return (
        DocumentLink(
            label=translator.text(lazy_gettext("Download PDF")),
            short_label="PDF",
            url=addresses.pdf(kind, header.id),
            icon="download",
            is_download=True,
        ),
        DocumentLink(
            label=translator.text(lazy_gettext("Print")),
            url=addresses.printed(kind, header.id),
            icon="printer",
            is_print=True,
        ),
    )


def _formats(
    reader: Reader, document: Document, kind: DocumentKind, addresses: Addresses
) -> tuple[FormatLink, ...]:
    text = reader.translator.text
    return tuple(
        FormatLink(
            label=text(exporter.title),
            url=addresses.export(kind, document.id, exporter.name),
            reasons=tuple(text(reason) for reason in find_obstacles(exporter, document)),
        )
        for exporter in list_exporters(reader.portal, {kind.name}, reader.context.active_plugins)
    )


def _attachments(
    addresses: Addresses,
    kind: DocumentKind,
    header: DocumentHeader,
    files: Sequence[Attachment],
    translator: Translator,
) -> tuple[AttachmentLink, ...]:
    return tuple(
        AttachmentLink(
            filename=file.filename,
            url=addresses.file(kind, header.id, file.id),
            note=" · ".join(
                (
                    file.description or translator.text(_ROLES[file.role]),
                    translator.formats.filesize(file.size),
                )
            ),
        )
        for file in files
    )
