"""``portalkit export``: what came in goes out as files, and comes in again unchanged."""

import json

import msgspec
import pytest
from click.testing import CliRunner

from portalkit.cli import cli
from portalkit.cli.exports import export_command
from portalkit.cli.imports import import_command
from portalkit.config import BusinessConfig

KEYS = ["outcome", "kind", "number", "date", "file", "error"]


@pytest.fixture
def portal_plugins() -> tuple[str, ...]:
    return ("sales", "purchases", "einvoice")


@pytest.fixture
def config(portal_config):
    business = BusinessConfig(slug="mill", name="Mill")
    return msgspec.structs.replace(portal_config, business=(business,))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def run(config, folder):
    def run(*arguments):
        return CliRunner().invoke(export_command, ["--to", str(folder), *arguments], obj=config)

    return run


@pytest.fixture
def bring(config, data_folder):
    def bring(*names):
        paths = [str(data_folder / "en16931-ubl" / name) for name in names]
        result = CliRunner().invoke(import_command, paths, obj=config)
        assert result.exit_code == 0, result.output

    return bring


def lines_of(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_what_came_in_goes_out_once_and_comes_in_again_unchanged(run, bring, folder, config):
    bring("ubl-tc434-example1.xml", "ubl-tc434-creditnote1.xml")

    first, again = run("--format", "ubl", "--json"), run("--format", "ubl", "--json")

    assert first.exit_code == again.exit_code == 0, first.output
    lines = lines_of(first)
    assert [list(line) for line in lines] == [KEYS, KEYS]
    assert {line["kind"] for line in lines} == {"invoice", "credit_note"}
    assert {line["outcome"] for line in lines_of(again)} == {"unchanged"}
    written = {line["file"] for line in lines}
    assert {each.name for each in folder.glob("*.xml")} == written
    back = CliRunner().invoke(
        import_command, ["--json", *map(str, folder.glob("*.xml"))], obj=config
    )
    assert back.exit_code == 0, back.output


def test_the_summary_counts_and_the_code_tells_of_what_is_missing(
    run, bring, config, make_invoice, tmp_path
):
    (tmp_path / "bare.xml").write_text(make_invoice(), "utf-8")
    CliRunner().invoke(import_command, [str(tmp_path / "bare.xml")], obj=config)
    bring("ubl-tc434-example1.xml")

    result = run("--format", "ubl")

    assert result.exit_code == 1
    assert "written" in result.stdout
    assert "not exported: invoice F-1: " in result.stdout


def test_kinds_days_and_contacts_are_chosen(run, bring):
    bring("ubl-tc434-example1.xml", "ubl-tc434-creditnote1.xml")

    credit = lines_of(run("--format", "cii", "--kind", "credit_note", "--json"))
    later = lines_of(run("--format", "facturae", "--since", "2100-01-01", "--json"))
    nobody = run("--format", "ubl", "--contact", "nobody")

    assert [line["kind"] for line in credit] == ["credit_note"]
    assert later == []
    assert "no contact 'nobody'" in str(nobody.exception)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--format", "word"], "there is no format 'word': --format one of pdf, cii, factur-x"),
        (["--format", "ubl", "--kind", "quote"], "ubl is not for quote, but for credit_note"),
        (["--format", "ubl", "--language", "xx"], "--language must be one of es, en"),
        (["--format", "ubl", "--business", "bees"], "which business? --business one of mill"),
    ],
)
def test_a_wrong_option_is_one_line_that_names_it(run, bring, arguments, reason):
    bring("ubl-tc434-example1.xml")

    result = run(*arguments)

    assert result.exit_code == 1
    assert reason in result.output
    assert "Traceback" not in result.output


def test_a_folder_that_cannot_be_written_is_one_line(config, bring, tmp_path):
    bring("ubl-tc434-example1.xml")
    (tmp_path / "file").write_text("")

    result = CliRunner().invoke(
        export_command, ["--format", "ubl", "--to", str(tmp_path / "file" / "out")], obj=config
    )

    assert result.exit_code == 1
    assert "cannot be written" in result.output


def test_the_command_has_help():
    result = CliRunner().invoke(cli, ["export", "--help"])

    assert result.exit_code == 0
    assert "--since" in result.output
