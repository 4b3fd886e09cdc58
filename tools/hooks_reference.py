"""Write ``docs/hooks.md`` from the hook specifications; ``--check`` only compares."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from portalkit.hooks import HOOK_API, PortalSpecs
from portalkit.hooks.registration_specs import RegistrationSpecs

TARGET = Path(__file__).parent.parent / "docs" / "hooks.md"
HEAD = """# Hooks

Every hook of generation {generation}, as `portalkit.hooks.PortalSpecs` specifies it.
This page is written by `tools/hooks_reference.py` from the specifications; a test compares the two.

An implementation is a function of that name, marked with `hookimpl`.
It may leave parameters out; it may not rename, default or add any.
Where the specification says `async def`, so does the implementation.
Time limits apply to asynchronous hooks.
"""


def reference() -> str:
    """Return the whole page."""
    parts = [HEAD.format(generation=HOOK_API)]
    parts += [_entry(function) for function in _hooks()]
    return "\n".join(parts)


def _hooks() -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    # What is declared first, as in the class that the other one builds upon.
    for specification in (RegistrationSpecs, PortalSpecs):
        (tree,) = ast.parse(inspect.getsource(specification)).body
        for node in cast("ast.ClassDef", tree).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def signature(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return the line a plugin author writes, without ``self``."""
    arguments = ", ".join(ast.unparse(argument) for argument in function.args.args[1:])
    colour = "async def" if isinstance(function, ast.AsyncFunctionDef) else "def"
    returns = ast.unparse(function.returns) if function.returns else "None"
    return f"{colour} {function.name}({arguments}) -> {returns}"


def _entry(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    text = inspect.cleandoc(ast.get_docstring(function) or "")
    text = text.replace("``", "`")
    text = _headed(text)
    return f"## {function.name}\n\n```python\n{signature(function)}\n```\n\n{text}\n"


def _headed(text: str) -> str:
    """Turn the sections of a docstring into bold words with their text."""
    out: list[str] = []
    for block in text.split("\n\n"):
        name, _, body = block.partition(":\n")
        if name in {"Args", "Returns", "Failure"}:
            body = textwrap.dedent(body)
            out.append(f"**{name}**\n\n{_arguments(body) if name == 'Args' else body}")
        else:
            out.append(block)
    return "\n\n".join(out)


def _arguments(body: str) -> str:
    lines: list[str] = []
    for line in body.splitlines():
        if line.startswith(" "):
            lines[-1] += f" {line.strip()}"
        else:
            name, _, text = line.partition(": ")
            lines.append(f"- `{name}`: {text}")
    return "\n".join(lines)


def main() -> int:
    """Write the page, or say that it is out of date."""
    text = reference()
    if "--check" in sys.argv:
        return int(TARGET.read_text("utf-8") != text)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
