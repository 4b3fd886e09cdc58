"""What the README shows is what runs: its code is taken out of the page and used."""

import re
import secrets
import shlex
import sys
from importlib import import_module
from pathlib import Path

import pytest
from litestar.testing import AsyncTestClient

from portalkit import PortalConfig, create_app
from portalkit.cli import main
from portalkit.db.migrate import upgrade
from portalkit.hooks import load_plugins
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import NOW, make_business, make_contact, make_person

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def _block(heading: str, language: str) -> str:
    """The first block of code in that language below a heading."""
    section = README.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert found, f"no {language} block under {heading}"
    return found[1]


@pytest.fixture
def surroundings(tmp_path, monkeypatch):
    """A working folder and a secret, which is all that the README's code asks for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PORTALKIT_SECRET_KEYS", secrets.token_hex(32))
    monkeypatch.setenv("PORTALKIT_DATABASE_URL", f"sqlite:///{tmp_path}/portal.db")
    monkeypatch.setenv("PORTALKIT_PDF__WORKERS", "0")
    return tmp_path


def _import(folder: Path, name: str, code: str):
    (folder / f"{name}.py").write_text(code, "utf-8")
    sys.modules.pop(name, None)
    return import_module(name)


async def test_the_portal_is_embedded_in_ten_lines(surroundings):
    code = _block("Put it into your application", "python")
    module = _import(surroundings, "readme_host", code)
    upgrade(module.config.database_url, load_plugins(module.config))

    async with AsyncTestClient(module.app, base_url="http://127.0.0.1:8000") as client:
        own = await client.get("/")
        portal = await client.get("/portal/login")

    assert own.text == "The page of the mill itself"
    assert portal.status_code == 200
    assert "Olive Mill" in portal.text
    lines = [line for line in code.splitlines() if line.strip()]
    assert len(lines) <= 10


@pytest.fixture
def shell(surroundings, monkeypatch, capsys):
    """Run one line of a console; return what it printed."""

    def run(line):
        program, *arguments = shlex.split(line)
        assert program == "portalkit"
        monkeypatch.setattr("sys.argv", [program, *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        assert (stop.value.code, said.err) == (0, "")
        return said.out

    return run


def test_the_commands_of_the_readme_work_with_the_application_it_shows(
    surroundings, shell, monkeypatch
):
    (surroundings / "shop.py").write_text(_block("Put it into your application", "python"), "utf-8")
    sys.modules.pop("shop", None)
    lines = [
        line.removeprefix("$ ").partition("#")[0].strip()
        for line in _block("Put it into your application", "console").splitlines()
    ]
    assert "export PORTALKIT_APP=shop:app" in lines
    monkeypatch.setenv("PORTALKIT_APP", "shop:app")

    said = [shell(line) for line in lines if line.startswith("portalkit ")]

    assert said[0].startswith("upgraded: ")
    assert said[1].startswith("http://127.0.0.1:8000/portal/i/")
    assert lines[-1] == "granian --interface asgi shop:app"


async def test_a_section_is_written_in_twenty_lines(surroundings):
    code = _block("Write a section", "python")
    templates = surroundings / "my_tickets" / "templates" / "tickets"
    templates.mkdir(parents=True)
    (surroundings / "my_tickets" / "__init__.py").write_text(code, "utf-8")
    (templates / "index.html").write_text(_block("Write a section", "jinja"), "utf-8")
    plugin = import_module("my_tickets")

    config = PortalConfig.load(plugins=())
    app = create_app(config, plugins={"tickets": plugin})
    upgrade(config.database_url, app.portal.registry)
    async with app.portal.writing() as session:
        business = await make_business(session)
        contact = await make_contact(session, business)
        password = await app.portal.passwords.hash("a long password")
        await make_person(
            session,
            business,
            [contact],
            "lucia@sol.example",
            name="Lucía",
            password_hash=password,
            password_set_at=NOW,
        )
        await session.commit()

    async with open_portal(app), PortalClient(app) as client:
        nobody = await client.get("/tickets")
        await client.sign_in("lucia@sol.example", "a long password")
        page = await client.get("/tickets")

    assert nobody.status_code != 200
    assert "Hello Lucía" in page.text
    assert 'href="/tickets"' in page.text
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
