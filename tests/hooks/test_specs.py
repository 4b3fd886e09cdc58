"""Every hook is documented in the same way, callable through the facade, and tested."""

import asyncio
import functools
import inspect
from pathlib import Path

import pytest

from portalkit.hooks import Hooks, PortalSpecs
from portalkit.hooks.checks import hook_names

HOOKS = hook_names(PortalSpecs)
RUNTIME = [name for name in HOOKS if not name.startswith("portalkit_register_")]
TESTS = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))


@pytest.mark.parametrize("name", HOOKS)
def test_a_docstring_says_when_with_what_what_for_and_what_a_failure_does(name):
    function = getattr(PortalSpecs, name)
    doc = inspect.getdoc(function)
    places = [doc.find(f"\n{part}") for part in ("Called", "Args:", "Returns:", "Failure:")]

    assert -1 not in places
    assert places == sorted(places)
    arguments = doc[places[1] : places[2]]
    for parameter in list(inspect.signature(function).parameters)[1:]:
        assert f"    {parameter}: " in arguments


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_only_a_description(name):
    function = getattr(PortalSpecs, name)
    arguments = [None] * len(inspect.signature(function).parameters)

    if inspect.iscoroutinefunction(function):
        call = functools.partial(asyncio.run, function(*arguments))
    else:
        call = functools.partial(function, *arguments)

    with pytest.raises(NotImplementedError):
        call()


@pytest.mark.parametrize("name", RUNTIME)
def test_a_runtime_hook_is_a_typed_method_of_the_facade(name):
    method = getattr(Hooks, name.removeprefix("portalkit_"))

    assert inspect.iscoroutinefunction(method) == inspect.iscoroutinefunction(
        getattr(PortalSpecs, name)
    )


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_tested(name):
    assert f"def {name}(" in TESTS
