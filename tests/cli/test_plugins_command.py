"""``portalkit plugins``: what is there, what it adds, what is wrong with it."""

import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from portalkit.cli.plugins import PluginCommands, plugins_group
from portalkit.config import PortalConfig

SETTINGS = {"plugins": ("sales",)}


@pytest.fixture
def run():
    def run(*arguments, **settings):
        config = PortalConfig(**{**SETTINGS, **settings})
        return CliRunner().invoke(plugins_group, arguments, obj=config)

    return run


def test_all_plugins_are_listed_in_load_order_with_their_packages(run):
    result = run("list")

    lines = [line.split() for line in result.output.splitlines()]
    assert result.exit_code == 0
    assert lines[0][0] == "Name"
    assert [line[0] for line in lines[1:]] == ["home", "profile", "backoffice", "sales"]
    assert lines[4][2] == "portalkit-sales"
    assert "nobody" in lines[1]


def test_a_broken_plugin_is_listed_with_the_reason(run):
    result = run("list", plugins=("sales", "ghost"))

    assert result.exit_code == 0
    assert "broken: is not installed" in result.output


def test_a_check_is_silent_about_what_is_well(run):
    result = run("check")

    assert (result.exit_code, result.stdout) == (0, "4 plugins are ready\n")


def test_a_check_names_every_problem_and_fails(run):
    result = run("check", plugins=("ghost", "phantom"))

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "plugin ghost: is not installed",
        "plugin phantom: is not installed",
    ]


def test_a_plugin_shows_its_package_hooks_and_what_it_adds(run):
    result = run("show", "sales")

    assert result.exit_code == 0
    for part in ("portalkit-sales 0.1.0", "Apache-2.0", "portalkit_register_sections", "Sales"):
        assert part in result.output


@pytest.mark.parametrize(
    ("name", "reason"),
    [("ghost", "plugin ghost: is not installed"), ("nobody", "there is no plugin 'nobody' here")],
)
def test_a_plugin_that_cannot_be_shown_is_one_line(run, name, reason):
    result = run("show", name, plugins=("ghost",))

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert reason in result.stderr


SOURCE = """
import click
from portalkit.hooks import HOOK_API, Manifest, hookimpl

manifest = Manifest(name="one", title="One", api=HOOK_API)


@hookimpl
def portalkit_register_commands(cli):
    @cli.command("greet")
    def greet():
        click.echo("hello")
"""


@pytest.fixture
def portal(tmp_path, monkeypatch):
    """Run the whole command line with a plugin that has a command, or is broken."""
    monkeypatch.syspath_prepend(tmp_path)
    metadata = tmp_path / "dist_one-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: dist-one\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[portalkit.plugins]\none = one_with_commands\n")
    config = tmp_path / "portalkit.toml"
    config.write_text("plugins = ['one']\n")

    def portal(*arguments, source=SOURCE, settings=None):
        (tmp_path / "one_with_commands.py").write_text(source)
        if settings is not None:
            config.write_text(settings)
        group = PluginCommands(
            "portalkit",
            params=[
                click.Option(["--config", "path"], type=click.Path(path_type=Path), is_eager=True)
            ],
            commands={"own": click.Command("own", callback=lambda: click.echo("own"))},
            callback=lambda path: None,
        )
        return CliRunner().invoke(group, ["--config", str(config), *arguments])

    yield portal
    sys.modules.pop("one_with_commands", None)


def test_a_plugins_commands_stand_beside_the_kernels(portal):
    assert portal("one", "greet").output == "hello\n"
    assert portal("own").output == "own\n"
    assert portal("nobody").exit_code == 2


def test_the_help_names_the_commands_of_plugins(portal):
    lines = [line.split()[0] for line in portal("--help").output.splitlines() if line.strip()]

    assert lines[-2:] == ["own", "one"]


def test_a_broken_plugin_hinders_only_its_own_commands(portal):
    result = portal("one", "greet", source="1 / 0")

    assert portal("own").output == "own\n"
    assert result.exit_code == 1
    assert "plugin one (dist-one): cannot be imported: ZeroDivisionError" in result.stderr


def test_a_wrong_configuration_does_not_hinder_the_help(portal):
    assert "own" in portal("--help", settings="no_such_setting = 1\n").output
