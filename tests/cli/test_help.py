"""``portalkit --help``: what a command does can be read to its end."""

import click
import pytest
from click.testing import CliRunner

from portalkit.cli import cli


def walk(command=cli, path=()):
    """Yield every command with the words that lead to it."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from walk(below, (*path, name))


COMMANDS = [pytest.param(*each, id=" ".join(each[0])) for each in walk()]
GROUPS = [path for path, command in walk() if isinstance(command, click.Group)]


@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_no_line_of_the_help_breaks_off(path, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTALKIT_PLUGINS", "einvoice")

    result = CliRunner().invoke(cli, [*path, "--help"])

    assert result.exit_code == 0
    *_, commands = result.output.partition("Commands:\n")
    assert commands
    assert [line for line in commands.splitlines() if line.endswith("...")] == []


@pytest.mark.parametrize(("path", "command"), COMMANDS)
def test_every_command_and_option_says_what_it_is_for(path, command):
    options = [each for each in command.params if isinstance(each, click.Option)]

    assert command.help
    assert "``" not in command.help
    assert [option.name for option in options if not option.help] == []
