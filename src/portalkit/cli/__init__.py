"""The ``portalkit`` command: exit code 0, or one line that says what is wrong."""

import logging
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from portalkit.cli.access import link_command
from portalkit.cli.api_keys import api_key_group
from portalkit.cli.application import read_settings
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

__all__ = ("cli", "main")


@click.group(cls=PluginCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--app",
    "application",
    envvar="PORTALKIT_APP",
    metavar="MODULE:NAME",
    is_eager=True,
    help="Your application: its settings and plugins count (or PORTALKIT_APP).",
)
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
def cli(context: click.Context, /, **_: Any) -> None:
    """Run and look after a customer portal."""
    if not context.resilient_parsing:
        context.obj = read_settings(context)
    if context.invoked_subcommand not in _LOGGING:
        _keep_quiet(context)


# They set up the log themselves.
_LOGGING: Final = frozenset({"serve", "worker"})


def _keep_quiet(context: click.Context) -> None:
    """Let a command say what it does by itself, also where an application has set up a log."""
    log = logging.getLogger("portalkit")
    context.call_on_close(partial(log.setLevel, log.level))
    log.setLevel(logging.WARNING)


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
    cli()
