"""What pluggy would accept and get wrong later is refused when the plugin is loaded.

The numbers are those of the table of traps in the plugin contract.
"""

import ast
import inspect
from pathlib import Path

import msgspec
import pluggy
import pytest

import portalkit.hooks
from portalkit.hooks import HOOK_API, Manifest, PortalSpecs, hookimpl, hookspec
from portalkit.hooks.checks import hook_names
from portalkit.hooks.markers import PROJECT


def made_by(source, *, name="one", **manifest):
    """A plugin class whose body is the given source."""
    body = "\n".join(f"    {line}" for line in source.splitlines())
    namespace = {"hookimpl": hookimpl, "msgspec": msgspec, "__name__": __name__}
    exec(f"class Made:\n{body}", namespace)
    made = namespace["Made"]
    made.manifest = Manifest(**{"name": name, "title": name, "api": HOOK_API, **manifest})
    return made


class Offering:
    class Specs:
        @hookspec
        async def offering_check(self, order):
            """Check an order."""

    manifest = Manifest(name="offering", title="Offering", api=HOOK_API, hookspecs=Specs)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param(
            "@hookimpl\ndef portalkit_render_slot(self): ...",
            "portalkit_render_slot: must be async def",
            id="1: a plain function where a coroutine is awaited",
        ),
        pytest.param(
            "@hookimpl\nasync def portalkit_choose_template(self): ...",
            "portalkit_choose_template: must be a plain def",
            id="2: a coroutine would win as first result whatever it gives",
        ),
        pytest.param(
            "@hookimpl\nasync def portalkit_render_slot(self):\n    yield",
            "must be async def without yield",
            id="1: an asynchronous generator",
        ),
        pytest.param(
            "@hookimpl(wrapper=True)\ndef portalkit_render_slot(self):\n    return (yield)",
            "hook wrappers are not supported",
            id="3: a wrapper would see coroutines",
        ),
        pytest.param(
            "@hookimpl(hookwrapper=True)\ndef portalkit_choose_template(self):\n    yield",
            "hook wrappers are not supported",
            id="3: a wrapper of the old kind",
        ),
        pytest.param(
            "@hookimpl\nasync def portalkit_render_slot(self, slot=None): ...",
            "'slot' must not have a default",
            id="5: pluggy 1.6 never passes it",
        ),
        pytest.param(
            "@hookimpl\nasync def portalkit_render_slot(self, *, slot): ...",
            "'slot' must be a plain parameter",
            id="7: a keyword-only parameter fails when called",
        ),
        pytest.param(
            "@hookimpl\nasync def portalkit_render_slots(self): ...",
            "unknown hook 'portalkit_render_slots'",
            id="8: a misspelt name",
        ),
        pytest.param(
            "@hookimpl\ndef portalkit_choose_template(self):\n    yield 'x'",
            "must return its answer, not yield it",
            id="9: the generator itself would be the answer",
        ),
        pytest.param(
            "@hookimpl(specname='portalkit_render_slot')\nasync def other(self): ...",
            "specname is not supported",
            id="13: pluggy 1.6 calls it when it should not",
        ),
        pytest.param(
            "@hookimpl\nasync def portalkit_render_slot(self, page): ...",
            "page",
            id="an invented parameter",
        ),
        pytest.param(
            "def __dir__(self): raise ValueError('no')",
            "cannot be registered: ValueError('no')",
            id="11: code of the plugin that runs while it is registered",
        ),
    ],
)
def test_it_is_refused(load, source, reason):
    with pytest.raises(ExceptionGroup) as caught:
        load(extra={"one": made_by(source)})

    assert any(reason in str(error) for error in caught.value.exceptions)


def test_6_pluggy_does_not_see_keyword_only_parameters_of_a_spec():
    for name in hook_names(PortalSpecs):
        for parameter in inspect.signature(getattr(PortalSpecs, name)).parameters.values():
            assert parameter.kind is parameter.POSITIONAL_OR_KEYWORD, name
            assert parameter.default is parameter.empty, name


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def one_check(self, *, order): ...", "'order' must be a plain parameter"),
        ("def one_check(self, order=None): ...", "'order' must not have a default"),
        ("def check(self, order): ...", "offers the hook 'check' without the prefix 'one_'"),
    ],
)
def test_6_offered_hooks_that_pluggy_would_misread_are_refused(load, source, reason):
    namespace = {"hookspec": hookspec}
    exec(f"class Specs:\n    @hookspec\n    {source}", namespace)

    with pytest.raises(ExceptionGroup) as caught:
        load(extra={"one": made_by("pass", hookspecs=namespace["Specs"])})

    assert any(reason in str(error) for error in caught.value.exceptions)


def test_offered_hooks_need_a_mark(load):
    with pytest.raises(ExceptionGroup) as caught:
        load(extra={"one": made_by("pass", hookspecs=object)})

    assert "without any function marked with hookspec" in str(caught.value.exceptions[0])


def test_a_hook_is_offered_once(load):
    class Specs:
        @hookspec
        def one_extra_check(self): ...

    with pytest.raises(ExceptionGroup) as caught:
        load(
            extra={
                "one": made_by("pass", hookspecs=Specs),
                "one_extra": made_by("pass", name="one_extra", hookspecs=Specs),
            }
        )

    assert "offers the hook 'one_extra_check', which exists already" in str(
        caught.value.exceptions[0]
    )


def test_8_hooks_of_a_plugin_that_may_be_absent_are_optional_by_name(load):
    plain = "@hookimpl\nasync def offering_check(self, order): ..."
    optional = plain.replace("@hookimpl", "@hookimpl(optionalhook=True)")

    with pytest.raises(ExceptionGroup) as caught:
        load(extra={"offering": Offering, "one": made_by(plain)})

    assert "offering_check is a hook of 'offering': require that plugin" in str(
        caught.value.exceptions[0]
    )
    load(extra={"offering": Offering, "one": made_by(plain, requires=("offering",))})
    load(extra={"offering": Offering, "one": made_by(optional)})
    load(extra={"one": made_by(optional)})


def test_10_a_class_is_instantiated_so_that_self_is_no_argument(load):
    made = made_by("@hookimpl\ndef portalkit_register_sections(self): return ()")

    registry = load(extra={"one": made})

    assert isinstance(registry.plugins["one"].module, made)


def test_12_a_plugin_that_fails_a_check_is_not_half_registered(load):
    made = made_by(
        "@hookimpl\nasync def portalkit_render_slot(self): ...\n"
        "@hookimpl\nasync def portalkit_startup(self, wrong): ..."
    )

    registry = load(extra={"one": made}, safe_mode=True)

    assert list(registry.broken) == ["one"]
    assert not registry.hooks.has_impls("portalkit_render_slot")


def test_14_a_struct_as_plugin_is_refused(load):
    class Plugin(msgspec.Struct):
        manifest: Manifest

    with pytest.raises(ExceptionGroup) as caught:
        load(extra={"one": Plugin(Manifest(name="one", title="One", api=HOOK_API))})

    assert "is a msgspec struct" in str(caught.value.exceptions[0])


def test_19_only_public_names_of_pluggy_are_used():
    folder = Path(portalkit.hooks.__file__).parent
    private = [
        (file.name, node.module)
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pluggy.")
    ]

    assert private == []


def test_what_pluggy_itself_does_is_still_as_the_table_says():
    """If one of these changes, the table of traps wants a new look."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(PortalSpecs)
    manager.register(made_by("@hookimpl\nasync def portalkit_startup(self): ...")(), name="one")

    (coroutine,) = manager.hook.portalkit_startup(portal=None)

    assert inspect.iscoroutine(coroutine)
    coroutine.close()
