"""What the pages of documents need of the running portal."""

from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.businesses import BusinessView
from portalkit.audit import OnceKeys
from portalkit.documents.busy import RunningArchives
from portalkit.documents.frames import ListFrames
from portalkit.documents.pdf import PdfCache, PdfPortal
from portalkit.documents.visibility import ViewerPortal
from portalkit.hooks import PluginRegistry, Portal
from portalkit.mail import Letterhead
from portalkit.rendering.static import StaticFiles

__all__ = ("DocumentPortal",)


class DocumentPortal(ViewerPortal, PdfPortal, Portal, Protocol):
    """The running portal, as far as documents are concerned."""

    registry: PluginRegistry
    pdf_cache: PdfCache
    frames: ListFrames
    static: StaticFiles
    noted: OnceKeys

    async def letterhead(self, session: AsyncSession, business_id: str) -> Letterhead:
        """Return how a business looks in its mails, and the address of its portal."""
        ...

    @property
    def archives(self) -> RunningArchives:
        """Who is being sent an archive by this process."""
        ...

    def offered_locales(self, wanted: Sequence[str]) -> Sequence[str]:
        """Return those of the languages that the portal has; at least one, its own first."""
        ...

    def active_for(self, business: BusinessView) -> frozenset[str]:
        """Return the plugins that are switched on for a business."""
        ...

    def now(self) -> datetime:
        """Return the current moment."""
        ...

    def schedule_events(self, session: AsyncSession) -> None:
        """Hand what has happened in a committed session to the plugins."""
        ...

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something after the answer."""
        ...
