"""Every hook as a typed method, with its own answer to failure.

Decorations fail open: what a broken plugin would have added is left out and logged with its
name. Guards fail closed: nobody sees what a broken guard might have hidden.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final, Literal, TypeVar

import click
from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import PortalContext, StaffContext
from portalkit.errors import GuardFailedError, PluginLoadError
from portalkit.hooks.dispatch import Dispatcher, HookCall
from portalkit.hooks.events import PortalEvent
from portalkit.hooks.extensions import extend_with, keeping_environment
from portalkit.hooks.types import Portal, Purpose, Slot
from portalkit.model import Document

__all__ = ("Hooks",)

_T = TypeVar("_T")

_GUARD_SECONDS: Final = 5.0
_SLOT_SECONDS: Final = 2.0
_EVENT_SECONDS: Final = 30.0
_STARTUP_SECONDS: Final = 60.0
_SHUTDOWN_SECONDS: Final = 10.0

Failure = Literal["open", "closed"]
Viewer = PortalContext | StaffContext | None


class Hooks:
    """What the kernel, and plugins with hooks of their own, call plugins through.

    Attributes:
        always_active: Plugins that nobody can switch off at run time.
    """

    def __init__(
        self, dispatcher: Dispatcher, *, always_active: Collection[str] = (), is_safe: bool = False
    ) -> None:
        self.always_active = frozenset(always_active)
        self._dispatcher = dispatcher
        self._is_safe = is_safe
        # Tasks are only weakly held by the loop; these must live until they are done.
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def failures(self) -> dict[tuple[str, str], int]:
        """Failures since the start, by plugin and hook, for health and metrics."""
        return dict(self._dispatcher.failures)

    def has_impls(self, hook: str, *, active: Collection[str] | None = None) -> bool:
        """Say whether anybody implements a hook.

        Args:
            hook: Name of the hook.
            active: Plugins to look at, beside those that are always active; ``None`` for all.

        Raises:
            LookupError: If there is no such hook.
        """
        return self._dispatcher.has_calls(hook, active=self._with_always(active))

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
        arguments = {"session": session, "context": context}
        for call in self._calls("portalkit_deny_permissions", arguments, viewer=context):
            try:
                answer = await self._dispatcher.run_async(call, limit=_GUARD_SECONDS)
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
        arguments = {"context": context, "kind": kind}
        for call in self._calls("portalkit_restrict_documents", arguments, viewer=context):
            try:
                condition = _expect(self._dispatcher.run(call), ColumnElement)
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
        active: Collection[str] | None = None,
    ) -> Markup:
        """Return what plugins put into a slot; empty if nobody adds anything.

        Args:
            session: The request's session; each plugin that takes it works in a savepoint.
            context: Who is looking; ``None`` before the sign-in.
            slot: The place to fill.
            subject: What the place is about.
            active: Plugins to ask; those of the context when left out.
        """
        arguments = {"session": session, "context": context, "slot": slot, "subject": subject}
        fragments: list[Markup] = []
        for call in self._calls("portalkit_render_slot", arguments, viewer=context, active=active):
            fragment = await self._attempt(
                call, limit=_SLOT_SECONDS, expected=Markup, session=session
            )
            if fragment is not None:
                fragments.append(fragment)
        return Markup().join(fragments)

    def choose_template(
        self, context: PortalContext | StaffContext, document: Document, purpose: Purpose
    ) -> str | None:
        """Return the first layout that a plugin chooses; ``None`` for the kind's own."""
        arguments = {"context": context, "document": document, "purpose": purpose}
        for call in self._calls("portalkit_choose_template", arguments, viewer=context):
            try:
                template: str | None = _expect(self._dispatcher.run(call), str)
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

    def collect(
        self,
        hook: str,
        /,
        *,
        active: Collection[str] | None,
        expected: type | tuple[type, ...],
        failure: Failure = "closed",
        **arguments: Any,
    ) -> list[Any]:
        """Call a plain hook that a plugin offers and return all answers but ``None``.

        Args:
            hook: Name of the hook, as in ``manifest.hookspecs``.
            active: Plugins to call, beside those that are always active; ``None`` for all.
            expected: Type of an answer; anything else is a failure.
            failure: ``closed`` refuses everything, ``open`` leaves the failed plugin out.
            arguments: All arguments of the hook.

        Raises:
            GuardFailedError: If a plugin failed and ``failure`` is ``closed``.
            LookupError: If there is no such hook.
        """
        answers: list[Any] = []
        for call in self._dispatcher.calls(hook, arguments, active=self._with_always(active)):
            try:
                answer = _expect(self._dispatcher.run(call), expected)
            except Exception as error:
                if failure == "closed":
                    raise self._refused(call, error) from error
                self._dispatcher.failed(call, error)
                continue
            if answer is not None:
                answers.append(answer)
        return answers

    async def call_all(
        self,
        hook: str,
        /,
        *,
        active: Collection[str] | None,
        expected: type | tuple[type, ...],
        failure: Failure = "closed",
        limit: float = _GUARD_SECONDS,
        **arguments: Any,
    ) -> list[Any]:
        """Call an ``async`` hook that a plugin offers and return all answers but ``None``.

        Args:
            hook: Name of the hook, as in ``manifest.hookspecs``.
            active: Plugins to call, beside those that are always active; ``None`` for all.
            expected: Type of an answer; anything else is a failure.
            failure: ``closed`` refuses everything, ``open`` leaves the failed plugin out.
            limit: Seconds for each plugin.
            arguments: All arguments of the hook.

        Raises:
            GuardFailedError: If a plugin failed and ``failure`` is ``closed``.
            LookupError: If there is no such hook.
        """
        answers: list[Any] = []
        for call in self._dispatcher.calls(hook, arguments, active=self._with_always(active)):
            try:
                answer = _expect(await self._dispatcher.run_async(call, limit=limit), expected)
            except Exception as error:
                if failure == "closed":
                    raise self._refused(call, error) from error
                self._dispatcher.failed(call, error)
                continue
            if answer is not None:
                answers.append(answer)
        return answers

    async def attempt(
        self,
        plugin: str,
        what: str,
        function: Callable[..., Awaitable[_T]],
        *arguments: Any,
        session: AsyncSession | None = None,
        limit: float = _SLOT_SECONDS,
    ) -> _T | None:
        """Call something a plugin declared, such as a widget's ``load``; it fails open.

        Args:
            plugin: Whose it is.
            what: What it is, for the log: ``"home widget sales.pending"``.
            function: What to call.
            arguments: Its arguments.
            session: If it uses the request's session, so that a failure rolls back alone.
            limit: Seconds after which it is cancelled.

        Returns:
            What it returned; ``None`` if it failed, which was logged.
        """
        named = {str(place): value for place, value in enumerate(arguments)}
        call = HookCall(hook=what, plugin=plugin, function=function, arguments=named)
        result: _T | None = await self._attempt(call, limit=limit, expected=object, session=session)
        return result

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

    def _with_always(self, active: Collection[str] | None) -> Collection[str] | None:
        return None if active is None else self.always_active.union(active)

    async def _react(self, call: HookCall) -> None:
        await self._attempt(call, limit=_EVENT_SECONDS)

    async def _attempt(
        self,
        call: HookCall,
        *,
        limit: float,
        expected: type = object,
        session: AsyncSession | None = None,
    ) -> Any:
        try:
            if session is not None and any(v is session for v in call.arguments.values()):
                # On PostgreSQL a failed statement would spoil the page's transaction.
                async with session.begin_nested():
                    result = await self._dispatcher.run_async(call, limit=limit)
            else:
                result = await self._dispatcher.run_async(call, limit=limit)
            return _expect(result, expected)
        except Exception as error:  # noqa: BLE001 - the boundary to a plugin
            self._dispatcher.failed(call, error)
            return None

    def _broken(self, call: HookCall, error: Exception) -> PluginLoadError:
        self._dispatcher.failed(call, error)
        if self._is_safe:
            self._dispatcher.silenced.add(call.plugin)
        problem = PluginLoadError(call.plugin, f"{call.hook} failed: {error!r}")
        problem.__cause__ = error
        return problem

    def _refused(self, call: HookCall, error: Exception) -> GuardFailedError:
        self._dispatcher.failed(call, error)
        return GuardFailedError(call.plugin, call.hook)


def _expect(result: Any, expected: type | tuple[type, ...]) -> Any:
    if result is None or isinstance(result, expected):
        return result
    raise TypeError(f"returned {type(result).__name__}, not {expected}")


def _names(answer: object) -> Collection[str]:
    if answer is None:
        return ()
    # A text is a collection of texts too: "sales.view" would deny "s", "a", "l"...
    if isinstance(answer, str) or not isinstance(answer, Collection):
        raise TypeError(f"returned {type(answer).__name__}, not names of permissions")
    if not all(isinstance(name, str) for name in answer):
        raise TypeError("returned something that is no name of a permission")
    return answer
