"""Which migrations there are, whose tables are whose, and what is pending."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from portalkit.db.revisions import is_pending, owner_of_table, owners_of, read_revisions


def test_the_kernel_comes_first_and_plugins_without_migrations_are_left_out(with_plugin):
    registry = with_plugin("acme_card")
    registry.plugins["plain"] = SimpleNamespace(name="plain", path=Path("nowhere"))

    owners = owners_of(registry)

    assert [(owner.name, owner.version_table) for owner in owners] == [
        ("portalkit", "portalkit_version"),
        ("acme", "portalkit_version_acme"),
    ]


def test_a_migration_is_read_without_running_it(tmp_path):
    (tmp_path / "1.py").write_text("revision: str = 'a'\ndown_revision = None\n1 / 0\n")
    (tmp_path / "2.py").write_text("revision = 'b'\ndown_revision: str | None = 'a'\n")
    (tmp_path / "3.py").write_text("revision = 'c'\ndown_revision = ('a', 'b')\n")
    (tmp_path / "readme.py").write_text("x, y = 1, 2\n")

    assert read_revisions(tmp_path) == {"a": (), "b": ("a",), "c": ("a", "b")}


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        ([], True),
        (["a"], True),
        (["b"], True),
        (["b", "c"], True),
        (["d"], False),
        (["unknown"], False),
    ],
)
def test_something_is_pending_if_not_all_steps_were_taken(current, expected):
    revisions = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}

    assert is_pending(current, revisions) is expected


@pytest.mark.parametrize(
    ("table", "owner"),
    [
        ("portalkit_document", "portalkit"),
        ("sales_reminder", "sales"),
        ("sales_extra_x", "sales_extra"),
        ("host_orders", None),
        ("portalkit_version", None),
        ("portalkit_version_sales", None),
    ],
)
def test_a_table_belongs_to_the_longest_name_it_starts_with(table, owner):
    assert owner_of_table(table, ("sales", "sales_extra")) == owner
