"""What the ``portalkit`` command leaves a shell with: a code, and one line if it failed."""

import pytest

from portalkit.cli import main


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Run the command in a folder of its own; return its code and what it said is wrong."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTALKIT_PLUGINS", "sales")

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["portalkit", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code, capsys.readouterr().err

    return run


def test_a_command_that_stops_with_a_code_hands_it_on(run):
    code, error = run("db", "status")

    assert code == 1
    assert error == "pending: portalkit (run 'portalkit db upgrade')\n"


def test_a_command_that_worked_ends_with_nought(run):
    assert run("plugins", "check") == (0, "")


def test_a_wrong_use_ends_with_two_and_says_how_it_is_used(run):
    code, error = run("db", "staus")

    assert code == 2
    assert "No such command 'staus'" in error


def test_a_wrong_setting_is_one_line(run, monkeypatch):
    monkeypatch.setenv("PORTALKIT_BASE_URL", "http://portal.example.com")

    code, _ = run("plugins", "check")

    assert code == (
        "portalkit: configuration: base_url: plain http is for loopback addresses only; use https"
    )


def test_each_broken_plugin_has_a_line(run, monkeypatch):
    monkeypatch.setenv("PORTALKIT_PLUGINS", "carrots,beets")

    code, _ = run("db", "status")

    assert code == (
        "portalkit: plugin carrots: is not installed\nportalkit: plugin beets: is not installed"
    )
