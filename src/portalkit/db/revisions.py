"""Who owns migrations, and which of them a database has; read without importing Alembic."""

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol

import msgspec
from sqlalchemy import Connection, inspect, text

__all__ = (
    "KERNEL",
    "HasPlugins",
    "Owner",
    "PluginFolder",
    "current_revisions",
    "is_pending",
    "owner_of_table",
    "owners_of",
    "read_revisions",
)

KERNEL: Final = "portalkit"
"""Owner of the kernel's own tables."""

_VERSION_TABLE: Final = "portalkit_version"


class PluginFolder(Protocol):
    """What migrations need of a plugin."""

    @property
    def name(self) -> str:
        """The plugin's name."""
        ...

    @property
    def path(self) -> Path:
        """The folder of its package."""
        ...


class HasPlugins(Protocol):
    """What migrations need of a plugin registry."""

    @property
    def plugins(self) -> Mapping[str, PluginFolder]:
        """The plugins by name; a plugin comes after those it requires."""
        ...


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """The kernel or a plugin, with its migrations and the table that says how far they are.

    A table for each owner: with one for all, nothing could be upgraded any more once a plugin
    whose revisions it names is uninstalled.
    """

    name: str
    folder: Path
    version_table: str


def owners_of(registry: HasPlugins) -> list[Owner]:
    """Return the kernel and all plugins that have migrations, in the order to upgrade them."""
    owners = [
        Owner(
            name=KERNEL,
            folder=Path(__file__).parent / "migrations" / "versions",
            version_table=_VERSION_TABLE,
        )
    ]
    for plugin in registry.plugins.values():
        folder = plugin.path / "migrations" / "versions"
        if folder.is_dir():
            table = f"{_VERSION_TABLE}_{plugin.name}"
            owners.append(Owner(name=plugin.name, folder=folder, version_table=table))
    return owners


def owner_of_table(table: str, names: Collection[str]) -> str | None:
    """Return the owner of a table by its prefix, the longest that fits; ``None`` for nobody.

    Version tables belong to nobody: they are made by the migrations themselves.
    """
    if table == _VERSION_TABLE or table.startswith(f"{_VERSION_TABLE}_"):
        return None
    fitting = [name for name in (*names, KERNEL) if table.startswith(f"{name}_")]
    return max(fitting, key=len, default=None)


def read_revisions(folder: Path) -> dict[str, tuple[str, ...]]:
    """Read the revisions of a folder, each with those it comes after, without running them."""
    found: dict[str, tuple[str, ...]] = {}
    for file in sorted(folder.glob("*.py")):
        values = dict(_constants(file))
        revision, down = values.get("revision"), values.get("down_revision")
        if isinstance(revision, str):
            parents = (down,) if isinstance(down, str) else down
            found[revision] = tuple(parents) if isinstance(parents, tuple | list) else ()
    return found


def _constants(file: Path) -> Iterator[tuple[str, object]]:
    # They stand above the functions, which are long and read at every start.
    head = file.read_text("utf-8").partition("\ndef ")[0]
    for node in ast.parse(head, filename=str(file)).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        if name in {"revision", "down_revision"}:
            yield name, ast.literal_eval(value)


def current_revisions(connection: Connection, owner: Owner) -> tuple[str, ...]:
    """Return the revisions that a database is at; empty before the first upgrade."""
    if not inspect(connection).has_table(owner.version_table):
        return ()
    # The name is ours: a constant and a plugin's name, which the registry has checked.
    statement = text(f"SELECT version_num FROM {owner.version_table}")  # noqa: S608
    return tuple(sorted(connection.scalars(statement)))


def is_pending(current: Collection[str], revisions: Mapping[str, tuple[str, ...]]) -> bool:
    """Say whether there are revisions that a database does not have yet.

    A database that knows revisions we do not is newer than this code, which can run on it:
    migrations first add, and take away one release later.
    """
    if any(revision not in revisions for revision in current):
        return False
    applied: set[str] = set()
    waiting = list(current)
    while waiting:
        revision = waiting.pop()
        if revision not in applied:
            applied.add(revision)
            waiting.extend(revisions[revision])
    return applied != revisions.keys()
