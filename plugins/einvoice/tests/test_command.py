"""The command: what it prints, what it stores, with which exit code it ends."""

import json
import os
import sys

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, func, select

from portalkit.cli import main
from portalkit.cli.imports import import_command
from portalkit.config import BusinessConfig
from portalkit.db import sync_url
from portalkit.documents.models import DocumentRow

KEYS = ["path", "ok", "kind", "number", "date", "currency"]
KEYS += ["lines", "net", "tax", "gross", "payable", "error"]


@pytest.fixture
def portal_plugins() -> tuple[str, ...]:
    return ("sales", "purchases", "einvoice")


@pytest.fixture
def config(portal_config):
    return msgspec.structs.replace(
        portal_config, business=(BusinessConfig(slug="mill", name="Mill"),)
    )


def run(config, *arguments: str | os.PathLike[str]):
    return CliRunner().invoke(import_command, [str(each) for each in arguments], obj=config)


def test_the_command_prints_one_line_a_file_with_the_same_keys(config, make_invoice, tmp_path):
    (tmp_path / "1.xml").write_text(make_invoice(payable="121.00"), "utf-8")
    (tmp_path / "2.xml").write_text("<Other/>", "utf-8")

    result = run(config, "--json", tmp_path / "1.xml", tmp_path / "2.xml")

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [list(line) for line in lines] == [KEYS, KEYS]
    assert lines[0] == {
        "path": str(tmp_path / "1.xml"),
        "ok": True,
        "kind": "invoice",
        "number": "F-1",
        "date": "2026-03-01",
        "currency": "EUR",
        "lines": 1,
        "net": None,
        "tax": None,
        "gross": None,
        "payable": "121.00",
        "error": None,
    }
    assert lines[1]["error"] == "it is XML with the root Other, which is not imported"
    assert lines[1]["ok"] is False


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_exit_code_reaches_the_shell(database_url, make_invoice, tmp_path, monkeypatch):
    config = tmp_path / "portalkit.toml"
    config.write_text(
        f'database_url = "{database_url}"\nstorage_url = "file:{tmp_path}/files"\n'
        'plugins = ["sales", "einvoice"]\n[[business]]\nslug = "mill"\nname = "Mill"\n'
    )
    (tmp_path / "good.xml").write_text(make_invoice(), "utf-8")
    good, missing = str(tmp_path / "good.xml"), str(tmp_path / "missing.xml")

    monkeypatch.setattr(sys, "argv", ["portalkit", "--config", str(config), "import", good])
    with pytest.raises(SystemExit) as succeeded:
        main()
    monkeypatch.setattr(sys, "argv", [*sys.argv, missing])
    with pytest.raises(SystemExit) as stopped:
        main()

    assert succeeded.value.code == 0
    assert stopped.value.code == 1


def test_the_command_sums_up_and_names_what_was_refused(config, make_invoice, tmp_path):
    (tmp_path / "good.xml").write_text(make_invoice(), "utf-8")
    (tmp_path / "[bold]bad.xml").write_bytes(b"%PDF-1.7")

    first = run(config, tmp_path)
    again = run(config, tmp_path / "good.xml")

    assert first.exit_code == 1
    assert "[bold]bad.xml: it is a damaged PDF, or none" in first.stdout
    assert "arrived" in first.stdout
    assert again.exit_code == 0
    assert [line.split() for line in again.stdout.splitlines() if "unchanged" in line] == [
        ["│", "unchanged", "│", "1", "│"]
    ]


def test_a_dry_run_says_that_it_was_one(config, make_invoice, tmp_path):
    (tmp_path / "good.xml").write_text(make_invoice(), "utf-8")

    result = run(config, "--dry-run", tmp_path / "good.xml")

    assert result.exit_code == 0
    assert "nothing was stored" in result.stdout
    engine = create_engine(sync_url(config.database_url))
    with engine.connect() as connection:
        stored = connection.execute(select(func.count()).select_from(DocumentRow)).scalar_one()
    engine.dispose()
    assert stored == 0


def test_which_business_must_be_said_where_there_are_several(config, make_invoice, tmp_path):
    two = (BusinessConfig(slug="mill", name="Mill"), BusinessConfig(slug="bees", name="Bees"))
    config = msgspec.structs.replace(config, business=two)
    path = tmp_path / "good.xml"
    path.write_text(make_invoice(), "utf-8")

    unnamed, named = run(config, path), run(config, "--business", "bees", path)

    assert unnamed.exit_code == 1
    assert "which business? --business one of" in unnamed.output
    assert named.exit_code == 0


def test_an_unknown_contact_is_one_line_and_nothing_arrives(config, make_invoice, tmp_path):
    path = tmp_path / "good.xml"
    path.write_text(make_invoice(), "utf-8")

    result = run(config, "--contact", "nobody", path)

    assert result.exit_code == 1
    assert str(result.exception) == "there is no contact 'nobody'"
