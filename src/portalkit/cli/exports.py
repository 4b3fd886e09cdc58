"""``portalkit export``: documents of the portal into files."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import DatabaseError

from portalkit.cli.application import host_plugins
from portalkit.cli.businesses import business_option, load_chosen_business
from portalkit.config import PortalConfig
from portalkit.db.migrate import check_migrated
from portalkit.documents.issued import IssuedChoice
from portalkit.exchange.exporting import (
    PDF,
    ExportDesk,
    ExportLine,
    ExportOutcome,
    count_documents,
    export_files,
)
from portalkit.exchange.owners import find_forced_contact
from portalkit.exchange.results import one_line
from portalkit.hooks import DocumentExporter
from portalkit.web.portal import RunningPortal

__all__ = ("export_command",)

_TITLES: Final = {
    ExportOutcome.WRITTEN: "written",
    ExportOutcome.UNCHANGED: "unchanged",
    ExportOutcome.REFUSED: "not exported",
}
_SHOWN_REFUSALS: Final = 1_000


class _Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed."""

    name: str
    folder: Path
    kinds: tuple[str, ...]
    since: datetime | None
    contact: str | None
    slug: str | None
    language: str | None
    again: bool
    as_json: bool


@click.command("export")
@click.option(
    "--format", "name", required=True, help="pdf, or what a plugin writes: ubl, facturae, ..."
)
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the files; it is made if it is not there.",
)
@click.option(
    "--kind", "kinds", multiple=True, help="Only documents of this kind; may be repeated."
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only those of this day or later.")
@click.option("--contact", help="Id or external id of the contact whose documents are wanted.")
@business_option
@click.option("--language", help="Of the names of files (default: the business's own).")
@click.option("--again", is_flag=True, help="Write every file anew, also of unchanged documents.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a document.")
@click.pass_obj
def export_command(config: PortalConfig, /, **options: Any) -> None:
    """Export documents into a folder, one file each.

    What is there already is not written again, so the same command goes on where it was ended
    and picks up what is new. A document that the format cannot express is reported with the
    reason, and the exit code is then 1; everything else is written all the same.
    """
    wish = _Wish(**options)
    try:
        refused = asyncio.run(_run(config, wish))
    except DatabaseError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise click.ClickException(f"the database cannot be used ({reason})") from error
    except OSError as error:
        raise click.ClickException(f"{wish.folder} cannot be written ({error})") from error
    if refused:
        raise SystemExit(1)


async def _run(config: PortalConfig, wish: _Wish) -> int:
    portal = RunningPortal.load(config, extra=host_plugins())
    try:
        async with portal.engine.connect() as connection:
            await connection.run_sync(check_migrated, portal.registry)
        desk = await _desk(portal, wish)
        lines = _with_progress(desk, is_wanted=not wish.as_json)
        return await (_print_lines(lines) if wish.as_json else _print_summary(lines))
    finally:
        await portal.close()


async def _desk(portal: RunningPortal, wish: _Wish) -> ExportDesk:
    async with portal.reading() as session:
        business = await load_chosen_business(session, wish.slug)
    exporter = _exporter(portal, wish.name)
    possible = frozenset(portal.kinds) if exporter is None else exporter.kinds
    unknown = sorted(set(wish.kinds) - possible)
    if unknown:
        offered = ", ".join(sorted(possible))
        raise click.ClickException(
            f"{wish.name} is not for {', '.join(unknown)}, but for {offered}"
        )
    contact_id = None
    if wish.contact is not None:
        contact = wish.contact
        async with portal.reading() as session:
            contact_id = await session.run_sync(
                lambda sync: find_forced_contact(sync.connection(), business.id, contact)
            )
    if wish.language is not None and wish.language not in portal.translators:
        raise click.ClickException(f"--language must be one of {', '.join(portal.translators)}")
    wanted = business.locales if wish.language is None else (wish.language,)
    return ExportDesk(
        portal=portal,
        business=business,
        exporter=exporter,
        folder=wish.folder,
        choice=IssuedChoice(
            kinds=frozenset(wish.kinds) or possible,
            contact_id=contact_id,
            since=wish.since.date() if wish.since is not None else None,
        ),
        locale=portal.offered_locales(wanted)[0],
        again=wish.again,
    )


def _exporter(portal: RunningPortal, name: str) -> DocumentExporter | None:
    if name == PDF:
        return None
    exporters = [declared.value for declared in portal.registry.declarations.exporters]
    for exporter in exporters:
        if exporter.name == name:
            return exporter
    names = ", ".join([PDF, *(exporter.name for exporter in exporters)])
    raise click.ClickException(f"there is no format {name!r}: --format one of {names}")


async def _with_progress(desk: ExportDesk, *, is_wanted: bool) -> AsyncIterator[ExportLine]:
    """Show how far the export is, on a terminal only."""
    if not (is_wanted and sys.stderr.isatty()):
        async for line in export_files(desk):
            yield line
        return
    columns = (TextColumn("exporting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("export", total=await count_documents(desk))
        async for line in export_files(desk):
            progress.advance(task)
            yield line


async def _print_lines(lines: AsyncIterator[ExportLine]) -> int:
    """Print one JSON object a document and return how many have no file."""
    refused = 0
    async for line in lines:
        refused += line.outcome is ExportOutcome.REFUSED
        click.echo(msgspec.json.encode(line))
    return refused


async def _print_summary(lines: AsyncIterator[ExportLine]) -> int:
    """Print what became of the documents and return how many have no file."""
    counts: Counter[ExportOutcome] = Counter()
    reasons: list[str] = []
    async for line in lines:
        counts[line.outcome] += 1
        if line.outcome is ExportOutcome.REFUSED and len(reasons) < _SHOWN_REFUSALS:
            reasons.append(f"{line.kind} {line.number}: {line.error}")
    console = Console()
    table = Table()
    table.add_column("documents")
    table.add_column("count", justify="right")
    for outcome, title in _TITLES.items():
        table.add_row(title, str(counts[outcome]))
    console.print(table)
    for reason in reasons:
        # As text: a document's number must become neither markup nor an escape of the terminal.
        console.print(Text(one_line(f"not exported: {reason}")), soft_wrap=True)
    if (more := counts[ExportOutcome.REFUSED] - len(reasons)) > 0:
        console.print(f"... and {more} more were not exported (--json lists them all)")
    return counts[ExportOutcome.REFUSED]
