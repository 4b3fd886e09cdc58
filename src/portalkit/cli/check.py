"""``portalkit check``: does everything work here, and is it fit to be reached by strangers."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import click

from portalkit.cli.application import host_plugins
from portalkit.cli.deployment import check_deployment
from portalkit.cli.findings import Finding, Level, fail
from portalkit.cli.surroundings import check_surroundings
from portalkit.config import PortalConfig
from portalkit.hooks import inspect_plugins

__all__ = ("check_command",)

_COLOURS: Final = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


@click.command("check", short_help="Say whether everything works here.")
@click.option("--deploy", is_flag=True, help="Also what matters on the internet.")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes that will serve, as for 'portalkit serve'.",
)
@click.pass_obj
def check_command(config: PortalConfig, *, deploy: bool, workers: int) -> None:
    """Use database, storage and the PDF renderer, and say of each whether it works.

    Exits with 1 if something fails; what is only worth a thought is a warning.
    """
    found: Counter[Level] = Counter()
    for finding in _findings(config, deploy=deploy, workers=workers):
        found[finding.level] += 1
        level = click.style(f"{finding.level:<4}", fg=_COLOURS[finding.level])
        click.echo(f"{level}  {finding.subject:<18} {finding.text}")
    click.echo(", ".join(f"{found[level]} {level}" for level in Level))
    if found[Level.FAIL]:
        raise click.exceptions.Exit(1)


def _findings(config: PortalConfig, *, deploy: bool, workers: int) -> Iterator[Finding]:
    registry = inspect_plugins(config, host_plugins())
    if deploy:
        yield from check_deployment(config, registry, workers=workers)
    elif not config.secret_keys:
        yield fail("secret_keys", "none: set PORTALKIT_SECRET_KEYS to 32 random bytes or more")
    yield from check_surroundings(config, registry)
