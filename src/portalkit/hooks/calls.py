"""Call what plugins offer and declare, with a limit, a policy of failure and a log."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final, Literal, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.errors import GuardFailedError
from portalkit.hooks.dispatch import Dispatcher, HookCall

__all__ = ("GUARD_SECONDS", "SLOT_SECONDS", "PluginCalls", "expect")

_T = TypeVar("_T")

GUARD_SECONDS: Final = 5.0
"""Limit of one plugin in a hook that access or a decision depends on."""

SLOT_SECONDS: Final = 2.0
"""Limit of one plugin in what decorates a page."""

Failure = Literal["open", "closed"]


class PluginCalls:
    """Calls for kernel and plugins alike: hooks that a plugin offers, things it declared.

    Attributes:
        always_active: Plugins that nobody can switch off at run time.
    """

    def __init__(self, dispatcher: Dispatcher, *, always_active: Collection[str] = ()) -> None:
        self.always_active = frozenset(always_active)
        self._dispatcher = dispatcher

    @property
    def failures(self) -> dict[tuple[str, str], int]:
        """Failures since the start, by plugin and hook, for health and metrics."""
        return dict(self._dispatcher.failures)

    def hooks_of(self, plugin: str) -> tuple[str, ...]:
        """Return the names of the hooks that a plugin implements."""
        return self._dispatcher.hooks_of(plugin)

    def has_impls(self, hook: str, *, active: Collection[str] | None = None) -> bool:
        """Say whether anybody implements a hook.

        Args:
            hook: Name of the hook.
            active: Plugins to look at, beside those that are always active; ``None`` for all.

        Raises:
            LookupError: If there is no such hook.
        """
        return self._dispatcher.has_calls(hook, active=self._with_always(active))

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
                answer = expect(self._dispatcher.run(call), expected)
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
        limit: float = GUARD_SECONDS,
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
                answer = expect(await self._dispatcher.run_async(call, limit=limit), expected)
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
        expected: type = object,
        session: AsyncSession | None = None,
        limit: float = SLOT_SECONDS,
    ) -> _T | None:
        """Call something a plugin declared, such as a widget's ``load``; it fails open.

        Args:
            plugin: Whose it is.
            what: What it is, for the log: ``"home widget sales.pending"``.
            function: What to call.
            arguments: Its arguments.
            expected: Type of its answer; anything else but ``None`` is a failure.
            session: If it uses the request's session, so that a failure rolls back alone.
            limit: Seconds after which it is cancelled.

        Returns:
            What it returned; ``None`` if it failed, which was logged.
        """
        named = {str(place): value for place, value in enumerate(arguments)}
        call = HookCall(hook=what, plugin=plugin, function=function, arguments=named)
        result: _T | None = await self._attempt(
            call, limit=limit, expected=expected, session=session
        )
        return result

    def _with_always(self, active: Collection[str] | None) -> Collection[str] | None:
        return None if active is None else self.always_active.union(active)

    async def _attempt(
        self,
        call: HookCall,
        *,
        limit: float,
        expected: type = object,
        session: AsyncSession | None = None,
    ) -> Any:
        try:
            return expect(await self._run_unspoilt(call, limit, session), expected)
        except Exception as error:  # noqa: BLE001 - the boundary to a plugin
            self._dispatcher.failed(call, error)
            return None

    async def _run_unspoilt(
        self, call: HookCall, limit: float, session: AsyncSession | None
    ) -> Any:
        """Leave the request's session usable when a plugin that was given it fails.

        On PostgreSQL a failed statement spoils the transaction, on both databases a statement
        that was cut off spoils the connection. A page that only reads starts anew in that case;
        one that writes gives the plugin a savepoint, which costs two statements.
        """
        if session is None or not any(value is session for value in call.arguments.values()):
            return await self._dispatcher.run_async(call, limit=limit)
        if session.get_bind().get_execution_options().get("portalkit_write", True):
            async with session.begin_nested():
                return await self._dispatcher.run_async(call, limit=limit)
        try:
            return await self._dispatcher.run_async(call, limit=limit)
        except Exception:
            await _start_anew(session)
            raise

    def _refused(self, call: HookCall, error: Exception) -> GuardFailedError:
        self._dispatcher.failed(call, error)
        return GuardFailedError(call.plugin, call.hook)


async def _start_anew(session: AsyncSession) -> None:
    try:
        # Behind the session's back, so that it does not forget what it has loaded.
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(text("ROLLBACK"))
        await session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        await session.rollback()


def expect(result: Any, expected: type | tuple[type, ...]) -> Any:
    """Return a plugin's answer if it is ``None`` or of the expected type.

    Raises:
        TypeError: If it is something else.
    """
    if result is None or isinstance(result, expected):
        return result
    raise TypeError(f"returned {type(result).__name__}, not {expected}")
