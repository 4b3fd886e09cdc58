"""``portalkit --app``: settings and plugins that stand in the host's application only."""

import secrets
import sys

import pytest

from portalkit.cli import main

HOST = """
from litestar import Litestar
from portalkit import PortalConfig, PortalPlugin, create_app
from portalkit.hooks import HOOK_API, Manifest, hookimpl


class Notes:
    manifest = Manifest(name="notes", title="Notes", api=HOOK_API)

    @hookimpl
    async def portalkit_erase_personal_data(self, contact_id):
        print("notes of", contact_id, "forgotten")

    @hookimpl
    def portalkit_register_commands(self, cli):
        @cli.command("count")
        def count():
            print("no notes")


mill = {"slug": "mill", "name": "Olive Mill"}


def make():
    config = PortalConfig.load(
        base_url="https://shop.example/portal", business=[mill], plugins=("sales",)
    )
    return create_app(config, plugins={"notes": Notes()})


alone = make()
plugin = PortalPlugin(PortalConfig.load(plugins=(), business=[mill]), plugins={"notes": Notes()})
app = Litestar([], plugins=[plugin])
"""


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Run the command beside a host's module; return its code and both of what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PORTALKIT_SECRET_KEYS", secrets.token_hex(32))
    # What a command leaves in the environment is taken back too.
    monkeypatch.setenv("PORTALKIT_SAFE_MODE", "0")
    (tmp_path / "cli_host.py").write_text(HOST, "utf-8")

    def run(*arguments):
        sys.modules.pop("cli_host", None)
        monkeypatch.setattr("sys.argv", ["portalkit", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        return stop.value.code, said.out, said.err

    return run


@pytest.mark.parametrize("name", ["cli_host:alone", "cli_host:make", "cli_host:plugin", "cli_host"])
def test_commands_know_the_plugins_of_an_application(run, name):
    code, listed, _ = run("--app", name, "plugins", "list")

    assert code == 0
    assert "notes" in listed
    assert run("--app", name, "notes", "count")[:2] == (0, "no notes\n")


def test_commands_take_the_settings_of_an_application(run, monkeypatch):
    monkeypatch.setenv("PORTALKIT_APP", "cli_host:alone")

    upgraded = run("db", "upgrade")
    code, link, _ = run("staff", "add", "office@mill.example")

    assert upgraded == (0, "upgraded: portalkit\n", "")
    assert code == 0
    assert link.startswith("https://shop.example/portal/i/")


def test_erasing_a_contact_calls_the_plugins_of_an_application(run, monkeypatch):
    monkeypatch.setenv("PORTALKIT_APP", "cli_host:alone")
    run("db", "upgrade")
    run("staff", "add", "office@mill.example")
    import_contact(run)

    code, said, _ = run("erase-contact", "C-1", "--yes")

    assert code == 0
    assert "forgotten" in said
    assert said.startswith("notes of ")


def import_contact(run):
    """Add a contact the way a host does."""
    import asyncio  # noqa: PLC0415

    import cli_host  # noqa: PLC0415

    portal = cli_host.alone.portal
    asyncio.run(portal.upsert_contact("C-1", name="Tienda Sol"))


def test_an_engine_of_the_hosts_own_says_which_database(run, tmp_path):
    (tmp_path / "cli_engine.py").write_text(
        "from portalkit import PortalConfig, create_app\n"
        "from portalkit.db import create_engine_for\n"
        f"engine = create_engine_for('sqlite:///{tmp_path}/own.db')\n"
        "app = create_app(PortalConfig.load(plugins=()), engine=engine)\n",
        "utf-8",
    )

    assert run("--app", "cli_engine", "db", "upgrade")[0] == 0
    assert (tmp_path / "own.db").exists()
    assert not (tmp_path / "portal.db").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--app", "nowhere:app", "check"), "there is no module nowhere (--app nowhere:app)"),
        (("--app", "cli_host:shop", "check"), "cli_host has no shop (--app cli_host:shop)"),
        (("--app", "cli_host:mill", "check"), "cli_host:mill has no portal"),
        (("--app", "cli_host", "--config", "a.toml", "check"), "name --app or --config"),
        (("--app", "cli_host", "serve"), "your application serves the portal"),
    ],
)
def test_what_is_wrong_with_an_application_is_said_in_one_line(run, arguments, said):
    code, _, error = run(*arguments)

    assert code in {1, 2}
    assert error.splitlines()[-1].startswith(f"Error: {said}")


def test_safe_mode_reaches_the_application_before_its_broken_plugins_do(run, monkeypatch):
    monkeypatch.setenv("PORTALKIT_APP", "cli_broken")
    path = sys.path[0]
    with open(f"{path}/cli_broken.py", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(
            "from portalkit import PortalConfig, create_app\n"
            "app = create_app(PortalConfig.load(), plugins={'carrots': object()})\n"
        )
    sys.modules.pop("cli_broken", None)

    broken = run("db", "status")
    sys.modules.pop("cli_broken", None)
    safe = run("--safe-mode", "plugins", "list")

    assert broken[0] == 1
    assert broken[2].startswith("Error: plugin carrots")
    assert safe[0] == 0
    assert "carrots" in safe[1]
