"""What the pages of shared documents show; ``core/documents/share*.html`` place it."""

from collections.abc import Callable
from typing import Final

import msgspec

from portalkit.access.colleagues import hold_role
from portalkit.access.share_rules import share_rules
from portalkit.access.sharing import SHARE, ShareLink, list_share_links, make_share_link
from portalkit.audit import Actor
from portalkit.context import PortalContext
from portalkit.documents.pages import Reader
from portalkit.hooks import DocumentKind
from portalkit.i18n import Translator
from portalkit.model import DocumentHeader, Text, lazy_gettext
from portalkit.rendering.page import Crumb

__all__ = ("TOO_MANY", "ConfirmView", "ShareRow", "ShareView", "new_share_link", "share_view")

TOO_MANY: Final = lazy_gettext("This document has too many links that work: end one first.")


class ShareRow(msgspec.Struct, frozen=True, kw_only=True):
    """A link that opens the document now; a POST to ``end_url`` stops it."""

    who: str
    made: str
    until: str
    opened: str
    end_url: str


class ShareView(msgspec.Struct, frozen=True, kw_only=True):
    """The links to a document.

    Attributes:
        url: Where a POST makes another link.
        lasts: How long a new one works: "2 days".
        new_link: The one that was made just now; never shown again.
        end_all_url: Where a POST ends all that work now.
        problem: Why none could be made.
    """

    title: str
    number: str
    url: str
    document_url: str
    lasts: str
    crumbs: tuple[Crumb, ...]
    rows: tuple[ShareRow, ...] = ()
    new_link: str | None = None
    end_all_url: str = ""
    problem: str = ""


class ConfirmView(msgspec.Struct, frozen=True, kw_only=True):
    """The way from looking to acting.

    Attributes:
        email: Where the code goes, so that its owner recognizes it; empty if there is none.
        proof: Goes along with the digits once the code was sent.
        error: What is wrong with the digits.
    """

    number: str
    contact: str
    email: str
    send_url: str
    check_url: str
    document_url: str
    proof: str | None = None
    error: str | None = None


async def new_share_link(reader: Reader, header: DocumentHeader) -> str:
    """Make a link to a document that the reader was found to see; return its address.

    Raises:
        PermissionRefusedError: If a contact's person has lost their role meanwhile.
        InputRefusedError: If the document has too many links, see :data:`TOO_MANY`.
    """
    if isinstance(reader.context, PortalContext):
        # Whoever shuts them out waits, and ends this link too.
        await hold_role(reader.session, reader.context, SHARE)
    letterhead = await reader.portal.letterhead(reader.session, reader.business.id)
    token = await make_share_link(
        reader.session,
        reader.portal.config.secret_keys,
        business_id=header.business_id,
        contact_id=header.contact_id,
        document_id=header.id,
        rules=share_rules(reader.business.settings),
        actor=Actor.of(reader.context),
        now=reader.context.now,
    )
    return f"{letterhead.portal_url}d/{token}"


async def share_view(
    reader: Reader,
    header: DocumentHeader,
    kind: DocumentKind,
    *,
    url: str,
    document_url: str,
    end_url: Callable[[str], str],
    end_all_url: str,
    crumbs: tuple[Crumb, ...],
    new_link: str | None = None,
    problem: Text = "",
) -> ShareView:
    """Put the page of a document's links together.

    Args:
        reader: Who reads it, and may share it.
        header: The document's.
        kind: Its kind.
        url: Of the page.
        document_url: Of the document's page.
        end_url: Turns a link's id into the address that ends it.
        end_all_url: The address that ends all of them.
        crumbs: The way to the page.
        new_link: Address of the link that was made just now.
        problem: Why none could be made.
    """
    links = await list_share_links(
        reader.session,
        business_id=reader.business.id,
        document_id=header.id,
        now=reader.context.now,
    )
    return ShareView(
        title=reader.translator.text(kind.title),
        number=header.number,
        url=url,
        document_url=document_url,
        lasts=_lasts(share_rules(reader.business.settings).hours, reader.translator),
        crumbs=crumbs,
        rows=tuple(_row(link, reader, end_url) for link in links),
        new_link=new_link,
        end_all_url=end_all_url,
        problem=reader.translator.text(problem),
    )


def _lasts(hours: int, translator: Translator) -> str:
    if hours % 24 == 0:
        return translator.formats.days(hours // 24)
    text = translator.ngettext("%(num)s hour", "%(num)s hours", hours)
    return text % {"num": translator.formats.number(hours)}


def _row(link: ShareLink, reader: Reader, end_url: Callable[[str], str]) -> ShareRow:
    translator = reader.translator
    formats = translator.formats
    opened = translator.gettext("Not opened yet")
    if link.uses:
        opened = translator.ngettext("Opened %(num)s time", "Opened %(num)s times", link.uses)
    return ShareRow(
        who=link.actor_name or reader.business.name,
        made=formats.moment(link.created_at, reader.context.zone),
        until=formats.moment(link.expires_at, reader.context.zone),
        opened=opened % {"num": formats.number(link.uses)},
        end_url=end_url(link.id),
    )
