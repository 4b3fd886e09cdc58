"""Which plugins are loaded, in which order, and what is said about broken ones."""

import importlib
import sys
import types

import pytest

from portalkit.config import PortalConfig
from portalkit.errors import PluginLoadError
from portalkit.hooks import HOOK_API, Manifest, hookimpl, inspect_plugins, load_plugins

SOURCE = """
    from portalkit.hooks import HOOK_API, Manifest
    manifest = Manifest(name={name!r}, title="Installed", api=HOOK_API)
"""


class Plugin:
    def __init__(self, name="one", **changes):
        self.manifest = Manifest(**{"name": name, "title": name, "api": HOOK_API, **changes})


def plugins(*found):
    return {plugin.manifest.name: plugin for plugin in found}


def reasons(caught):
    assert all(isinstance(error, PluginLoadError) for error in caught.value.exceptions)
    return [str(error) for error in caught.value.exceptions]


def test_an_installed_plugin_is_found_with_its_package_and_folder(install, load, tmp_path):
    install("one", SOURCE.format(name="one"))

    registry = load("one")

    plugin = registry.plugins["one"]
    assert (plugin.package, plugin.version) == ("dist-one", "1.0")
    assert plugin.path == tmp_path / "installed_one"
    assert plugin.python_package == "installed_one"
    assert not plugin.is_kernel


def test_all_installed_plugins_are_loaded_unless_some_are_named(install):
    install("one", SOURCE.format(name="one"))
    install("two", SOURCE.format(name="two"))

    everything = inspect_plugins(PortalConfig(), kernel=())
    some = load_plugins(PortalConfig(plugins=("two",)), kernel=())

    assert {"one", "two"} <= set(everything.plugins)
    assert list(some.plugins) == ["two"]


def test_the_kernels_sections_come_first_and_cannot_be_left_out(install, load):
    kernel = {name: Plugin(name) for name in ("home", "profile", "backoffice")}
    config = PortalConfig(plugins=("a1",))

    registry = load_plugins(config, {**kernel, **plugins(Plugin("a1"))})

    assert list(registry.plugins) == ["home", "profile", "backoffice", "a1"]
    assert registry.plugins["home"].is_kernel
    assert registry.hooks.always_active == {"home", "profile", "backoffice"}


def test_a_class_as_entry_point_is_instantiated(install, load):
    install(
        "one",
        """
        from portalkit.hooks import HOOK_API, Manifest, hookimpl

        class One:
            manifest = Manifest(name="one", title="One", api=HOOK_API)

            @hookimpl
            def portalkit_register_sections(self):
                assert isinstance(self, One)
                return ()
        """,
        target="installed_one:One",
    )

    assert load("one").hooks.hooks_of("one") == ("portalkit_register_sections",)


def test_a_listed_plugin_that_is_not_installed_stops_the_start(load):
    with pytest.raises(ExceptionGroup) as caught:
        load("ghost", "phantom")

    assert reasons(caught) == [
        "plugin ghost: is not installed",
        "plugin phantom: is not installed",
    ]


def test_a_bad_import_does_not_hide_the_other_problems(install, load):
    install("one", "import there_is_no_such_module")
    install("two", "manifest = 2")

    with pytest.raises(ExceptionGroup) as caught:
        load("one", "two")

    first, second = reasons(caught)
    assert "plugin one (dist-one): cannot be imported: ModuleNotFoundError" in first
    assert second == "plugin two (dist-two): has no attribute 'manifest' of type Manifest"
    assert isinstance(caught.value.exceptions[0].__cause__, ModuleNotFoundError)


def test_two_packages_with_one_plugin_name_are_both_named(install, load):
    install("one", SOURCE.format(name="one"), package="first")
    install("one", SOURCE.format(name="one"), package="second")

    with pytest.raises(ExceptionGroup) as caught:
        load("one")

    assert reasons(caught) == ["plugin one: is provided by several packages: first, second"]


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ({"name": "other"}, "calls itself 'other' in its manifest"),
        ({"name": "One"}, "does not match"),
        ({"name": "core"}, "has the name 'core', which is reserved"),
        ({"name": "portalkit"}, "has the name 'portalkit', which is reserved"),
        ({"name": "portalkit_document"}, "has the name 'portalkit_document', which is reserved"),
        ({"api": 7}, "is written for generation 7 of the hook API, this is 1"),
        ({"settings": dict}, "has settings that are no msgspec.Struct type"),
        ({"business_settings": "x"}, "has business_settings that are no msgspec.Struct type"),
    ],
)
def test_a_wrong_manifest_is_refused(load, manifest, reason):
    with pytest.raises(ExceptionGroup) as caught:
        load(extra={"one": Plugin(**manifest)})

    assert any(reason in text for text in reasons(caught))


def test_a_plugin_that_comes_from_no_file_is_refused(load):
    with pytest.raises(ExceptionGroup) as caught:
        load(extra={"one": types.ModuleType("one")})

    assert reasons(caught) == ["plugin one: does not come from a file"]


def test_an_installed_plugin_that_pluggy_cannot_hold_is_refused_with_its_package(install, load):
    install(
        "one",
        """
        import msgspec

        class One(msgspec.Struct):
            pass
        """,
        target="installed_one:One",
    )

    with pytest.raises(ExceptionGroup) as caught:
        load("one")

    assert reasons(caught)[0].startswith("plugin one (dist-one): is a msgspec struct")


def test_a_module_beside_all_others_has_a_folder_of_its_own(load, tmp_path, monkeypatch):
    (tmp_path / "installed_single.py").write_text(
        "from portalkit.hooks import Manifest\n"
        "manifest = Manifest(name='one', title='One', api=1)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("installed_single")
    monkeypatch.delitem(sys.modules, "installed_single")

    plugin = load(extra={"one": module}).plugins["one"]

    assert plugin.path == tmp_path / "installed_single"
    assert plugin.python_package == "installed_single"


def test_a_plugin_loads_after_what_it_requires_and_the_list_breaks_ties(load):
    registry = load(
        "three",
        "one",
        extra=plugins(
            Plugin("one", requires=("two",)),
            Plugin("two"),
            Plugin("three", after=("two", "missing")),
            Plugin("four"),
        ),
    )

    assert list(registry.plugins) == ["two", "three", "one", "four"]


def test_a_missing_requirement_is_named(load):
    with pytest.raises(ExceptionGroup) as caught:
        load(extra=plugins(Plugin("one", requires=("two",))))

    assert reasons(caught) == ["plugin one: requires 'two', which is not enabled"]


def test_a_circle_is_shown(load):
    with pytest.raises(ExceptionGroup) as caught:
        load(extra=plugins(Plugin("one", requires=("two",)), Plugin("two", after=("one",))))

    assert len(reasons(caught)) == 2
    assert "is part of a circle: " in reasons(caught)[0]


def test_safe_mode_starts_without_the_broken_ones_and_those_that_need_them(load, caplog):
    registry = load(
        "ghost",
        extra=plugins(
            Plugin("one"),
            Plugin("two", api=9),
            Plugin("three", requires=("two",)),
            Plugin("four", requires=("five",)),
            Plugin("five", requires=("four",)),
        ),
        safe_mode=True,
    )

    assert list(registry.plugins) == ["one"]
    assert set(registry.broken) == {"ghost", "two", "three", "four", "five"}
    assert registry.broken["three"][0].reason == "requires 'two', which is broken"
    assert "left out in safe mode: plugin ghost: is not installed" in caplog.text


def test_looking_at_plugins_neither_fails_nor_logs(caplog):
    config = PortalConfig(plugins=("ghost",))

    registry = inspect_plugins(config, plugins(Plugin("one")), kernel=())

    assert list(registry.plugins) == ["one"]
    assert list(registry.broken) == ["ghost"]
    assert caplog.text == ""


def test_a_plugin_that_fails_while_it_registers_things_is_left_out_in_safe_mode(load):
    class Failing(Plugin):
        @hookimpl
        def portalkit_register_sections(self):
            raise RuntimeError("out of order")

        @hookimpl
        async def portalkit_render_slot(self):
            raise AssertionError("must not be called")

    registry = load(extra=plugins(Failing("one"), Plugin("two")), safe_mode=True)

    assert list(registry.plugins) == ["two"]
    assert "RuntimeError('out of order')" in registry.broken["one"][0].reason
    assert not registry.hooks.has_impls("portalkit_render_slot")
