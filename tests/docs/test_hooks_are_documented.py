"""Every hook is documented with its exact parameters, and every setting with its default."""

import ast
import inspect
import runpy
from pathlib import Path

import msgspec
import pytest

from portalkit.config import (
    AccessConfig,
    BusinessConfig,
    JobsConfig,
    MailConfig,
    PasswordConfig,
    PdfConfig,
    PortalConfig,
)
from portalkit.hooks import PortalSpecs, Slot
from portalkit.hooks.checks import hook_names

ROOT = Path(__file__).parents[2]
HOOKS = (ROOT / "docs" / "hooks.md").read_text("utf-8")
PLUGINS = (ROOT / "docs" / "plugins.md").read_text("utf-8")
SETTINGS = (ROOT / "docs" / "configuration.md").read_text("utf-8")


def _hook_names():
    return hook_names(PortalSpecs)


def test_the_reference_is_what_the_specifications_say():
    reference = runpy.run_path(str(ROOT / "tools" / "hooks_reference.py"))["reference"]

    assert reference() == HOOKS, "run tools/hooks_reference.py"


@pytest.mark.parametrize("name", _hook_names())
def test_every_hook_is_documented_with_its_exact_parameters(name):
    parameters = list(inspect.signature(getattr(PortalSpecs, name)).parameters)[1:]
    section = HOOKS.partition(f"## {name}\n")[2].partition("\n## ")[0]
    code = section.partition("```python\n")[2].partition("\n```")[0]
    (function,) = ast.parse(f"{code}: ...").body

    assert [argument.arg for argument in function.args.args] == parameters
    assert f"hooks.md#{name}" in PLUGINS
    for part in ("**Returns**", "**Failure**"):
        assert part in section


def test_every_slot_is_named():
    assert [slot for slot in Slot if f"`{slot}`" not in PLUGINS] == []


@pytest.mark.parametrize(
    ("settings", "prefix"),
    [
        (PortalConfig, ""),
        (BusinessConfig, "business."),
        (AccessConfig, "access."),
        (PasswordConfig, "password."),
        (PdfConfig, "pdf."),
        (JobsConfig, "jobs."),
        (MailConfig, "mail."),
    ],
)
def test_every_setting_is_documented_with_its_default(settings, prefix):
    rows = {
        cells[1].strip().strip("`"): cells[2].strip().strip("`")
        for line in SETTINGS.splitlines()
        if line.startswith("| `") and (cells := line.split("|"))
    }

    for field in msgspec.structs.fields(settings):
        name = f"{prefix}{field.name}"
        assert name in rows, name
        if isinstance(field.default, bool | int | float | str):
            shown = msgspec.json.encode(field.default).decode()
            assert rows[name].replace(" ", "") in {shown, str(field.default)}, name
