"""``portalkit plugins``: which plugins are there, what they add, what is wrong with them."""

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import metadata
from typing import IO, Any

import click
from rich.console import Console
from rich.table import Table

from portalkit.cli.application import host_plugins, read_settings
from portalkit.config import PortalConfig
from portalkit.errors import PluginLoadError, PortalError
from portalkit.hooks import Declared, LoadedPlugin, PluginRegistry, inspect_plugins

__all__ = ("PluginCommands", "plugins_group")


class _Problems(click.ClickException):
    """Several things that are wrong, each with a line of its own."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))

    def show(self, file: IO[Any] | None = None) -> None:
        """Print them as click prints one."""
        for problem in self.message.splitlines():
            click.ClickException(problem).show(file)


class PluginCommands(click.Group):
    """The whole command line: its own commands, and those of plugins below their names.

    Plugins are loaded only when a command is asked for that is not the kernel's. Broken ones
    are left out, so that the commands that help with them still work.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what went wrong on purpose is told in one line, like a wrong use.

        Raises:
            click.ClickException: With a line for each problem.
        """
        try:
            return super().invoke(ctx)
        except PortalError as error:
            raise _Problems(str(error)) from error
        except ExceptionGroup as group:
            matched, others = group.split(PortalError)
            if matched is None or others is not None:
                raise
            raise _Problems(*map(str, matched.exceptions)) from group

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, the plugins' after the kernel's."""
        own = super().list_commands(ctx)
        try:
            added, _ = self._added(ctx)
        except PortalError:
            return own
        return [*own, *sorted(added)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command of the kernel or of a plugin.

        Raises:
            click.ClickException: If the plugin of that name is broken.
        """
        own = super().get_command(ctx, cmd_name)
        if own is not None or ctx.resilient_parsing:
            return own
        added, registry = self._added(ctx)
        if cmd_name in registry.broken:
            raise click.ClickException(_reasons(registry.broken[cmd_name]))
        return added.get(cmd_name)

    def _added(self, ctx: click.Context) -> tuple[Mapping[str, click.Command], PluginRegistry]:
        registry = inspect_plugins(read_settings(ctx), host_plugins())
        everything = click.Group(commands=dict(self.commands))
        registry.hooks.register_commands(everything)
        added = {
            name: command
            for name, command in everything.commands.items()
            if name not in self.commands
        }
        return added, registry


@click.group("plugins")
def plugins_group() -> None:
    """Show the plugins of this portal and check them."""


@plugins_group.command("list")
@click.pass_obj
def list_plugins(config: PortalConfig) -> None:
    """List all plugins in load order, and those that are broken."""
    registry = inspect_plugins(config, host_plugins())
    table = Table("Name", "Version", "Package", "Switched by", "State", box=None)
    for plugin in registry.plugins.values():
        switched = "nobody" if plugin.is_kernel else plugin.manifest.activation
        table.add_row(plugin.name, plugin.version or "", plugin.package or "", switched, "ready")
    for name, problems in registry.broken.items():
        table.add_row(name, "", problems[0].package or "", "", f"broken: {problems[0].reason}")
    _console().print(table)


@plugins_group.command("check", short_help="Check all plugins, one line a problem.")
@click.pass_obj
def check_plugins(config: PortalConfig) -> None:
    """Check all plugins; exit with 1 and one line a problem if any is broken."""
    registry = inspect_plugins(config, host_plugins())
    problems = [problem for found in registry.broken.values() for problem in found]
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise click.exceptions.Exit(1)
    click.echo(f"{len(registry.plugins)} plugins are ready")


@plugins_group.command("show")
@click.argument("name")
@click.pass_obj
def show_plugin(config: PortalConfig, name: str) -> None:
    """Show what the plugin NAME is and what it adds."""
    registry = inspect_plugins(config, host_plugins())
    if name in registry.broken:
        raise click.ClickException(_reasons(registry.broken[name]))
    if name not in registry.plugins:
        known = ", ".join(registry.plugins)
        raise click.ClickException(f"there is no plugin {name!r} here (there are: {known})")
    table = Table(box=None, show_header=False)
    for label, value in _facts(registry, registry.plugins[name]):
        if value:
            table.add_row(label, value)
    _console().print(table)


def _facts(registry: PluginRegistry, plugin: LoadedPlugin) -> Iterator[tuple[str, str]]:
    manifest = plugin.manifest
    yield "Name", plugin.name
    yield "Title", str(manifest.title)
    yield "Description", str(manifest.description)
    yield "Package", f"{plugin.package} {plugin.version}" if plugin.package else ""
    yield from _package_facts(plugin)
    yield "Folder", str(plugin.path)
    yield "Requires", ", ".join(manifest.requires)
    yield "Loads after", ", ".join(manifest.after)
    yield "Overrides", ", ".join(manifest.overrides)
    yield "Switched by", "nobody" if plugin.is_kernel else manifest.activation
    yield "Permissions", ", ".join(permission.name for permission in manifest.permissions)
    if manifest.settings is not None:
        yield "Settings", ", ".join(manifest.settings.__struct_fields__)
    yield "Hooks", "\n".join(registry.hooks.hooks_of(plugin.name))
    yield from _declared(registry, plugin.name)


def _package_facts(plugin: LoadedPlugin) -> Iterator[tuple[str, str]]:
    if plugin.package is not None:
        found = metadata(plugin.package).json
        yield "Summary", str(found.get("summary", ""))
        yield "Author", str(found.get("author", found.get("author_email", "")))
        yield "Licence", str(found.get("license_expression", found.get("license", "")))
        yield "Links", "\n".join(found.get("project_url", ()))


def _declared(registry: PluginRegistry, plugin: str) -> Iterator[tuple[str, str]]:
    declarations = registry.declarations
    named: Mapping[str, Iterable[Declared[Any]]] = {
        "Sections": declarations.sections,
        "Home widgets": declarations.widgets,
        "Document kinds": declarations.kinds.values(),
        "Actions": declarations.actions,
        "Importers": declarations.importers,
        "Exporters": declarations.exporters,
    }
    for label, declared in named.items():
        own = [item.value for item in declared if item.plugin == plugin]
        yield label, ", ".join(str(getattr(value, "name", value)) for value in own)


def _reasons(problems: tuple[PluginLoadError, ...]) -> str:
    return "; ".join(str(problem) for problem in problems)


def _console() -> Console:
    # Without a width of its own, rich would fold long reasons where a pipe reads them.
    console = Console(highlight=False, markup=False)
    return console if console.is_terminal else Console(highlight=False, markup=False, width=200)
