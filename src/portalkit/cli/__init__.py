"""The ``portalkit`` command: exit code 0, or one line that says what is wrong."""

import sys
from pathlib import Path

import click

from portalkit.cli.access import link_command
from portalkit.cli.api_keys import api_key_group
from portalkit.cli.check import check_command
from portalkit.cli.db import db_group
from portalkit.cli.exports import export_command
from portalkit.cli.imports import import_command
from portalkit.cli.invitations import invite_command
from portalkit.cli.jobs import jobs_group, worker_command
from portalkit.cli.plugins import PluginCommands, plugins_group
from portalkit.cli.privacy import erase_contact_command, export_contact_command
from portalkit.cli.serve import serve_command
from portalkit.cli.staff import staff_group
from portalkit.cli.templates import templates_group
from portalkit.config import PortalConfig
from portalkit.errors import PortalError

__all__ = ("cli", "main")


@click.group(cls=PluginCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    is_eager=True,  # the help names the commands of the plugins it enables
    help="Configuration file (default: portalkit.toml, if there is one).",
)
@click.option("--safe-mode", is_flag=True, help="Start without the plugins that are broken.")
@click.version_option(package_name="portalkit-core", prog_name="portalkit")
@click.pass_context
def cli(context: click.Context, path: Path | None, *, safe_mode: bool) -> None:
    """Run and look after a customer portal."""
    if context.resilient_parsing:
        return
    context.obj = PortalConfig.load(path, safe_mode=True) if safe_mode else PortalConfig.load(path)


for command in (
    serve_command,
    check_command,
    worker_command,
    jobs_group,
    db_group,
    plugins_group,
    templates_group,
    import_command,
    export_command,
    export_contact_command,
    erase_contact_command,
    invite_command,
    link_command,
    staff_group,
    api_key_group,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    try:
        cli()
    except PortalError as error:
        sys.exit(f"portalkit: {error}")
    except ExceptionGroup as group:
        sys.exit("\n".join(f"portalkit: {error}" for error in group.exceptions))
