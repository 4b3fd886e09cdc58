"""The command: facts as a sheet for people, or as one JSON object a document."""

from collections.abc import Iterable, Iterator
from typing import Final

import click
import msgspec
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from portalkit.config import PortalConfig
from portalkit.exchange.paths import find_files
from portalkit.hooks import load_plugins
from portalkit_einvoice.inspection.arithmetic import Agreement
from portalkit_einvoice.inspection.facts import Facts, inspect_file

__all__ = ("inspect_command",)

_INDENT: Final = (0, 0, 0, 2)
_BELOW: Final = (1, 0, 0, 0)
_KIB: Final = 1024


@click.command("inspect")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a document.")
@click.pass_obj
def inspect_command(config: PortalConfig, files: tuple[str, ...], *, as_json: bool) -> None:
    """Say what files are, what they state, and whether their figures agree; store nothing.

    FILE is a file, a folder or a pattern. Every format is read that a plugin imports. The
    exit code is 1 if one of them cannot be read; figures that do not agree are no error.
    """
    importers = [each.value for each in load_plugins(config).declarations.importers]
    found = (
        facts
        for file in find_files(files)
        for facts in inspect_file(file, importers, config.max_import_mib)
    )
    unread = _print_lines(found) if as_json else _print_sheets(found)
    if unread:
        raise SystemExit(1)


def _print_lines(found: Iterable[Facts]) -> int:
    unread = 0
    for facts in found:
        unread += facts.error is not None
        click.echo(msgspec.json.encode(facts))
    return unread


def _print_sheets(found: Iterable[Facts]) -> int:
    # Without a width of its own, rich would fold long lines where a pipe reads them.
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=160)
    unread = 0
    for facts in found:
        unread += facts.error is not None
        console.print(_sheet(facts))
    return unread


def _sheet(facts: Facts) -> RenderableType:
    title = Text(facts.path, style="bold")
    if facts.error is not None:
        reason = Text(f"cannot be read: {facts.error}", style="red")
        return Group(title, Padding(reason, _INDENT, expand=False))
    return Group(title, *(Padding(part, _INDENT, expand=False) for part in _parts(facts)), Text())


def _parts(facts: Facts) -> Iterator[RenderableType]:
    about = Table.grid(padding=(0, 2))
    about.add_column(style="dim")
    about.add_column(overflow="fold")
    for label, value in _about(facts):
        about.add_row(Text(label), Text(value))
    yield about
    if facts.totals:
        totals = Table.grid(padding=(0, 2))
        totals.add_column(style="dim")
        totals.add_column(justify="right")
        for name, amount in facts.totals.items():
            totals.add_row(Text(name.replace("_", " ")), Text(f"{amount} {facts.currency or ''}"))
        yield Padding(totals, _BELOW, expand=False)
    if facts.arithmetic is not None:
        yield Padding(_arithmetic(facts.arithmetic), _BELOW, expand=False)


def _about(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "format", facts.format or ""
    if facts.profile or facts.parties:  # of records nobody asks for a profile
        yield "profile", facts.profile or "not stated"
    code = "" if facts.type_code is None else f" (type {facts.type_code})"
    yield "document", f"{(facts.kind or '').replace('_', ' ')}{code} {facts.number or ''}"
    due = "" if facts.due is None else f", due {facts.due}"
    yield "date", f"{facts.date or 'not stated'}{due}"
    for role, name in facts.parties.items():
        yield role.replace("_", " "), name
    yield "lines", str(facts.lines)
    for file in facts.files:
        yield "file inside", f"{file.name} ({file.media_type}, {_size(file.size)})"


def _size(count: int) -> str:
    return f"{count / _KIB:.1f} KiB" if count >= _KIB else f"{count} bytes"


def _arithmetic(agreement: Agreement) -> RenderableType:
    note = "" if agreement.note is None else f" ({agreement.note})"
    if agreement.agrees is None:
        return Text(f"figures cannot be checked{note}", style="yellow")
    if agreement.agrees:
        return Text(f"figures agree with EN 16931{note}", style="green")
    table = Table("figure", box=None, pad_edge=False)
    table.add_column("stated", justify="right")
    table.add_column("computed", justify="right")
    for each in agreement.differences:
        table.add_row(Text(each.what), Text(each.stated), Text(each.computed))
    return Group(Text(f"figures do not agree with EN 16931{note}", style="red"), table)
