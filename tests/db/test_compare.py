"""A migration can be drafted from the models."""

import pytest
from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, inspect

from portalkit.db import Instant
from portalkit.db.compare import schema_differences, write_revision
from portalkit.db.migrate import reading, upgrade


def metadata(*more):
    found = MetaData()
    Table("acme_card", found, Column("id", Integer, primary_key=True), *more)
    Table("other_card", found, Column("id", Integer, primary_key=True))
    return found


def test_a_drafted_migration_brings_the_tables_to_the_models(empty_url, with_plugin):
    registry = with_plugin("acme_card")
    upgrade(empty_url, registry)
    models = metadata(Column("name", String(20)), Column("made_at", Instant))
    (first, second) = schema_differences(empty_url, registry, "acme", models)
    assert {first[0], second[0]} == {"add_column"}

    path = write_revision(empty_url, registry, "acme", models, "Name the cards")

    assert path.name == "0002_name_the_cards.py"
    assert "portalkit" not in path.read_text()
    assert upgrade(empty_url, registry) == ["acme"]
    assert schema_differences(empty_url, registry, "acme", models) == []
    with reading(empty_url) as connection:
        (made_at,) = (
            column
            for column in inspect(connection).get_columns("acme_card")
            if column["name"] == "made_at"
        )
    assert isinstance(made_at["type"], DateTime)


def test_the_first_migration_is_drafted_from_nothing(empty_url, with_plugin):
    registry = with_plugin()

    path = write_revision(empty_url, registry, "acme", metadata(), "Initial")

    assert path.name == "0001_initial.py"
    upgrade(empty_url, registry)
    assert schema_differences(empty_url, registry, "acme", metadata()) == []


def test_there_is_nothing_to_draft_without_a_difference_or_a_folder(empty_url, with_plugin):
    registry = with_plugin("acme_card")
    upgrade(empty_url, registry)

    with pytest.raises(LookupError, match="are what its models say"):
        write_revision(empty_url, registry, "acme", metadata(), "Nothing")
    with pytest.raises(LookupError, match="has no folder migrations/versions"):
        write_revision(empty_url, registry, "other", metadata(), "Nothing")
