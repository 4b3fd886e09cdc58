"""The table of roles in ``docs/people.md`` says what the manifests say."""

from pathlib import Path

from portalkit.access.permissions import PersonRole, role_table
from portalkit.config import PortalConfig, Secret
from portalkit.context import Audience
from portalkit.hooks import load_plugins

PAGE = (Path(__file__).parents[2] / "docs" / "people.md").read_text("utf-8")


def rows():
    """Return the lines that the table must have: one for each permission of people."""
    config = PortalConfig(secret_keys=(Secret("a-key-for-tests-only-0123456789abcdef"),))
    plugins = load_plugins(config, {}).plugins.items()
    # Plugins of the tests may be installed too.
    manifests = [plugin.manifest for name, plugin in plugins if not name.startswith("acme")]
    table = role_table(manifests)
    for manifest in manifests:
        for permission in manifest.permissions:
            has = [permission.name in table[Audience.CONTACT, role.value] for role in PersonRole]
            if any(has):
                marks = " | ".join("yes" if each else "no" for each in has)
                yield f"| {permission.label} (`{permission.name}`) | {marks} |"


def test_each_roles_rights_stand_in_the_table_and_nothing_else_does():
    start = PAGE.index("| may | owner | buyer | accountant | reader |")
    lines = PAGE[start : PAGE.index("\n\n", start)].splitlines()[2:]

    assert sorted(lines) == sorted(rows())
    assert lines
