"""PDFs that are made before anybody asks for them."""

import logging
from typing import Final

from portalkit.access.businesses import BusinessView, load_business
from portalkit.context import StaffContext
from portalkit.documents.portal import DocumentPortal
from portalkit.documents.queries import get_document
from portalkit.errors import NotFoundError, RenderingError, StorageError
from portalkit.hooks import Purpose

__all__ = ("prepare_pdf",)

_log: Final = logging.getLogger(__name__)


async def prepare_pdf(
    portal: DocumentPortal, business_id: str, document_id: str, *, locale: str
) -> None:
    """Make a document's PDF, as staff would get it, unless something else is being printed.

    Whoever waits for a PDF comes first: what is only prepared never stands in a queue, and
    what cannot be printed or is gone is no more than a line in the log.
    """
    if not portal.pdf.is_idle or locale not in portal.translators:
        return
    try:
        async with portal.reading() as session:
            business = await load_business(session, business_id)
            if business is None:
                return
            context = _office(portal, business, locale)
            document = (await get_document(session, context, document_id)).document
            kind = portal.kinds.get(document.kind)
            if kind is None:
                return
            template = portal.registry.hooks.choose_template(context, document, Purpose.PDF)
            await portal.pdf_cache.get(
                session, business, document, kind, locale=locale, template=template
            )
    except (NotFoundError, RenderingError, StorageError) as error:
        _log.warning("the PDF of document %s was not prepared: %s", document_id, error)


def _office(portal: DocumentPortal, business: BusinessView, locale: str) -> StaffContext:
    """Return who prepares it: nobody in particular, whom plugins ask nothing but the layout."""
    return StaffContext(
        business_id=business.id,
        staff_id="",
        name="",
        role="",
        locale=locale,
        zone=business.timezone,
        currency=business.currency,
        now=portal.now(),
        active_plugins=portal.active_for(business),
    )
