"""The host's application, which may have settings and plugins that stand in no file."""

import importlib
import inspect
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from portalkit.config import PortalConfig

__all__ = ("host_plugins", "is_of_host", "read_settings")

_PORTAL: Final = "portalkit.host"


def read_settings(context: click.Context) -> PortalConfig:
    """Return the configuration that a command works with, and note the host's own plugins.

    Raises:
        click.ClickException: If the application that ``--app`` names has no portal.
        ConfigError: If a setting is wrong.
    """
    root = context.find_root()
    path: Path | None = root.params.get("path")
    application: str | None = root.params.get("application")
    is_safe = bool(root.params.get("safe_mode"))
    if application is None:
        return PortalConfig.load(path, safe_mode=True) if is_safe else PortalConfig.load(path)
    if path is not None:
        raise click.UsageError("name --app or --config: an application has its own configuration")
    if is_safe:
        # Before the application is made: it would not start with a broken plugin.
        os.environ["PORTALKIT_SAFE_MODE"] = "1"
    if _PORTAL not in root.meta:
        root.meta[_PORTAL] = _portal_of(application)
        # A host that logs everything would fill the terminal with each step of a migration.
        logging.getLogger("alembic").setLevel(logging.WARNING)
    # An engine of the host's own is the database, whatever the setting says.
    portal = root.meta[_PORTAL]
    config: PortalConfig = msgspec.structs.replace(
        portal.config,
        database_url=portal.engine.url.render_as_string(hide_password=False),
        safe_mode=is_safe or portal.config.safe_mode,
    )
    return config


def host_plugins() -> Mapping[str, object]:
    """Return the plugins that the host's application brings beside the installed ones."""
    context = click.get_current_context(silent=True)
    portal = context.meta.get(_PORTAL) if context is not None else None
    return portal.extra if portal is not None else {}


def is_of_host() -> bool:
    """Say whether the settings come from the host's application."""
    return _PORTAL in click.get_current_context().meta


def _portal_of(application: str) -> Any:
    """Return the running portal of an application, which is imported for it."""
    from portalkit.app import PortalApp, PortalPlugin  # noqa: PLC0415 - imports all of the portal

    found = _import(application)
    for candidate in (found, *(getattr(found, "plugins", None) or ())):
        if isinstance(candidate, PortalApp):
            return candidate.portal
        if isinstance(candidate, PortalPlugin):
            return candidate.app.portal
    raise click.ClickException(
        f"{application} has no portal: name a Litestar application with PortalPlugin, "
        "a PortalPlugin, or what create_app returned"
    )


def _import(application: str) -> Any:
    module, _, name = application.partition(":")
    # As if the program had been started here by ``python -m``.
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise click.ClickException(f"there is no module {module} (--app {application})") from error
    for part in (name or "app").split("."):
        if not hasattr(found, part):
            raise click.ClickException(f"{module} has no {name or 'app'} (--app {application})")
        found = getattr(found, part)
    return found() if inspect.isfunction(found) else found
