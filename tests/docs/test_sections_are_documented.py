"""What Sales and Purchases let a host set, and which role may do what, stands in the documents."""

from pathlib import Path

import msgspec
import portalkit_purchases
import portalkit_sales
import pytest

from portalkit.access.permissions import PersonRole

PAGE = (Path(__file__).parents[2] / "docs" / "sections.md").read_text("utf-8")
PLUGINS = (portalkit_sales, portalkit_purchases)


def rows_of(heading):
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in section.splitlines()
        if line.startswith("| `")
    ]


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_setting_is_documented_with_its_default(plugin):
    documented = {row[0].strip("`"): row[1].strip("`") for row in rows_of(plugin.manifest.title)}

    assert documented == {
        field.name: "none" if field.default is None else msgspec.json.encode(field.default).decode()
        for field in msgspec.structs.fields(plugin.manifest.settings)
    }


def test_every_right_is_documented_with_its_roles():
    documented = {
        name.strip("` "): {role for role, cell in zip(PersonRole, row[1:], strict=True) if cell}
        for row in rows_of("Rights")
        for name in row[0].partition(":")[0].split(",")
    }

    assert documented == {
        permission.name: set(PersonRole) if permission.roles is None else set(permission.roles)
        for plugin in PLUGINS
        for permission in plugin.manifest.permissions
    }
