"""The hooks a plugin may implement: when each is called, with what, and what a failure does.

Implementations are functions with these names, marked with ``hookimpl``. They may leave out
parameters, but not rename, default or invent them; ``async def`` here is ``async def`` there.
"""

from collections.abc import Collection, Iterable

import click
from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.config import PortalConfig
from portalkit.context import PortalContext, StaffContext
from portalkit.hooks.actions import DocumentAction
from portalkit.hooks.background import EmailTemplate, Job
from portalkit.hooks.events import PortalEvent
from portalkit.hooks.markers import hookspec
from portalkit.hooks.types import (
    DocumentExporter,
    DocumentImporter,
    DocumentKind,
    HomeWidget,
    PluginRoute,
    Portal,
    Purpose,
    Section,
    Slot,
    SlotRenderer,
)
from portalkit.model import Document

__all__ = ("PortalSpecs",)


class PortalSpecs:
    """Hook specifications of generation 1, grouped by the moment they are called."""

    @hookspec
    def portalkit_register_sections(self, config: PortalConfig) -> Iterable[Section]:
        """Add sections with their pages and their entries in the navigation.

        Called once while the portal is loaded, for every plugin, in load order.

        Args:
            config: The host's configuration, already checked.

        Returns:
            The sections; they are sorted by ``order`` and then by name.

        Failure:
            The plugin counts as broken and the start fails.
        """
        raise NotImplementedError

    @hookspec
    def portalkit_register_routes(self, config: PortalConfig) -> Iterable[PluginRoute]:
        """Add pages without a section, below ``/-/<plugin>/``: webhooks and callbacks.

        Called once while the portal is loaded, for every plugin, in load order.

        Args:
            config: The host's configuration, already checked.

        Returns:
            The routes; they answer 404 where the plugin is switched off.

        Failure:
            The plugin counts as broken and the start fails.
        """
        raise NotImplementedError

    @hookspec
    def portalkit_register_home_widgets(self, config: PortalConfig) -> Iterable[HomeWidget]:
        """Add parts to the home page.

        Called once while the portal is loaded, for every plugin, in load order.

        Args:
            config: The host's configuration, already checked.

        Returns:
            The widgets; they are sorted by ``order`` and then by name.

        Failure:
            The plugin counts as broken and the start fails.
        """
        raise NotImplementedError

    @hookspec
    def portalkit_register_document_kinds(self, config: PortalConfig) -> Iterable[DocumentKind]:
        """Add sorts of documents: how they are called, listed and shown.

        Called once while the portal is loaded, for every plugin, in load order.

        Args:
            config: The host's configuration, already checked.

        Returns:
            The kinds; a name belongs to one plugin only.

        Failure:
            The plugin counts as broken and the start fails.
        """
        raise NotImplementedError

    @hookspec
    def portalkit_register_document_actions(self, config: PortalConfig) -> Iterable[DocumentAction]:
        """Add buttons to the pages of documents, of one's own kinds or of others'.

        Called once while the portal is loaded, for every plugin, in load order.

        Args:
            config: The host's configuration, already checked.

        Returns:
            The actions; they are sorted by ``order`` and then by name.

        Failure:
            The plugin counts as broken and the start fails.
        """
        raise NotImplementedError

    @hookspec
    def portalkit_register_importers(self, config: PortalConfig) -> Iterable[DocumentImporter]:
        """Add formats that documents can be read from.

        Called once while the portal is loaded, for every plugin, in load order.

        Args:
            config: The host's configuration, already checked.

        Returns:
            The importers; they are asked in the order of their names.

        Failure:
            The plugin counts as broken and the start fails.
        """
        raise NotImplementedError

    @hookspec
    def portalkit_register_document_exporters(
        self, config: PortalConfig
    ) -> Iterable[DocumentExporter]:
        """Add formats that documents can be downloaded in.

        Called once while the portal is loaded, for every plugin, in load order. A document's
        page offers each format for the kinds that it names; what its ``obstacles`` says stands
        beside it, and ``export`` raises ``ExportRefusedError`` with every reason why a
        document cannot be expressed. The kernel decides who may have the file, names it and
        keeps a record.

        Args:
            config: The host's configuration, already checked.

        Returns:
            The exporters; they are offered in the order of their names.

        Failure:
            The plugin counts as broken and the start fails.
        """
        raise NotImplementedError

    @hookspec
    def portalkit_register_jobs(self, config: PortalConfig) -> Iterable[Job]:
        """Add work that is done in the background, when it is left there or by the clock.

        Called once while the portal is loaded, for every plugin, in load order.

        Args:
            config: The host's configuration, already checked.

        Returns:
            The jobs; their names start with ``<plugin>.``.

        Failure:
            The plugin counts as broken and the start fails.
        """
        raise NotImplementedError

    @hookspec
    def portalkit_register_email_templates(self, config: PortalConfig) -> Iterable[EmailTemplate]:
        """Add sorts of mail, whose words each business may edit.

        Called once while the portal is loaded, for every plugin, in load order.

        Args:
            config: The host's configuration, already checked.

        Returns:
            The templates; their names start with ``<plugin>.``.

        Failure:
            The plugin counts as broken and the start fails.
        """
        raise NotImplementedError

    @hookspec
    def portalkit_register_commands(self, cli: click.Group) -> None:
        """Add commands below ``portalkit <plugin>``.

        Called when the command line starts, for every plugin, in load order.

        Args:
            cli: The plugin's own group; it appears if it has commands afterwards. Commands
                get the configuration with ``click.pass_obj``.

        Returns:
            Nothing.

        Failure:
            The plugin counts as broken and the command ends with an error.
        """
        raise NotImplementedError

    @hookspec
    def portalkit_extend_templates(self, environment: Environment) -> None:
        """Add filters, tests and globals to the templates.

        Called once for each language while the portal is built, for every plugin, in load
        order. Names start with ``<plugin>_``; nothing that exists may be replaced. Languages
        share compiled templates: mark a filter whose answer depends on the language with
        ``jinja2.pass_context``, so that it is never worked out in advance.

        Args:
            environment: The environment of one language.

        Returns:
            Nothing.

        Failure:
            The plugin counts as broken and the start fails.
        """
        raise NotImplementedError

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
