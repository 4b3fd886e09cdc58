"""Call hook implementations one by one: by plugin, with time limits, a log and a trace.

This is the only module that touches pluggy while the portal runs. pluggy's own calls lose
all results when one implementation raises, return coroutines that nobody awaits, and know
nothing of plugins that are switched off.
"""

import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import pluggy

from portalkit.log import log_event

__all__ = ("Dispatcher", "HookCall")

_SLOW_SECONDS: Final = 0.1
_SHOWN: Final = 80

log = logging.getLogger("portalkit.hooks")


class HookCall(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One implementation, ready to be called with the arguments it asked for."""

    hook: str
    plugin: str
    function: Callable[..., Any]
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        values = ", ".join(f"{name}={_short(value)}" for name, value in self.arguments.items())
        return f"{self.plugin}: {self.hook}({values})"


class Dispatcher:
    """Finds the implementations of a hook and runs each of them apart from the others."""

    def __init__(
        self,
        manager: pluggy.PluginManager,
        *,
        is_traced: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.failures: Counter[tuple[str, str]] = Counter()
        self.silenced: set[str] = set()
        self._manager = manager
        self._is_traced = is_traced
        self._clock = clock
        self._implementations: dict[str, tuple[pluggy.HookImpl, ...]] = {}

    def calls(
        self, hook: str, arguments: Mapping[str, Any], *, active: Collection[str] | None = None
    ) -> Iterator[HookCall]:
        """Yield the calls of a hook: ``tryfirst`` ones, then in load order, then ``trylast``.

        Args:
            hook: Name of the hook.
            arguments: All arguments of the hook; each call takes those it asked for.
            active: Plugins to call; ``None`` for all.

        Raises:
            LookupError: If no loaded plugin and no kernel offers such a hook.
        """
        for implementation in self._of(hook):
            if self._may_call(implementation.plugin_name, active):
                yield HookCall(
                    hook=hook,
                    plugin=implementation.plugin_name,
                    function=implementation.function,
                    arguments={name: arguments[name] for name in implementation.argnames},
                )

    def has_calls(self, hook: str, *, active: Collection[str] | None = None) -> bool:
        """Say whether ``calls`` would yield anything.

        Raises:
            LookupError: If no loaded plugin and no kernel offers such a hook.
        """
        return any(self._may_call(found.plugin_name, active) for found in self._of(hook))

    def hooks_of(self, plugin: str) -> tuple[str, ...]:
        """Return the names of the hooks that a plugin implements."""
        callers = self._manager.get_hookcallers(self._manager.get_plugin(plugin)) or ()
        return tuple(sorted(caller.name for caller in callers))

    def run(self, call: HookCall) -> Any:
        """Call a plain implementation and return what it returned."""
        with self._watch(call) as results:
            results.append(call.function(*call.arguments.values()))
        return results[0]

    async def run_async(self, call: HookCall, *, limit: float | None) -> Any:
        """Await an implementation and return what it returned.

        Args:
            call: Which one.
            limit: Seconds after which it is cancelled with a ``TimeoutError``.
        """
        with self._watch(call) as results:
            async with asyncio.timeout(limit):
                results.append(await call.function(*call.arguments.values()))
        return results[0]

    def failed(self, call: HookCall, error: Exception) -> None:
        """Log and count a failure, with the plugin's name."""
        self.failures[call.plugin, call.hook] += 1
        message = f"plugin {call.plugin} failed in {call.hook}"
        named = {"plugin": call.plugin, "hook": call.hook}
        log_event(log, logging.ERROR, "plugin.failed", message, error=error, **named)

    def _may_call(self, plugin: str, active: Collection[str] | None) -> bool:
        return plugin not in self.silenced and (active is None or plugin in active)

    def _of(self, hook: str) -> tuple[pluggy.HookImpl, ...]:
        found = self._implementations.get(hook)
        if found is None:
            names = [name for name, _ in self._manager.list_name_plugin()]
            caller: pluggy.HookCaller | None = getattr(self._manager.hook, hook, None)
            if caller is None:
                raise LookupError(f"there is no hook {hook!r}")

            def place(implementation: pluggy.HookImpl) -> tuple[int, int]:
                group = implementation.trylast - implementation.tryfirst
                return group, names.index(implementation.plugin_name)

            found = tuple(sorted(caller.get_hookimpls(), key=place))
            self._implementations[hook] = found
        return found

    @contextmanager
    def _watch(self, call: HookCall) -> Iterator[list[Any]]:
        results: list[Any] = []
        started = self._clock()
        try:
            yield results
        finally:
            seconds = self._clock() - started
            if seconds > _SLOW_SECONDS:
                log.warning("plugin %s took %.0f ms in %s", call.plugin, seconds * 1000, call.hook)
            if self._is_traced:
                _trace(call, results, seconds)


def _trace(call: HookCall, results: list[Any], seconds: float) -> None:
    shown = _short(results[0]) if results else "failed"
    sys.stderr.write(f"portalkit hook {call} -> {shown} in {seconds * 1000:.1f} ms\n")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
