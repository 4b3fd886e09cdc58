"""The hooks that are called once while the portal is loaded: what a plugin declares."""

from collections.abc import Iterable

import click
from jinja2 import Environment

from portalkit.config import PortalConfig
from portalkit.hooks.actions import DocumentAction
from portalkit.hooks.background import EmailTemplate, Job
from portalkit.hooks.calls import PluginCalls
from portalkit.hooks.markers import hookspec
from portalkit.hooks.sign_in import AuthProvider
from portalkit.hooks.types import (
    DocumentExporter,
    DocumentImporter,
    DocumentKind,
    HomeWidget,
    PluginRoute,
    Section,
)

__all__ = ("RegistrationSpecs",)


class RegistrationSpecs:
    """Hook specifications of what is declared; :class:`PortalSpecs` has the others too."""

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
    def portalkit_register_importers(
        self, config: PortalConfig, hooks: PluginCalls
    ) -> Iterable[DocumentImporter]:
        """Add formats that documents can be read from.

        Called once while the portal is loaded, for every plugin, in load order.

        Args:
            config: The host's configuration, already checked.
            hooks: Calls the hooks that the plugin itself offers to others.

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
    def portalkit_register_auth_providers(self, config: PortalConfig) -> Iterable[AuthProvider]:
        """Add ways to sign in with an account of somebody else, such as OpenID Connect.

        Called once while the portal is loaded, for every plugin, in load order. The kernel
        shows the buttons, makes and checks ``state``, ``nonce`` and PKCE, and decides who is
        let in: only people and staff who are known, by an identity that was bound before or,
        if the business says so, by an e-mail address that the provider has verified.

        Args:
            config: The host's configuration, already checked.

        Returns:
            The providers; they are sorted by ``order`` and then by name, and offered where
            the plugin is switched on for the business.

        Failure:
            The plugin counts as broken and the start fails. A provider that fails later lets
            nobody in, which is logged with the plugin's name; ``begin`` and ``complete`` have
            15 s.
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
