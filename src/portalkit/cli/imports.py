"""``portalkit import``: documents out of files into the portal."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from sqlalchemy import create_engine
from sqlalchemy.exc import DatabaseError

from portalkit.access.businesses import BusinessAddress, create_businesses, list_addresses
from portalkit.audit import Actor
from portalkit.cli.application import host_plugins
from portalkit.cli.businesses import business_option, choose_business
from portalkit.config import PortalConfig
from portalkit.db import configure_engine, create_engine_for, session_makers, sync_url
from portalkit.db.migrate import check_migrated
from portalkit.exchange import FileResult, ImportDesk, ImportOutcome, import_files
from portalkit.exchange.paths import find_files
from portalkit.exchange.results import one_line
from portalkit.hooks import load_plugins
from portalkit.storage import Storage

__all__ = ("import_command",)

_ACTOR = Actor(kind="system", name="command line")
_TITLES = {
    ImportOutcome.ARRIVED: "arrived",
    ImportOutcome.UPDATED: "changed",
    ImportOutcome.SOURCE_ADDED: "kept as a further source",
    ImportOutcome.UNCHANGED: "unchanged",
    ImportOutcome.REFUSED: "refused",
}
_ALWAYS_SHOWN = frozenset({ImportOutcome.ARRIVED, ImportOutcome.UNCHANGED, ImportOutcome.REFUSED})
_SHOWN_REFUSALS = 1_000


@click.command("import", short_help="Import the documents of files and folders.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@business_option
@click.option("--contact", help="Id or external id of the contact that all documents are for.")
@click.option("--match-email", is_flag=True, help="Also find contacts by their e-mail address.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a document.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, store nothing.")
@click.pass_obj
def import_command(
    config: PortalConfig,
    paths: tuple[str, ...],
    slug: str | None,
    contact: str | None,
    *,
    match_email: bool,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Import the documents of files, folders and patterns ("inbox/**/*.xml").

    A document that is here already changes nothing. What cannot be imported is refused with
    one line that says why, and the exit code is then 1; everything else arrives all the same.
    """
    registry = load_plugins(config, host_plugins())
    try:
        check_migrated(config.database_url, registry)
        business = asyncio.run(_business(config, slug))
    except DatabaseError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise click.ClickException(f"the database cannot be used ({reason})") from error
    engine = configure_engine(create_engine(sync_url(config.database_url)))
    declared = registry.declarations
    desk = ImportDesk(
        engine=engine,
        business_id=business.id,
        importers=[each.value for each in declared.importers],
        kinds={name: each.value for name, each in declared.kinds.items()},
        storage=Storage(config.storage_url),
        max_mib=config.max_import_mib,
        contact=contact,
        match_email=match_email,
        is_dry_run=dry_run,
        actor=_ACTOR,
    )
    try:
        results = _with_progress(import_files(desk, paths), paths, is_wanted=not as_json)
        refused = _print_lines(results) if as_json else _print_summary(results, dry_run=dry_run)
    finally:
        engine.dispose()
    if refused:
        raise SystemExit(1)


async def _business(config: PortalConfig, slug: str | None) -> BusinessAddress:
    engine = create_engine_for(config.database_url)
    try:
        _, writing = session_makers(engine)
        async with writing() as session, session.begin():
            # The first command may come before the first start.
            await create_businesses(session, config.business, datetime.now(UTC))
            businesses = await list_addresses(session)
    finally:
        await engine.dispose()
    return choose_business(businesses, slug)


def _with_progress(
    results: Iterable[FileResult], paths: Sequence[str], *, is_wanted: bool
) -> Iterator[FileResult]:
    """Show how far the import is, on a terminal only."""
    if not (is_wanted and sys.stderr.isatty()):
        yield from results
        return
    columns = (
        TextColumn("importing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("import", total=sum(1 for _ in find_files(paths)))
        for result in results:
            progress.advance(task)
            yield result


def _print_lines(results: Iterable[FileResult]) -> int:
    """Print one JSON object a document and return how many were refused."""
    refused = 0
    for result in results:
        refused += result.outcome is ImportOutcome.REFUSED
        click.echo(msgspec.json.encode(result.line))
    return refused


def _print_summary(results: Iterable[FileResult], *, dry_run: bool) -> int:
    """Print what became of the documents and return how many were refused."""
    counts: Counter[ImportOutcome] = Counter()
    reasons: list[tuple[str, str]] = []
    for result in results:
        counts[result.outcome] += 1
        if result.outcome is ImportOutcome.REFUSED and len(reasons) < _SHOWN_REFUSALS:
            reasons.append((result.line.path, result.line.error or ""))
    console = Console()
    table = Table()
    table.add_column("documents")
    table.add_column("count", justify="right")
    for outcome, title in _TITLES.items():
        if counts[outcome] or outcome in _ALWAYS_SHOWN:
            table.add_row(title, str(counts[outcome]))
    console.print(table)
    if dry_run:
        console.print("This was a dry run: nothing was stored.")
    for path, reason in reasons:
        # As text: a file's name must become neither markup nor an escape of the terminal.
        console.print(Text(one_line(f"refused: {path}: {reason}")), soft_wrap=True)
    if (more := counts[ImportOutcome.REFUSED] - len(reasons)) > 0:
        console.print(f"... and {more} more were refused (--json lists them all)")
    return counts[ImportOutcome.REFUSED]
