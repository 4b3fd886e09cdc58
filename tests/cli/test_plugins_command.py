"""``portalkit plugins``: what is there, what it adds, what is wrong with it."""

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
