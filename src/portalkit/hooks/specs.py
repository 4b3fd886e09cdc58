"""The hooks a plugin may implement: when each is called, with what, and what a failure does.

Implementations are functions with these names, marked with ``hookimpl``. They may leave out
parameters, but not rename, default or invent them; ``async def`` here is ``async def`` there.
"""

from collections.abc import Collection, Iterable

from markupsafe import Markup
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.config import PortalConfig
from portalkit.context import PortalContext, StaffContext
from portalkit.hooks.events import PortalEvent
from portalkit.hooks.markers import hookspec
from portalkit.hooks.privacy import DataFile
from portalkit.hooks.registration_specs import RegistrationSpecs
from portalkit.hooks.types import Portal, Purpose, Slot, SlotRenderer
from portalkit.model import Document

__all__ = ("PortalSpecs",)


class PortalSpecs(RegistrationSpecs):
    """Hook specifications of generation 1, grouped by the moment they are called."""

    @hookspec
    async def portalkit_startup(self, portal: Portal) -> None:
        """Open what the plugin needs while the portal runs.

        Called when the process starts to serve, after migrations were checked, for every
        plugin, in load order.

        Args:
            portal: The running portal.

        Returns:
            Nothing.

        Failure:
            The start fails, with all plugins that failed in one report; those that had
            started are shut down. The time limit is 60 s.
        """
        raise NotImplementedError

    @hookspec
    async def portalkit_shutdown(self, portal: Portal) -> None:
        """Close what ``portalkit_startup`` opened.

        Called when the process stops to serve, for every plugin, in reverse load order.

        Args:
            portal: The running portal.

        Returns:
            Nothing.

        Failure:
            It is logged and the next plugin is called. The time limit is 10 s.
        """
        raise NotImplementedError

    @hookspec
    async def portalkit_deny_permissions(
        self, config: PortalConfig, session: AsyncSession, context: PortalContext
    ) -> Collection[str] | None:
        """Take rights away from who is looking, for example when a contact is overdue.

        Called once a request of a signed-in contact, for plugins that are switched on for
        it, one after another.

        Args:
            config: The host's configuration.
            session: The request's session.
            context: Who is looking, with the permissions of the role.

        Returns:
            Names of permissions to take away, or ``None``; the answers are united. Rights
            can only be taken, never given.

        Failure:
            Fails closed: guarded pages answer 503. The time limit is 5 s.
        """
        raise NotImplementedError

    @hookspec
    def portalkit_restrict_documents(
        self, config: PortalConfig, context: PortalContext, kind: str
    ) -> ColumnElement[bool] | None:
        """Narrow what documents a contact may see.

        Called for every query of documents, so that lists, counts, totals and PDFs agree,
        for plugins that are switched on for the contact. As long as nobody has a condition,
        counts are read from sums that are kept; else the documents are counted each time.

        Args:
            config: The host's configuration.
            context: Who is looking.
            kind: Name of the document kind that is asked for.

        Returns:
            A condition on the document table, or ``None``; all conditions must hold.

        Failure:
            Fails closed: the page answers 503.
        """
        raise NotImplementedError

    @hookspec
    async def portalkit_render_slot(
        self,
        session: AsyncSession,
        context: PortalContext | StaffContext | None,
        slot: Slot,
        subject: object,
        render: SlotRenderer,
    ) -> Markup | None:
        """Put a fragment of HTML into a named place of a page.

        Called for each page view and slot, for plugins that are switched on for who is
        looking and whose manifest does not leave the slot out, one after another.

        Args:
            session: The request's session.
            context: Who is looking; ``None`` on pages before the sign-in.
            slot: The place to fill.
            subject: What the place is about: a ``Document``, the ``DocumentKind`` of a list;
                ``None`` if nothing.
            render: Renders one of the plugin's templates in the reader's language:
                ``render("acme/panel.html", number=3)``; templates get ``page`` too.

        Returns:
            Safe HTML as ``Markup``, or ``None`` to add nothing.

        Failure:
            Fails open: the fragment is left out, the error is logged with the plugin's name
            and the rest of the page still renders. The time limit is 2 s.
        """
        raise NotImplementedError

    @hookspec(firstresult=True)
    def portalkit_choose_template(
        self,
        config: PortalConfig,
        context: PortalContext | StaffContext,
        document: Document,
        purpose: Purpose,
    ) -> str | None:
        """Choose another layout for a document, for one business or customer.

        Called for each sheet that is rendered, for plugins that are switched on, until one
        answers.

        Args:
            config: The host's configuration.
            context: Who is looking.
            document: What is rendered.
            purpose: Whether for the page or for the PDF and what is printed. Templates of
                pages extend ``core/documents/document.html``, those for paper
                ``core/documents/sheet.html``.

        Returns:
            Name of a template as ``owner/file.html``, or ``None`` to leave the choice to
            others; the first answer counts.

        Failure:
            Fails open: the next plugin is asked, at last the kind's own template is used.
        """
        raise NotImplementedError

    @hookspec
    async def portalkit_handle_event(self, portal: Portal, event: PortalEvent) -> None:
        """React to something that has happened, for example tell another system.

        Called after the commit, for plugins that are switched on for the business, at the
        same time as others. Use a session of one's own: ``portal.session()``.

        Args:
            portal: The running portal.
            event: What happened: a frozen value of ids; use ``match`` to tell events apart.

        Returns:
            Nothing.

        Failure:
            It is logged and counted, and no other plugin notices; it is not tried again.
            The time limit is 30 s.
        """
        raise NotImplementedError

    @hookspec
    async def portalkit_export_personal_data(
        self, session: AsyncSession, contact_id: str, person_id: str | None
    ) -> Iterable[DataFile] | None:
        """Hand out what the plugin keeps about a contact or one of its people.

        Called when somebody asks for their data, for every plugin that is loaded, also where
        it is switched off: what it kept before is still there.

        Args:
            session: To read with.
            contact_id: Whose data.
            person_id: Only what is about this person of the contact; ``None`` for all.

        Returns:
            Files for the archive, or ``None``. Nothing about other contacts, no secrets.

        Failure:
            Fails closed: there is no export rather than half of one. The time limit is 60 s.
        """
        raise NotImplementedError

    @hookspec
    async def portalkit_erase_personal_data(
        self, session: AsyncSession, contact_id: str, person_id: str | None
    ) -> None:
        """Forget what the plugin keeps about a contact or one of its people.

        Called before the kernel forgets, in the same transaction, for every plugin that is
        loaded, also where it is switched off. Documents stay, because the law wants them
        kept. An erasure may be tried out and undone: leave a job for what lies elsewhere.

        Args:
            session: To write with; the kernel commits it, or undoes all of it.
            contact_id: Whose data.
            person_id: Only what is about this person of the contact; ``None`` for all.

        Returns:
            Nothing.

        Failure:
            Fails closed: nothing at all is erased. The time limit is 60 s.
        """
        raise NotImplementedError
