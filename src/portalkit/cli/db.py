"""``portalkit db``: bring the database up to date, and say whether it is."""

import importlib
import importlib.util
import pkgutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

import portalkit
from portalkit.cli.application import host_plugins
from portalkit.config import PortalConfig
from portalkit.db import Base, configure_engine, sync_url
from portalkit.db.migrate import current, pending, upgrade
from portalkit.hooks import load_plugins

__all__ = ("db_group", "import_models")


@click.group("db")
def db_group() -> None:
    """Bring the database up to date and say whether it is."""


@db_group.command("upgrade", short_help="Upgrade the tables of kernel and plugins.")
@click.pass_obj
def upgrade_database(config: PortalConfig) -> None:
    """Upgrade the tables of the kernel and of all plugins, in load order."""
    with _one_line_errors():
        changed = upgrade(config.database_url, load_plugins(config, host_plugins()))
    click.echo(f"upgraded: {', '.join(changed)}" if changed else "nothing to upgrade")


@db_group.command("status", short_help="Show whether migrations are pending.")
@click.pass_obj
def show_status(config: PortalConfig) -> None:
    """Show what each owner's tables are at; exit with 1 if migrations are pending."""
    registry = load_plugins(config, host_plugins())
    with _one_line_errors():
        found = current(config.database_url, registry)
        waiting = pending(config.database_url, registry)
    table = Table("Owner", "Revision", "State", box=None)
    for owner, revisions in found.items():
        state = "pending" if owner in waiting else "up to date"
        table.add_row(owner, ", ".join(revisions) or "none", state)
    Console(highlight=False, markup=False).print(table)
    if waiting:
        click.echo(f"pending: {', '.join(waiting)} (run 'portalkit db upgrade')", err=True)
        raise click.exceptions.Exit(1)


@db_group.command("rebuild-totals", short_help="Count documents anew.")
@click.pass_obj
def rebuild_database_totals(config: PortalConfig) -> None:
    """Count documents anew: sums by month, numbers by status, what is due.

    They are kept with every change; this is for databases that were written by other means.
    """
    from portalkit.documents import rebuild_totals  # noqa: PLC0415 - imports what pages need

    registry = load_plugins(config, host_plugins())
    kinds = {name: declared.value for name, declared in registry.declarations.kinds.items()}
    engine = configure_engine(create_engine(sync_url(config.database_url)))
    with _one_line_errors(), engine.begin() as connection:
        number = rebuild_totals(connection, kinds=kinds)
    engine.dispose()
    click.echo(f"counted: {number} documents")


@db_group.command("revision", short_help="Write a migration draft for an owner of tables.")
@click.argument("owner")
@click.option("-m", "--message", required=True, help="What the migration does, in a few words.")
@click.pass_obj
def make_revision(config: PortalConfig, owner: str, message: str) -> None:
    """Write a migration draft for OWNER: the difference of its tables to its models.

    For authors: the plugin must be installed as editable, with a folder migrations/versions.
    """
    from portalkit.db.compare import write_revision  # noqa: PLC0415 - imports Alembic

    registry = load_plugins(config, host_plugins())
    import_models()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder, 'revision.db')}"
        upgrade(url, registry)
        try:
            path = write_revision(url, registry, owner, Base.metadata, message)
        except LookupError as error:
            raise click.ClickException(str(error.args[0])) from error
    click.echo(str(path))


def import_models() -> None:
    """Import the kernel's models, so that the metadata knows all of its tables."""
    for module in pkgutil.iter_modules(portalkit.__path__, "portalkit."):
        if module.ispkg and importlib.util.find_spec(f"{module.name}.models"):
            importlib.import_module(f"{module.name}.models")


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"the database cannot be used: {reason}") from error
