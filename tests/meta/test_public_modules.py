"""Sections, plugins and the example use nothing of the kernel but what it promises."""

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

OUTSIDERS = sorted(
    path
    for folder in ("src/portalkit/sections", "plugins", "example_app")
    for path in (ROOT / folder).rglob("*.py")
    if "tests" not in path.parts and "versions" not in path.parts
)


def _kernel_imports(path: Path) -> list[tuple[str, str]]:
    """All ``from portalkit... import name`` of a file, its own package left out."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            module = node.module
            if module.split(".")[0] == "portalkit" and not module.startswith("portalkit.sections"):
                found += [(module, alias.name) for alias in node.names]
    return found


@pytest.mark.parametrize("path", OUTSIDERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_are_public(path):
    private = []
    for module, name in _kernel_imports(path):
        is_hidden = any(part.startswith("_") for part in f"{module}.{name}".split("."))
        public = getattr(importlib.import_module(module), "__all__", None)
        is_module = (
            public is not None
            and name not in public
            and (ROOT / "src" / Path(*module.split(".")) / f"{name}.py").exists()
        )
        if is_hidden or (public is not None and name not in public and not is_module):
            private.append(f"{module}.{name}")

    assert private == []
