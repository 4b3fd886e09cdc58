"""Settings that are fine at home and not on the internet (security R67)."""

import ipaddress
import os
import sqlite3
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import make_url

from portalkit.cli.findings import Finding, fail, ok, warn
from portalkit.config import PortalConfig
from portalkit.hooks import Declared, PluginRegistry, PluginRoute
from portalkit.hooks.routes import facts_of

__all__ = ("check_deployment",)

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
# Random bytes have far more, also in hexadecimal digits; words and repetitions do not.
_FEW_CHARACTERS: Final = 10
# A checkpoint of the write-ahead log may lose commits of another process in these versions;
# the older lines of releases got the correction too.
_FIXED_SQLITE: Final = ((3, 44, 6), (3, 50, 7), (3, 51, 3))


def check_deployment(
    config: PortalConfig, registry: PluginRegistry, *, workers: int
) -> Iterator[Finding]:
    """Yield what is to be said of the settings of a portal that strangers can reach.

    Args:
        config: The settings.
        registry: The plugins.
        workers: How many processes will serve.
    """
    yield from _address(config)
    yield from _proxies(config)
    yield from _keys(config)
    yield from _switches(config)
    yield from _database(config, workers)
    yield from _plugins(config, registry)
    yield from _browser(config)
    yield from _paths(config)
    yield from _user()


def _address(config: PortalConfig) -> Iterator[Finding]:
    if urlsplit(config.base_url).hostname in _LOOPBACK:
        yield fail("base_url", f"{config.base_url} is this machine only: set the public address")
    elif not config.is_secure:
        yield fail("base_url", f"{config.base_url} is not encrypted: use https")
    else:
        yield ok("base_url", config.base_url)


def _proxies(config: PortalConfig) -> Iterator[Finding]:
    everybody = [
        proxy
        for proxy in config.trusted_proxies
        if ipaddress.ip_network(proxy, strict=False).prefixlen == 0
    ]
    if everybody:
        text = f"{everybody[0]} is everybody: whoever says so has any address; name your proxies"
        yield fail("trusted_proxies", text)
    elif not config.trusted_proxies:
        yield warn(
            "trusted_proxies",
            "none: behind a proxy all visitors share its address, and its limit of sign-ins",
        )
    else:
        yield ok("trusted_proxies", ", ".join(config.trusted_proxies))


def _keys(config: PortalConfig) -> Iterator[Finding]:
    if not config.secret_keys:
        yield fail("secret_keys", "none: set PORTALKIT_SECRET_KEYS to 32 random bytes or more")
        return
    weak = [key for key in config.secret_keys if len(set(key.value)) < _FEW_CHARACTERS]
    if weak:
        yield fail("secret_keys", "a key has few different characters: make one at random")
    else:
        yield ok("secret_keys", f"{len(config.secret_keys)}, the first signs")


def _switches(config: PortalConfig) -> Iterator[Finding]:
    reasons = {
        "debug": "templates are read anew for each page",
        "is_demo": "everybody can sign in",
    }
    for name, reason in reasons.items():
        yield fail(name, f"on: {reason}") if getattr(config, name) else ok(name, "off")
    if config.safe_mode:
        yield warn("safe_mode", "on: contacts see that the portal is being looked after")
    if config.trace_hooks:
        yield warn("trace_hooks", "on: what plugins get and answer is written to the log")
    if config.smtp_url is None:
        yield warn("smtp_url", "none: mails wait and nobody gets them")
    else:
        yield ok("smtp_url", "set")


def _database(config: PortalConfig, workers: int) -> Iterator[Finding]:
    if make_url(config.database_url).get_backend_name() != "sqlite":
        yield ok("database_url", "PostgreSQL")
    elif workers > 1:
        yield fail("database_url", f"SQLite for {workers} processes: use PostgreSQL")
    elif _may_lose_commits(sqlite3.sqlite_version_info):
        text = (
            f"SQLite {sqlite3.sqlite_version} may lose commits if a second process writes, "
            "also a command: 3.51.3 is sure"
        )
        yield warn("database_url", text)
    else:
        yield ok("database_url", f"SQLite {sqlite3.sqlite_version} for one process")


def _may_lose_commits(version: tuple[int, ...]) -> bool:
    if version >= _FIXED_SQLITE[-1]:
        return False
    return not any(version[:2] == fixed[:2] and version >= fixed for fixed in _FIXED_SQLITE)


def _plugins(config: PortalConfig, registry: PluginRegistry) -> Iterator[Finding]:
    if config.plugins == "*":
        yield warn("plugins", '"*": whatever is installed runs with all rights; name them')
    else:
        yield ok("plugins", ", ".join(config.plugins) or "none")
    open_routes = [each for each in registry.declarations.routes if not each.value.csrf]
    for declared in open_routes:
        yield warn("csrf", f"{_place(declared)} takes requests of any site, without cookies")
    if not open_routes:
        yield ok("csrf", "checked on all routes")


def _place(declared: Declared[PluginRoute]) -> str:
    places = (place for facts in facts_of(declared.value.handler) for place in facts.places)
    method, _, path = min(places).partition(" ")
    return f"{method} /-/{declared.plugin}{path}"


def _browser(config: PortalConfig) -> Iterator[Finding]:
    for directive, sources in config.csp_sources.items():
        yield warn("csp_sources", f"{directive} allows {' '.join(sources)} too")
    if config.session_same_site == "none":
        yield warn("session_same_site", '"none": pages of any site can hold the portal in a frame')


def _paths(config: PortalConfig) -> Iterator[Finding]:
    file = make_url(config.database_url).database or ""
    if config.database_url.startswith("sqlite") and not file.startswith("/"):
        yield warn("database_url", f"{file} depends on the working folder: write it from the root")
    if config.storage_url.startswith("file:."):
        text = f"{config.storage_url} depends on the working folder: write it from the root"
        yield warn("storage_url", text)


def _user() -> Iterator[Finding]:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield fail("user", "root: whatever breaks out of a document would be root too")
    else:
        yield ok("user", "not root")
