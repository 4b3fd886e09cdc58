"""The parts of the house style that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_BODY = 40
MAX_FILE = 400
FORBIDDEN_MODULES = {"common", "helper", "helpers", "misc", "util", "utils"}

SOURCES = sorted(
    path
    for folder in ("src", "plugins", "example_app", "benchmarks", "tools")
    for path in (ROOT / folder).rglob("*.py")
    if "versions" not in path.parts and "tests" not in path.parts
)
PACKAGE_SOURCES = [path for path in SOURCES if {"src", "example_app"} & set(path.parts)]


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    statements = function.body
    if ast.get_docstring(function) is not None:
        statements = statements[1:]
    if not statements:
        return 0
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1


@pytest.mark.parametrize("path", SOURCES, ids=_named)
def test_function_bodies_stay_short(path):
    tree = ast.parse(path.read_text("utf-8"))

    too_long = {
        function.name: lines
        for function in _functions(tree)
        if (lines := _body_lines(function)) > MAX_BODY
    }

    assert too_long == {}


@pytest.mark.parametrize("path", SOURCES, ids=_named)
def test_files_stay_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= MAX_FILE


@pytest.mark.parametrize("path", SOURCES, ids=_named)
def test_modules_are_named_by_what_they_hold(path):
    assert path.stem not in FORBIDDEN_MODULES


@pytest.mark.parametrize("path", PACKAGE_SOURCES, ids=_named)
def test_annotations_are_read_at_run_time_so_nothing_hides_imports(path):
    text = path.read_text("utf-8")

    assert "from __future__ import annotations" not in text
    assert "if TYPE_CHECKING" not in text


@pytest.mark.parametrize("path", PACKAGE_SOURCES, ids=_named)
def test_modules_with_names_say_which_are_public(path):
    tree = ast.parse(path.read_text("utf-8"))
    defined = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not node.name.startswith("portalkit_")
    ]
    assigned = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    assert not defined or "__all__" in assigned
