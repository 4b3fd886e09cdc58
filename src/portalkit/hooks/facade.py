"""Every hook as a typed method, with its own answer to failure.

Decorations fail open: what a broken plugin would have added is left out and logged with its
name. Guards fail closed: nobody sees what a broken guard might have hidden.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import click
from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.config import PortalConfig
from portalkit.context import PortalContext, StaffContext
from portalkit.errors import ConfigError, PluginLoadError
from portalkit.hooks.calls import GUARD_SECONDS, SLOT_SECONDS, PluginCalls, expect
from portalkit.hooks.dispatch import Dispatcher, HookCall
from portalkit.hooks.events import PortalEvent
from portalkit.hooks.extensions import extend_with, keeping_environment
from portalkit.hooks.privacy import DataFile
from portalkit.hooks.types import Portal, Purpose, Slot, SlotRenderer
from portalkit.model import Document

__all__ = ("Hooks",)

_EVENT_SECONDS: Final = 30.0
_STARTUP_SECONDS: Final = 60.0
_SHUTDOWN_SECONDS: Final = 10.0
_PRIVACY_SECONDS: Final = 60.0

Viewer = PortalContext | StaffContext | None


class Hooks(PluginCalls):
    """What the kernel calls plugins through: a method for each of its hooks."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        config: PortalConfig,
        always_active: Collection[str] = (),
        slots: Mapping[str, Collection[Slot]] | None = None,
    ) -> None:
        super().__init__(dispatcher, always_active=always_active)
        self._slots = slots or {}
        self._config = config
        self._is_safe = config.safe_mode
        # Tasks are only weakly held by the loop; these must live until they are done.
        self._tasks: set[asyncio.Task[None]] = set()

    async def startup(self, portal: Portal) -> None:
        """Start all plugins in load order.

        Raises:
            ExceptionGroup: One ``PluginLoadError`` for each plugin that failed; what had
                started is shut down again. In safe mode they are silenced instead.
        """
        problems: list[PluginLoadError] = []
        for call in self._dispatcher.calls("portalkit_startup", {"portal": portal}):
            try:
                await self._dispatcher.run_async(call, limit=_STARTUP_SECONDS)
            except Exception as error:  # noqa: BLE001 - the boundary to a plugin
                problems.append(self._broken(call, error))
        if problems and not self._is_safe:
            self._dispatcher.silenced.update(problem.plugin for problem in problems)
            await self.shutdown(portal)
            raise ExceptionGroup("plugins could not start", problems)

    async def shutdown(self, portal: Portal) -> None:
        """Shut all plugins down in reverse load order; failures are logged."""
        calls = list(self._dispatcher.calls("portalkit_shutdown", {"portal": portal}))
        for call in reversed(calls):
            await self._attempt(call, limit=_SHUTDOWN_SECONDS)

    def extend_templates(self, environment: Environment) -> None:
        """Let plugins add filters, tests and globals, each in its own namespace.

        Raises:
            ExceptionGroup: One ``PluginLoadError`` for each plugin that failed. In safe mode
                what it did is undone instead, and it is silenced.
        """
        problems: list[PluginLoadError] = []
        arguments = {"environment": environment}
        for call in self._dispatcher.calls("portalkit_extend_templates", arguments):
            try:
                with keeping_environment(call.plugin, environment):
                    self._dispatcher.run(call)
            except Exception as error:  # noqa: BLE001 - the boundary to a plugin
                problems.append(self._broken(call, error))
        if problems and not self._is_safe:
            raise ExceptionGroup("plugins could not extend the templates", problems)

    def register_commands(self, group: click.Group) -> None:
        """Put each plugin's commands into a group named like the plugin.

        Raises:
            ExceptionGroup: One ``PluginLoadError`` for each plugin that failed. In safe mode
                they are silenced instead.
        """
        problems: list[PluginLoadError] = []
        for call in self._dispatcher.calls("portalkit_register_commands", {"cli": None}):
            try:
                extend_with(call, group, self._dispatcher.run)
            except Exception as error:  # noqa: BLE001 - the boundary to a plugin
                problems.append(self._broken(call, error))
        if problems and not self._is_safe:
            raise ExceptionGroup("plugins could not add commands", problems)

    async def deny_permissions(
        self, session: AsyncSession, context: PortalContext
    ) -> frozenset[str]:
        """Return the permissions that plugins take away from who is looking.

        Raises:
            GuardFailedError: If a plugin failed, took too long or answered nonsense.
        """
        denied: set[str] = set()
        arguments = {"config": self._config, "session": session, "context": context}
        for call in self._calls("portalkit_deny_permissions", arguments, viewer=context):
            try:
                answer = await self._dispatcher.run_async(call, limit=GUARD_SECONDS)
                denied.update(_names(answer))
            except Exception as error:
                raise self._refused(call, error) from error
        return frozenset(denied)

    def restrict_documents(self, context: PortalContext, kind: str) -> list[ColumnElement[bool]]:
        """Return the conditions of plugins on the documents of a kind; all must hold.

        Raises:
            GuardFailedError: If a plugin failed or answered something else.
        """
        conditions: list[ColumnElement[bool]] = []
        arguments = {"config": self._config, "context": context, "kind": kind}
        for call in self._calls("portalkit_restrict_documents", arguments, viewer=context):
            try:
                condition = expect(self._dispatcher.run(call), ColumnElement)
            except Exception as error:
                raise self._refused(call, error) from error
            if condition is not None:
                conditions.append(condition)
        return conditions

    async def render_slot(
        self,
        session: AsyncSession,
        context: Viewer,
        slot: Slot,
        subject: object = None,
        *,
        render: SlotRenderer,
        active: Collection[str] | None = None,
    ) -> Markup:
        """Return what plugins put into a slot; empty if nobody adds anything.

        Args:
            session: The request's session; each plugin that takes it works in a savepoint.
            context: Who is looking; ``None`` before the sign-in.
            slot: The place to fill.
            subject: What the place is about.
            render: Renders a template for who is looking.
            active: Plugins to ask; those of the context when left out.
        """
        arguments = {
            "session": session,
            "context": context,
            "slot": slot,
            "subject": subject,
            "render": render,
        }
        fragments: list[Markup] = []
        for call in self._calls("portalkit_render_slot", arguments, viewer=context, active=active):
            if slot not in self._slots.get(call.plugin, Slot):
                continue
            fragment = await self._attempt(
                call, limit=SLOT_SECONDS, expected=Markup, session=session
            )
            if fragment is not None:
                fragments.append(fragment)
        return Markup().join(fragments)

    def choose_template(
        self, context: PortalContext | StaffContext, document: Document, purpose: Purpose
    ) -> str | None:
        """Return the first layout that a plugin chooses; ``None`` for the kind's own."""
        arguments = {
            "config": self._config,
            "context": context,
            "document": document,
            "purpose": purpose,
        }
        for call in self._calls("portalkit_choose_template", arguments, viewer=context):
            try:
                template: str | None = expect(self._dispatcher.run(call), str)
            except Exception as error:  # noqa: BLE001 - the boundary to a plugin
                self._dispatcher.failed(call, error)
                continue
            if template is not None:
                return template
        return None

    async def handle_event(
        self, portal: Portal, event: PortalEvent, *, active: Collection[str] | None = None
    ) -> None:
        """Tell plugins what has happened, all at the same time.

        Args:
            portal: The running portal.
            event: What happened.
            active: Plugins to tell, beside those that are always active; ``None`` for all.
        """
        arguments = {"portal": portal, "event": event}
        calls = self._dispatcher.calls(
            "portalkit_handle_event", arguments, active=self._with_always(active)
        )
        tasks = {asyncio.create_task(self._react(call)) for call in calls}
        if tasks:
            self._tasks |= tasks
            for task in tasks:
                task.add_done_callback(self._tasks.discard)
            # Unlike gather, wait leaves the others alone when this request is cancelled.
            await asyncio.wait(tasks)

    async def export_personal_data(
        self, session: AsyncSession, contact_id: str, person_id: str | None
    ) -> Sequence[tuple[str, DataFile]]:
        """Return what plugins keep about somebody, each file with the plugin's name.

        Raises:
            ConfigError: In safe mode, which may have left a plugin out.
            GuardFailedError: If a plugin failed, took too long or answered nonsense.
        """
        files: list[tuple[str, DataFile]] = []
        for call in self._privacy_calls("export", session, contact_id, person_id):
            try:
                answer = await self._dispatcher.run_async(call, limit=_PRIVACY_SECONDS)
                files += [(call.plugin, file) for file in _files(answer)]
            except Exception as error:
                raise self._refused(call, error) from error
        return files

    async def erase_personal_data(
        self, session: AsyncSession, contact_id: str, person_id: str | None
    ) -> None:
        """Let every plugin forget what it keeps about somebody, in the session's transaction.

        Raises:
            ConfigError: In safe mode, which may have left a plugin out.
            GuardFailedError: If a plugin failed or took too long: undo the transaction.
        """
        for call in self._privacy_calls("erase", session, contact_id, person_id):
            try:
                await self._dispatcher.run_async(call, limit=_PRIVACY_SECONDS)
            except Exception as error:
                raise self._refused(call, error) from error

    def _privacy_calls(
        self, verb: str, session: AsyncSession, contact_id: str, person_id: str | None
    ) -> list[HookCall]:
        if self._is_safe:
            raise ConfigError("safe_mode", "may leave out a plugin that keeps personal data")
        arguments = {"session": session, "contact_id": contact_id, "person_id": person_id}
        return list(self._dispatcher.calls(f"portalkit_{verb}_personal_data", arguments))

    def _calls(
        self,
        hook: str,
        arguments: dict[str, Any],
        *,
        viewer: Viewer,
        active: Collection[str] | None = None,
    ) -> list[HookCall]:
        if active is None:
            active = frozenset() if viewer is None else viewer.active_plugins
        return list(self._dispatcher.calls(hook, arguments, active=self._with_always(active)))

    async def _react(self, call: HookCall) -> None:
        await self._attempt(call, limit=_EVENT_SECONDS)

    def _broken(self, call: HookCall, error: Exception) -> PluginLoadError:
        self._dispatcher.failed(call, error)
        if self._is_safe:
            self._dispatcher.silenced.add(call.plugin)
        problem = PluginLoadError(call.plugin, f"{call.hook} failed: {error!r}")
        problem.__cause__ = error
        return problem


def _names(answer: object) -> Collection[str]:
    if answer is None:
        return ()
    # A text is a collection of texts too: "sales.view" would deny "s", "a", "l"...
    if isinstance(answer, str) or not isinstance(answer, Collection):
        raise TypeError(f"returned {type(answer).__name__}, not names of permissions")
    if not all(isinstance(name, str) for name in answer):
        raise TypeError("returned something that is no name of a permission")
    return answer


def _files(answer: object) -> Iterable[DataFile]:
    if answer is None:
        return ()
    if not isinstance(answer, Iterable):
        raise TypeError(f"returned {type(answer).__name__}, not files")
    files = list(answer)
    if not all(isinstance(file, DataFile) for file in files):
        raise TypeError("returned something that is no file")
    names = {file.name for file in files}
    if len(names) != len(files):
        raise ValueError("returned two files of one name")
    return files
