"""The commands say of a catalogue what they say of documents."""

import json

import msgspec
import pytest
from click.testing import CliRunner
from portalkit_catalog.models import ProductRow
from portalkit_einvoice.inspection import inspect_command
from sqlalchemy import func, select

from portalkit.cli.imports import import_command
from portalkit.config import BusinessConfig

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def run(portal_config):
    config = msgspec.structs.replace(
        portal_config, business=(BusinessConfig(slug="mill", name="Mill"),)
    )
    return lambda command, *arguments: CliRunner().invoke(command, arguments, obj=config)


@pytest.fixture
def path(made, tmp_path) -> str:
    path = tmp_path / "catalogue.xml"
    path.write_text(made.catalogue(made.line("A"), made.line("B")), "utf-8")
    return str(path)


def count(engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(ProductRow)).scalar_one()


def test_the_import_counts_a_catalogue_like_a_document(run, path, engine):
    dry = run(import_command, "--dry-run", path)
    assert (dry.exit_code, count(engine)) == (0, 0)

    first = run(import_command, "--json", path)
    again = run(import_command, path)

    line = json.loads(first.stdout)
    assert line | {"path": ""} == {
        "path": "",
        "ok": True,
        "kind": "catalogue",
        "number": "C-1",
        "date": "2026-03-01",
        "currency": "EUR",
        "lines": 2,
        "net": None,
        "tax": None,
        "gross": None,
        "payable": None,
        "error": None,
    }
    assert [row.split("│")[1:3] for row in again.stdout.splitlines() if "unchanged" in row] == [
        [" unchanged ", "     1 "]
    ]
    assert count(engine) == 2


def test_a_catalogue_is_inspected_without_being_stored(run, path, engine):
    printed = run(inspect_command, path).stdout
    facts = json.loads(run(inspect_command, "--json", path).stdout)

    rows = [row.split() for row in printed.splitlines()]
    assert ["document", "catalogue", "C-1"] in rows
    assert ["lines", "2"] in rows
    assert "profile" not in printed
    assert (facts["kind"], facts["lines"], facts["currency"]) == ("catalogue", 2, "EUR")
    assert (facts["totals"], facts["arithmetic"], facts["error"]) == ({}, None, None)
    assert count(engine) == 0
