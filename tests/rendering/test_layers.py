from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import TemplateNotFound

from portalkit.hooks import HOOK_API, Manifest
from portalkit.rendering.environment import PortalEnvironment
from portalkit.rendering.layers import LayeredLoader, make_layers, misplaced_templates

STACKED = (
    '{{% extends "!sales/list.html" %}}{{% block rows %}}{name}({{{{ super() }}}}){{% endblock %}}'
)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def plugin(tmp_path):
    def make(name: str, templates: dict[str, str], overrides: tuple[str, ...] = ()):
        for template, text in templates.items():
            write(tmp_path / name / "templates", template, text)
        manifest = Manifest(name=name, title=name, api=HOOK_API, overrides=overrides)
        return SimpleNamespace(name=name, manifest=manifest, path=tmp_path / name)

    return make


@pytest.fixture
def sales(plugin):
    return plugin("sales", {"sales/list.html": "<ul>{% block rows %}sales{% endblock %}</ul>"})


def registry(*plugins) -> SimpleNamespace:
    return SimpleNamespace(plugins={plugin.name: plugin for plugin in plugins})


def loader(*plugins, host: Path | None = None, **options: bool) -> LayeredLoader:
    return LayeredLoader(make_layers(registry(*plugins), template_dir=host), **options)


def shown(loader: LayeredLoader, name: str = "sales/list.html") -> str:
    return PortalEnvironment(loader=loader).get_template(name).render()


def test_overrides_stack_and_the_host_is_on_top(plugin, sales, tmp_path) -> None:
    zeta = plugin("zeta", {"sales/list.html": STACKED.format(name="zeta")}, ("sales",))
    acme = plugin("acme", {"sales/list.html": STACKED.format(name="acme")}, ("sales",))
    write(tmp_path / "host", "sales/list.html", STACKED.format(name="host"))

    text = shown(loader(sales, zeta, acme, host=tmp_path / "host"))

    assert text == "<ul>host(acme(zeta(sales)))</ul>"


def test_an_override_without_extending_replaces_what_is_below(plugin, sales) -> None:
    acme = plugin("acme", {"sales/list.html": "mine"}, ("sales",))

    assert shown(loader(sales, acme)) == "mine"


def test_the_owner_is_below_an_override_even_when_it_loads_later(plugin, sales) -> None:
    acme = plugin("acme", {"sales/list.html": STACKED.format(name="acme")}, ("sales",))

    assert shown(loader(acme, sales)) == "<ul>acme(sales)</ul>"


def test_a_plugin_may_override_the_kernel(plugin) -> None:
    acme = plugin("acme", {"core/ui.html": "mine"}, ("core",))

    assert shown(loader(acme), "core/ui.html") == "mine"


def test_an_included_or_imported_template_goes_down_too(plugin, sales) -> None:
    acme = plugin("acme", {"sales/list.html": 'acme: {% include "!sales/list.html" %}'}, ("sales",))

    assert shown(loader(sales, acme)) == "acme: <ul>sales</ul>"


def test_a_plain_name_means_the_highest_layer_from_everywhere(plugin, sales) -> None:
    acme = plugin("acme", {"acme/page.html": '{% include "sales/list.html" %}'})

    assert shown(loader(sales, acme), "acme/page.html") == "<ul>sales</ul>"


def test_the_lowest_layer_has_nothing_below_it(plugin) -> None:
    alone = plugin("sales", {"sales/list.html": '{% extends "!sales/list.html" %}'})

    with pytest.raises(TemplateNotFound, match="no layer below 'sales'"):
        shown(loader(alone))


def test_a_template_in_a_foreign_place_is_an_error_and_is_never_used(plugin, sales) -> None:
    acme = plugin("acme", {"sales/list.html": "stolen", "acme/own.html": "own"})

    (error,) = misplaced_templates(registry(sales, acme))

    assert error.plugin == "acme"
    assert "'sales'" in str(error)
    assert shown(loader(sales, acme)) == "<ul>sales</ul>"


@pytest.mark.parametrize(
    "name",
    [
        "../secret.html",
        "sales/../../secret.html",
        "/etc/passwd",
        "sales",
        "",
        "sales/missing.html",
        "@0/sales/missing.html",
    ],
)
def test_what_is_no_template_is_not_found(plugin, sales, tmp_path, name) -> None:
    write(tmp_path, "secret.html", "secret")

    with pytest.raises(TemplateNotFound):
        PortalEnvironment(loader=loader(sales, host=tmp_path / "sales")).get_template(name)


def test_every_layer_of_a_template_is_told_the_used_one_first(plugin, sales, tmp_path) -> None:
    acme = plugin("acme", {"sales/list.html": "mine"}, ("sales",))
    path = write(tmp_path / "host", "sales/list.html", "host")

    found = loader(sales, acme, host=tmp_path / "host").why("sales/list.html")

    assert [(layer.name, layer.role) for layer, _ in found] == [
        ("host", "host"),
        ("acme", "override"),
        ("sales", "owner"),
    ]
    assert found[0][1] == path


def test_all_templates_are_listed_once(plugin, sales) -> None:
    acme = plugin("acme", {"sales/list.html": "mine", "acme/own.html": "own"}, ("sales",))

    names = loader(sales, acme).list_templates()

    assert [name for name in names if name.startswith(("acme", "sales"))] == [
        "acme/own.html",
        "sales/list.html",
    ]


def test_a_changed_template_is_read_again_while_developing(sales, tmp_path) -> None:
    environment = PortalEnvironment(loader=loader(sales, host=tmp_path / "host", watches=True))
    before = environment.get_template("sales/list.html").render()
    path = write(tmp_path / "host", "sales/list.html", "over it")
    between = environment.get_template("sales/list.html").render()
    path.unlink()

    assert before == "<ul>sales</ul>"
    assert between == "over it"
    assert environment.get_template("sales/list.html").render() == before


def test_a_template_that_is_taken_away_is_missed_while_developing(sales, tmp_path) -> None:
    environment = PortalEnvironment(loader=loader(sales, watches=True))
    environment.get_template("sales/list.html")
    (sales.path / "templates" / "sales" / "list.html").unlink()

    with pytest.raises(TemplateNotFound):
        environment.get_template("sales/list.html")


def test_an_unchanged_template_is_compiled_once(sales) -> None:
    environment = PortalEnvironment(loader=loader(sales, watches=True))

    assert environment.get_template("sales/list.html") is environment.get_template(
        "sales/list.html"
    )
