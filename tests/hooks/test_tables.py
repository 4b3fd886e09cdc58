"""A plugin's tables carry its name and rely on nothing that may change."""

from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import DeclarativeBase

from portalkit.hooks import HOOK_API, LoadedPlugin, Manifest
from portalkit.hooks.checks import check_tables


@pytest.fixture
def base():
    class Base(DeclarativeBase):
        pass

    return Base


def add_table(base, name, *, module="acme_one.models", refers_to=None):
    columns = [Column("id", Integer, primary_key=True)]
    if refers_to:
        columns.append(Column("other_id", String, ForeignKey(f"{refers_to}.id")))
    table = Table(name, base.metadata, *columns)
    type(name.title(), (base,), {"__table__": table, "__module__": module})


def plugin(name="one", **changes):
    return LoadedPlugin(
        name=name,
        manifest=Manifest(name=name, title=name, api=HOOK_API, **changes),
        module=None,
        package=None,
        version=None,
        path=Path(),
        python_package="acme_one",
        is_kernel=name == "home",
    )


NAMES = ("one", "one_more", "two")


def test_tables_of_its_own_name_are_fine(base):
    add_table(base, "one_card")
    add_table(base, "one_point", refers_to="one_card")
    add_table(base, "two_thing", module="acme_two.models")
    add_table(base, "one_more_thing", module="acme_one_more")

    assert list(check_tables(plugin(), base, names=NAMES)) == []


@pytest.mark.parametrize("name", ["card", "two_card", "one_more_card", "portalkit_card"])
def test_tables_of_another_name_are_refused(base, name):
    add_table(base, name, module="acme_one")

    assert list(check_tables(plugin(), base, names=NAMES)) == [
        f"has the table {name!r} without the prefix 'one_'"
    ]


@pytest.mark.parametrize("name", ["business", "contact", "document", "person", "staff"])
def test_foreign_keys_to_the_stable_tables_are_fine(base, name):
    add_table(base, "one_card", refers_to=f"portalkit_{name}")

    assert list(check_tables(plugin(), base, names=NAMES)) == []


def test_foreign_keys_to_other_plugins_need_them(base):
    add_table(base, "one_card", refers_to="two_thing")

    assert list(check_tables(plugin(requires=("two",)), base, names=NAMES)) == []
    assert list(check_tables(plugin(), base, names=NAMES)) == [
        "has a foreign key from 'one_card' to 'two_thing', which may change"
    ]


def test_foreign_keys_to_inner_tables_of_the_kernel_are_refused(base):
    add_table(base, "one_card", refers_to="portalkit_session")

    assert len(list(check_tables(plugin(), base, names=NAMES))) == 1


def test_the_kernels_sections_have_the_kernels_tables(base):
    add_table(base, "portalkit_card")

    assert list(check_tables(plugin("home"), base, names=NAMES)) == []


def test_a_class_over_a_query_has_no_table(base):
    add_table(base, "one_card")
    table = base.metadata.tables["one_card"]
    subquery = table.select().subquery()
    type(
        "View",
        (base,),
        {
            "__table__": subquery,
            "__module__": "acme_one",
            "__mapper_args__": {"primary_key": [subquery.c.id]},
        },
    )

    assert list(check_tables(plugin(), base, names=NAMES)) == []
