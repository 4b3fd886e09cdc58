"""Compare tables with models, and write the difference down as a migration."""

from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.types import TypeDecorator

from portalkit.db.migrate import reading
from portalkit.db.revisions import HasPlugins, owner_of_table, owners_of, read_revisions

__all__ = ("schema_differences", "write_revision")

_TEMPLATE = '''"""{message}"""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


def schema_differences(
    target: str | Connection, registry: HasPlugins, owner: str, metadata: MetaData
) -> list[Any]:
    """Return how an owner's tables differ from its models, as Alembic's diff entries.

    Args:
        target: A migrated database.
        registry: The loaded plugins.
        owner: ``portalkit`` or the name of a plugin.
        metadata: Of the models, which must have been imported.
    """
    with reading(target) as connection:
        context = _context(connection, registry, owner, metadata)
        return list(compare_metadata(context, metadata))


def write_revision(
    target: str | Connection,
    registry: HasPlugins,
    owner: str,
    metadata: MetaData,
    message: str,
) -> Path:
    """Write a migration that brings an owner's tables to what its models say.

    The result is a draft to read and correct.

    Args:
        target: A database to which all earlier migrations were applied.
        registry: The loaded plugins.
        owner: ``portalkit`` or the name of a plugin.
        metadata: Of the models, which must have been imported.
        message: What the migration does; the file is named after it.

    Raises:
        LookupError: If the owner has no folder ``migrations/versions``, or nothing differs.
    """
    found = {candidate.name: candidate for candidate in owners_of(registry)}.get(owner)
    if found is None:
        raise LookupError(f"{owner} has no folder migrations/versions")
    with reading(target) as connection:
        script = produce_migrations(_context(connection, registry, owner, metadata), metadata)
    if script.upgrade_ops is None or script.downgrade_ops is None or script.upgrade_ops.is_empty():
        raise LookupError(f"the tables of {owner} are what its models say")
    revisions = read_revisions(found.folder)
    number = len(revisions) + 1
    heads = sorted(revisions.keys() - {down for downs in revisions.values() for down in downs})
    # SQLite can only rebuild a table to alter it, but nothing is altered in the first one.
    options: dict[str, Any] = {"render_as_batch": number > 1, "render_item": _render_item}
    content = _TEMPLATE.format(
        message=message,
        revision=f"{owner}_{number:04}",
        down=tuple(heads) if len(heads) > 1 else next(iter(heads), None),
        upgrade=_code(script.upgrade_ops, options),
        downgrade=_code(script.downgrade_ops, options),
    )
    path = found.folder / f"{number:04}_{'_'.join(message.lower().split())}.py"
    path.write_text(content, "utf-8")
    return path


def _context(
    connection: Connection, registry: HasPlugins, owner: str, metadata: MetaData
) -> MigrationContext:
    plugins = tuple(registry.plugins)
    hidden = _virtual_tables(connection)

    def is_own(name: str | None, type_: str, parents: object) -> bool:  # noqa: ARG001 - theirs
        if type_ != "table" or name is None:
            return True
        return owner_of_table(name, plugins) == owner and not name.startswith(hidden)

    def is_wanted(item: Any, name: str | None, type_: str, is_reflected: bool, _: object) -> bool:
        if type_ == "index" and is_reflected and item.dialect_options["postgresql"]["using"]:
            # Indexes for searching exist on one of the databases only.
            return bool(item.dialect_options["postgresql"]["using"] == "btree")
        return is_own(name, type_, None)

    options = {
        "include_name": is_own,
        "include_object": is_wanted,
        "target_metadata": metadata,
        "compare_type": True,
    }
    return MigrationContext.configure(connection, opts=options)


def _virtual_tables(connection: Connection) -> tuple[str, ...]:
    """Return the full-text tables of SQLite; their shadows start with the same name."""
    if connection.dialect.name != "sqlite":
        return ()
    statement = text("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
    return tuple(connection.scalars(statement))


def _render_item(type_: str, item: Any, context: object) -> str | Literal[False]:  # noqa: ARG001 - theirs
    # A migration must not depend on classes that may change: it names what they stand for.
    if type_ == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def _code(operations: Any, options: dict[str, Any]) -> str:
    lines = render_python_code(operations, **options).strip().splitlines()
    return "\n".join(line for line in lines if "# ###" not in line).strip()
