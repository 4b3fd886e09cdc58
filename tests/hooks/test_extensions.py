"""Plugins add to templates and to the command line under their own names only."""

import click
import pytest
from click.testing import CliRunner
from jinja2 import Environment

from portalkit.hooks import HOOK_API, Manifest, hookimpl


class Plugin:
    def __init__(self, name, act):
        self.manifest = Manifest(name=name, title=name, api=HOOK_API)
        self.act = act

    @hookimpl
    def portalkit_extend_templates(self, environment):
        self.act(environment)

    @hookimpl
    def portalkit_register_commands(self, cli):
        self.act(cli)


def good(environment):
    environment.filters["one_shout"] = str.upper
    environment.globals["one_answer"] = 42


def foreign(environment):
    environment.filters["shout"] = str.upper


def replacing(environment):
    environment.filters["upper"] = str.lower


def removing(environment):
    del environment.globals["range"]


def unsafe(environment):
    environment.autoescape = False


def raising(environment):
    environment.filters["one_shout"] = str.upper
    raise RuntimeError("no")


def test_a_plugin_adds_filters_and_globals(load):
    environment = Environment(autoescape=True)
    load(extra={"one": Plugin("one", good)}).hooks.extend_templates(environment)

    template = environment.from_string("{{ 'a' | one_shout }}{{ one_answer }}")

    assert template.render() == "A42"


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (foreign, "adds shout without the prefix 'one_'"),
        (replacing, "replaces or removes upper"),
        (removing, "replaces or removes range"),
        (unsafe, "changes settings of the template environment"),
        (raising, "RuntimeError('no')"),
    ],
)
def test_what_is_not_its_own_is_refused_and_undone(load, act, reason):
    environment = Environment(autoescape=True)
    before = dict(environment.filters), dict(environment.globals)

    with pytest.raises(ExceptionGroup) as caught:
        load(extra={"one": Plugin("one", act)}).hooks.extend_templates(environment)
    load(extra={"one": Plugin("one", act)}, safe_mode=True).hooks.extend_templates(environment)

    assert reason in str(caught.value.exceptions[0])
    assert (dict(environment.filters), dict(environment.globals)) == before
    assert environment.autoescape is True


def add_greeting(cli):
    @cli.command("greet")
    def greet():
        click.echo("hello")


def add_nothing(cli):
    pass


def test_a_plugins_commands_stand_below_its_name(load):
    group = click.Group("portalkit")
    load(
        extra={"one": Plugin("one", add_greeting), "two": Plugin("two", add_nothing)}
    ).hooks.register_commands(group)

    assert list(group.commands) == ["one"]
    assert CliRunner().invoke(group, ["one", "greet"]).output == "hello\n"


def test_a_plugin_cannot_take_a_command_of_the_kernel(load):
    group = click.Group("portalkit", commands=[click.Group("one")])

    with pytest.raises(ExceptionGroup) as caught:
        load(extra={"one": Plugin("one", add_greeting)}).hooks.register_commands(group)
    load(extra={"one": Plugin("one", add_greeting)}, safe_mode=True).hooks.register_commands(group)

    assert "there is a command 'one' already" in str(caught.value.exceptions[0])
