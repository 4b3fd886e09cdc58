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

    assert run("plugins", "check") == (
        1,
        "Error: configuration: base_url: plain http is for loopback addresses only; use https\n",
    )


def test_each_broken_plugin_has_a_line(run, monkeypatch):
    monkeypatch.setenv("PORTALKIT_PLUGINS", "carrots,beets")

    assert run("db", "status") == (
        1,
        "Error: plugin carrots: is not installed\nError: plugin beets: is not installed\n",
    )


def test_each_error_begins_alike_whoever_finds_it(run, monkeypatch, tmp_path):
    (tmp_path / "wrong.toml").write_text("base_url = 1")
    wrong = [
        run("--config", "nowhere.toml", "check"),
        run("--config", "wrong.toml", "check"),
        run("staff", "add", "office@mill.example"),
        run("serve"),
        run("worker"),
        run("jobs", "drop", "nothing"),
        run("plugins", "show", "nothing"),
        run("invite"),
        run("nothing"),
    ]

    assert [code for code, _ in wrong] == [1, 1, 1, 1, 1, 1, 1, 2, 2]
    assert [error for _, error in wrong if not error.splitlines()[-1].startswith("Error: ")] == []


def test_serving_says_what_is_missing_before_it_starts_workers(run, monkeypatch):
    assert run("serve") == (
        1,
        "Error: secret_keys: is missing: set PORTALKIT_SECRET_KEYS to 32 random bytes or more\n",
    )
    monkeypatch.setenv("PORTALKIT_SECRET_KEYS", "0123456789abcdef" * 2)

    assert run("serve") == (
        1,
        "Error: migrations are pending for portalkit: run 'portalkit db upgrade'\n",
    )
