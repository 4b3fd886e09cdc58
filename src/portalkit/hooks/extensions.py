"""Keep what plugins add to templates and to the command line inside their own names."""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import click
import msgspec
from jinja2 import Environment

from portalkit.hooks.dispatch import HookCall

__all__ = ("extend_with", "keeping_environment")


@contextmanager
def keeping_environment(plugin: str, environment: Environment) -> Iterator[None]:
    """Undo what a plugin did to an environment if it failed or reached for what is not its own.

    Raises:
        ValueError: If a name lacks the plugin's prefix, if one was replaced or removed, or if
            a setting such as autoescape was changed.
    """
    registers: tuple[MutableMapping[str, Any], ...] = (
        environment.filters,
        environment.tests,
        environment.globals,
    )
    before = [dict(register) for register in registers]
    settings = _settings(environment)
    try:
        yield
        for register, old in zip(registers, before, strict=True):
            _check_names(plugin, register, old)
        if _settings(environment) != settings:
            raise ValueError("changes settings of the template environment")  # noqa: TRY301
    except Exception:
        for register, old in zip(registers, before, strict=True):
            register.clear()
            register.update(old)
        for name, value in settings.items():
            setattr(environment, name, value)
        raise


def _settings(environment: Environment) -> dict[str, Any]:
    names = ("autoescape", "undefined", "loader", "finalize", "bytecode_cache")
    return {name: getattr(environment, name) for name in names}


def _check_names(plugin: str, register: MutableMapping[str, Any], old: dict[str, Any]) -> None:
    changed = {name for name in old if register.get(name, msgspec.UNSET) is not old[name]}
    if changed:
        raise ValueError(f"replaces or removes {', '.join(sorted(changed))}")
    foreign = {name for name in register.keys() - old if not name.startswith(f"{plugin}_")}
    if foreign:
        raise ValueError(f"adds {', '.join(sorted(foreign))} without the prefix '{plugin}_'")


def extend_with(call: HookCall, group: click.Group, run: Callable[[HookCall], Any]) -> None:
    """Let a plugin fill a group of its own, and put it into ``group`` if it has commands.

    Raises:
        ValueError: If ``group`` has a command of that name already.
    """
    own = click.Group(call.plugin, help=f"Commands of the plugin {call.plugin}.")
    arguments = dict.fromkeys(call.arguments, own)
    run(msgspec.structs.replace(call, arguments=arguments))
    if own.commands:
        if call.plugin in group.commands:
            raise ValueError(f"there is a command {call.plugin!r} already")
        group.add_command(own)
