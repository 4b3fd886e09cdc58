"""``portalkit serve``: the portal alone, behind granian."""

import logging
import multiprocessing
import os
from pathlib import Path
from typing import Final

import click
from sqlalchemy.exc import DBAPIError

from portalkit.cli.application import is_of_host
from portalkit.config import PortalConfig
from portalkit.db.migrate import check_migrated
from portalkit.hooks import load_plugins
from portalkit.log import log_config

__all__ = ("serve_command",)

_log = logging.getLogger("portalkit")

# A worker that is told to stop while it is busy may wait for itself for ever
# (emmett-framework/granian#875); what it has not committed by then is as after a power cut.
_STOP_SECONDS: Final = 30
# Hashing a password takes 19 MiB for a moment. glibc keeps freed blocks of that size with a
# worker, unless it is told to give back what is larger than this many bytes.
_GIVE_BACK: Final = ("MALLOC_MMAP_THRESHOLD_", "1048576")


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port to listen on.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes that serve.",
)
@click.pass_context
def serve_command(context: click.Context, host: str, port: int, workers: int) -> None:
    """Serve the portal alone, without an application around it.

    Put a proxy with TLS in front of it; base_url is the address of the proxy.
    """
    if is_of_host():
        raise click.ClickException(
            "your application serves the portal: start it with a server of its own, such as granian"
        )
    try:
        from granian import Granian  # noqa: PLC0415  # an extra, and slow to import
        from granian.constants import Interfaces, Loops, RuntimeModes  # noqa: PLC0415
    except ImportError as error:
        raise click.ClickException("install portalkit-core[server] to serve") from error
    config: PortalConfig = context.obj
    _require_ready(config)
    _hand_down(context, config)
    os.environ.setdefault(*_GIVE_BACK)
    # Workers start clean: nothing that this process has opened is shared with them.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "portalkit.app:create_app",
        factory=True,
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        runtime_mode=RuntimeModes.st,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
        log_access=False,
        log_dictconfig=log_config(config.log_format, shows_messages=config.debug),
    )
    _log.info("portal at %s", config.base_url)
    server.serve()


def _require_ready(config: PortalConfig) -> None:
    """Say in one line what each worker would say, again and again, with a traceback."""
    config.require_keys()
    try:
        check_migrated(config.database_url, load_plugins(config))
    except DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise click.ClickException(f"the database cannot be used: {reason}") from error


def _hand_down(context: click.Context, config: PortalConfig) -> None:
    """Tell the worker processes, which read the configuration anew, where it stands."""
    parameters = context.parent.params if context.parent else {}
    path: Path | None = parameters.get("path")
    if path is not None:
        os.environ["PORTALKIT_CONFIG"] = str(path.resolve())
    if config.safe_mode:
        os.environ["PORTALKIT_SAFE_MODE"] = "1"
