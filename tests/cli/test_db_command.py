"""``portalkit db``: upgrade, and say whether that is needed."""

import pytest
from click.testing import CliRunner

from portalkit.cli.db import db_group
from portalkit.config import PortalConfig


@pytest.fixture
def run(tmp_path):
    def run(*arguments, **settings):
        config = PortalConfig(
            **{"plugins": (), "database_url": f"sqlite:///{tmp_path / 'x.db'}", **settings}
        )
        return CliRunner().invoke(db_group, arguments, obj=config)

    return run


def test_status_fails_until_the_database_is_upgraded(run):
    before = run("status")
    upgraded = run("upgrade")
    after = run("status")

    assert before.exit_code == 1
    assert before.stderr == "pending: portalkit (run 'portalkit db upgrade')\n"
    assert (upgraded.exit_code, upgraded.output) == (0, "upgraded: portalkit\n")
    assert after.exit_code == 0
    assert "up to date" in after.stdout
    assert run("upgrade").output == "nothing to upgrade\n"


@pytest.mark.parametrize("command", ["status", "upgrade", "rebuild-totals"])
def test_a_database_that_cannot_be_used_is_one_line(run, tmp_path, command):
    (tmp_path / "broken.db").write_text("this is no database at all, whatever its name says")

    result = run(command, database_url=f"sqlite:///{tmp_path / 'broken.db'}")

    assert result.exit_code == 1
    assert result.stderr == "Error: the database cannot be used: file is not a database\n"


def test_there_is_nothing_to_draft_when_models_and_tables_agree(run):
    result = run("revision", "portalkit", "-m", "Nothing")

    assert result.exit_code == 1
    assert result.stderr == "Error: the tables of portalkit are what its models say\n"


def test_totals_are_counted_anew(run):
    run("upgrade")

    assert run("rebuild-totals").output == "counted: 0 documents\n"
    assert run("rebuild-totals", "--help").exit_code == 0
