"""Slow plugins are named in the log, and every call can be traced."""

import pluggy
import pytest

from portalkit.hooks import hookimpl
from portalkit.hooks.dispatch import Dispatcher
from portalkit.hooks.markers import PROJECT
from portalkit.hooks.specs import PortalSpecs


class One:
    @hookimpl
    def portalkit_choose_template(self, purpose):
        if purpose is None:
            raise RuntimeError("no")
        return purpose


def dispatcher(**options):
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(PortalSpecs)
    manager.register(One(), name="one")
    return Dispatcher(manager, **options)


def run(found, purpose):
    arguments = {"context": None, "document": None, "purpose": purpose}
    (call,) = found.calls("portalkit_choose_template", arguments)
    return found.run(call)


@pytest.mark.parametrize(("seconds", "is_told"), [(0.05, False), (0.2, True)])
def test_a_slow_plugin_is_named(caplog, seconds, is_told):
    moments = iter([10.0, 10.0 + seconds])

    run(dispatcher(clock=lambda: next(moments)), "pdf")

    assert ("plugin one took 200 ms in portalkit_choose_template" in caplog.text) is is_told


def test_calls_are_traced_with_plugin_arguments_result_and_time(capsys):
    moments = iter([10.0, 10.002, 20.0, 20.001])
    traced = dispatcher(is_traced=True, clock=lambda: next(moments))

    run(traced, "pdf")
    with pytest.raises(RuntimeError):
        run(traced, None)

    assert capsys.readouterr().err.splitlines() == [
        "portalkit hook one: portalkit_choose_template(purpose='pdf') -> 'pdf' in 2.0 ms",
        "portalkit hook one: portalkit_choose_template(purpose=None) -> failed in 1.0 ms",
    ]


def test_a_trace_cuts_long_values_short(capsys):
    run(dispatcher(is_traced=True), "x" * 1000)

    assert len(capsys.readouterr().err) < 300
