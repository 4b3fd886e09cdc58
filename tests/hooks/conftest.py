"""Plugins as people install them, and plugins made on the spot."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from portalkit.config import PortalConfig
from portalkit.hooks import (
    HOOK_API,
    Manifest,
    PluginRegistry,
    PortalContext,
    SessionKind,
    StaffContext,
    load_plugins,
)

Install = Callable[..., None]
Load = Callable[..., PluginRegistry]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a distribution with one plugin onto the path, as pip would."""
    monkeypatch.syspath_prepend(tmp_path)
    modules = set(sys.modules)

    def install(
        name: str,
        source: str,
        *,
        package: str | None = None,
        module: str | None = None,
        target: str | None = None,
    ) -> None:
        package = package or f"dist-{name}"
        module = module or f"installed_{name}"
        (tmp_path / module).mkdir(exist_ok=True)
        (tmp_path / module / "__init__.py").write_text(dedent(source))
        metadata = tmp_path / f"{package.replace('-', '_')}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        )
        (metadata / "entry_points.txt").write_text(
            f"[portalkit.plugins]\n{name} = {target or module}\n"
        )

    yield install
    for added in set(sys.modules) - modules:
        if added.startswith("installed_"):
            del sys.modules[added]


@pytest.fixture
def load() -> Load:
    """Load the named plugins and objects, without the kernel's sections."""

    def load(
        *names: str, extra: dict[str, object] | None = None, **settings: object
    ) -> PluginRegistry:
        config = PortalConfig(**{"plugins": names, **settings})
        return load_plugins(config, extra, kernel=())

    return load


@pytest.fixture
def viewer() -> PortalContext:
    return PortalContext(
        business_id="b",
        contact_id="c",
        person_id="p",
        kind=SessionKind.PERSON,
        name="Lucía",
        contact_name="Tienda Sol",
        role="owner",
        locale="es",
        zone="Europe/Madrid",
        currency="EUR",
        now=datetime(2026, 11, 24, tzinfo=UTC),
        active_plugins=frozenset({"one", "two", "three"}),
    )


@pytest.fixture
def staff() -> StaffContext:
    return StaffContext(
        business_id="b",
        staff_id="s",
        name="Carmen",
        role="admin",
        locale="es",
        zone="Europe/Madrid",
        currency="EUR",
        now=datetime(2026, 11, 24, tzinfo=UTC),
        active_plugins=frozenset({"one"}),
    )


@pytest.fixture
def make_manifest() -> Callable[..., Manifest]:
    def make_manifest(name: str, **changes: object) -> Manifest:
        return Manifest(**{"name": name, "title": name.title(), "api": HOOK_API, **changes})

    return make_manifest
