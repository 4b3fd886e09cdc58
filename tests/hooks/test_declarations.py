"""What plugins declare is sorted, and refused where it is not theirs to declare."""

from typing import ClassVar

import msgspec
import pytest
from litestar import Controller, Router, asgi, delete, get, post
from litestar.middleware.session.server_side import ServerSideSessionConfig

from portalkit.hooks import (
    HOOK_API,
    Audience,
    Column,
    DocumentAction,
    DocumentKind,
    EmailTemplate,
    HomeWidget,
    Job,
    Manifest,
    NavItem,
    Permission,
    PluginRoute,
    Section,
    Status,
    Transition,
    hookimpl,
)


class Provider:
    """An auth provider that is only declared."""

    def __init__(self, name, *, order=500, audiences=(Audience.CONTACT,)):
        self.name = name
        self.title = name.title()
        self.order = order
        self.audiences = frozenset(audiences)

    async def begin(self, attempt):
        """Lead nowhere."""

    async def complete(self, attempt, answer):
        """Know nobody."""


class Plugin:
    """Declares what it is given."""

    def __init__(self, name="one", *, manifest=None, **declared):
        self.manifest = Manifest(
            **{"name": name, "title": name, "api": HOOK_API, **(manifest or {})}
        )
        self.declared = declared

    @hookimpl
    def portalkit_register_sections(self):
        yield from self.declared.get("sections", ())

    @hookimpl
    def portalkit_register_routes(self):
        return self.declared.get("routes", ())

    @hookimpl
    def portalkit_register_home_widgets(self):
        return self.declared.get("widgets")

    @hookimpl
    def portalkit_register_document_kinds(self):
        return self.declared.get("kinds", ())

    @hookimpl
    def portalkit_register_document_actions(self):
        return self.declared.get("actions", ())

    @hookimpl
    def portalkit_register_importers(self):
        return self.declared.get("importers", ())

    @hookimpl
    def portalkit_register_document_exporters(self):
        return self.declared.get("exporters", ())

    @hookimpl
    def portalkit_register_auth_providers(self):
        return self.declared.get("providers", ())

    @hookimpl
    def portalkit_register_jobs(self):
        return self.declared.get("jobs", ())

    @hookimpl
    def portalkit_register_email_templates(self):
        return self.declared.get("mails", ())


async def nothing(*_):
    return None


def section(name="one", **changes):
    return Section(**{"name": name, "title": name, "routes": (), **changes})


def widget(name, **changes):
    return HomeWidget(**{"name": name, "title": name, "template": "t", "load": nothing, **changes})


def kind(name="ticket", **changes):
    values = {
        "name": name,
        "title": name,
        "plural": name,
        "section": "one",
        "path": f"{name}s",
        "statuses": (Status(name="open", label="Open"),),
        "initial_status": "open",
        "columns": (Column(name="number", label="Number", value=lambda header: header.number),),
    }
    return DocumentKind(**{**values, **changes})


def action(name="close", **changes):
    return DocumentAction(**{"name": name, "label": name, "run": nothing, **changes})


class Words(msgspec.Struct):
    """What a mail may speak of."""

    link: str = ""


def job(name="one.tidy", **changes):
    return Job(**{"name": name, "run": nothing, **changes})


def mail(name="one.news", **changes):
    values = {"name": name, "title": name, "template": "one/news", "variables": Words}
    return EmailTemplate(**{**values, "sample": Words, **changes})


class Format:
    """An importer and an exporter."""

    title = "CSV"
    media_type = "text/csv"
    kinds = frozenset({"ticket"})

    def __init__(self, name, suffix="csv"):
        self.name = name
        self.suffix = suffix

    def recognizes(self, head, filename): ...

    def read(self, content, filename): ...

    def obstacles(self, document): ...

    async def export(self, document, context): ...


def page(path="/", **options):
    @get(path, **options)
    async def show() -> str:
        return ""

    return show


def problems(load, *plugins, **settings):
    extra = {plugin.manifest.name: plugin for plugin in plugins}
    with pytest.raises(ExceptionGroup) as caught:
        load(extra=extra, **settings)
    return [f"{error.plugin}: {error.reason}" for error in caught.value.exceptions]


def test_everything_is_sorted_by_order_and_then_by_name(load):
    registry = load(
        extra={
            "two": Plugin(
                "two",
                sections=[section("two", order=1), section("two_b"), section("two_a")],
                widgets=[widget("b"), widget("a")],
                actions=[action("b"), action("a", order=1000)],
                importers=[Format("b"), Format("a")],
                exporters=[Format("d"), Format("c")],
                providers=[Provider("b"), Provider("a"), Provider("c", order=1)],
                jobs=[job("two.b", cron="0 3 * * *"), job("two.a")],
                mails=[mail("two.news", action=("Read", "link"))],
                manifest={"permissions": (Permission(name="two.view", label="View"),)},
            ),
            "one": Plugin(
                "one",
                sections=[section("one", order=0)],
                kinds=[kind("b"), kind("a", order=1000)],
                routes=[PluginRoute(handler=page(name="one:hook"))],
            ),
        }
    )

    found = registry.declarations

    def names(declared):
        return [item.value.name for item in declared]

    assert names(found.sections) == ["one", "two", "two_a", "two_b"]
    assert [item.plugin for item in found.sections] == ["one", "two", "two", "two"]
    assert names(found.widgets) == ["a", "b"]
    assert list(found.kinds) == ["b", "a"]
    assert names(found.actions) == ["b", "a"]
    assert names(found.importers) == ["a", "b"]
    assert names(found.auth_providers) == ["c", "a", "b"]
    assert names(found.jobs) == ["two.a", "two.b"]
    assert names(found.email_templates) == ["two.news"]
    assert names(found.exporters) == ["c", "d"]
    assert [item.plugin for item in found.routes] == ["one"]
    assert names(found.permissions) == ["two.view"]


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({"sections": [1]}, "portalkit_register_sections failed: TypeError('returned int, not Se"),
        ({"routes": 1}, "portalkit_register_routes failed: TypeError"),
        ({"importers": [1]}, "returned int without name, title, recognizes, read"),
        (
            {"providers": [1]},
            "returned int without name, title, order, audiences, begin, complete",
        ),
    ],
)
def test_something_of_another_type_is_refused(load, declared, reason):
    (problem,) = problems(load, Plugin(**declared))

    assert reason in problem


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (
            {"sections": [section("one", prefix="tickets")]},
            {"sections": [section("two", prefix="tickets")]},
            "two: claims the prefix 'tickets', which is from 'one'",
        ),
        (
            {"sections": [section("one_two")]},
            {"sections": [section("one_two", prefix="x-y")]},
            "two: claims the section 'one_two', which is from 'one'",
        ),
        (
            {"sections": [section()], "kinds": [kind()]},
            {"kinds": [kind()]},
            "two: claims the document kind 'ticket', which is from 'one'",
        ),
        (
            {"widgets": [widget("w")]},
            {"widgets": [widget("w")]},
            "two: claims the home widget 'w', which is from 'one'",
        ),
        (
            {"importers": [Format("csv")]},
            {"importers": [Format("csv")]},
            "two: claims the importer 'csv', which is from 'one'",
        ),
        (
            {"exporters": [Format("csv")]},
            {"exporters": [Format("csv")]},
            "two: claims the exporter 'csv', which is from 'one'",
        ),
        (
            {"providers": [Provider("acme")]},
            {"providers": [Provider("acme")]},
            "two: claims the auth provider 'acme', which is from 'one'",
        ),
        (
            {"actions": [action(kinds=frozenset({"ticket"}))]},
            {"actions": [action()]},
            "two: claims the action 'close', which is from 'one'",
        ),
        (
            {"sections": [section(routes=[page(name="one:x")])]},
            {"sections": [section("two", routes=[page(name="one:x")])]},
            "two: claims the route 'one:x', which is from 'one'",
        ),
        (
            {"sections": [section(prefix="backoffice/one", routes=[page("/a/{x:int}")])]},
            {"sections": [section("two", prefix="backoffice", routes=[page("/one/a/{y:str}")])]},
            "two: claims the address GET /backoffice/one/a/{}, which is from 'one'",
        ),
    ],
)
def test_two_plugins_cannot_claim_the_same_thing(load, first, second, reason):
    assert reason in problems(load, Plugin("one", **first), Plugin("two", **second))


def test_an_action_is_available_unless_it_says_otherwise():
    assert action().available(None, None)


def test_actions_of_one_name_may_belong_to_different_kinds_and_audiences(load):
    load(
        extra={
            "one": Plugin(
                "one", actions=[action(kinds=frozenset({"a"})), action(kinds=frozenset({"b"}))]
            ),
            "two": Plugin("two", actions=[action(audience=Audience.STAFF)]),
        }
    )


UNKNOWN = "asks for the unknown permission 'one.x'"


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({"sections": [section("two")]}, "declares the section 'two' outside its own name"),
        ({"sections": [section(prefix="a/b")]}, "declares the prefix 'a/b', which does not match"),
        ({"sections": [section(prefix="security")]}, "'security', which is the kernel's"),
        ({"providers": [Provider("a/b")]}, "the auth provider 'a/b', a name it cannot have"),
        ({"providers": [Provider("host")]}, "the auth provider 'host', a name it cannot have"),
        (
            {"providers": [Provider("acme", audiences=(Audience.API,))]},
            "the auth provider 'acme' for nobody who signs in",
        ),
        ({"exporters": [Format("a/b")]}, "declares the exporter 'a/b', a name it cannot have"),
        ({"exporters": [Format("pdf")]}, "declares the exporter 'pdf', a name it cannot have"),
        ({"exporters": [Format("x", suffix=".x")]}, "declares the suffix '.x' of 'x'"),
        ({"sections": [section(prefix="login")]}, "the prefix 'login', which is the kernel's"),
        ({"sections": [section(home="one:x")]}, "links to the route 'one:x', which nobody"),
        (
            {"sections": [section(nav=(NavItem(label="X", route="one:y"),))]},
            "links to the route 'one:y', which nobody declares",
        ),
        ({"sections": [section(routes=["x"])]}, "'x' is no controller, router or route handler"),
        (
            {"sections": [section(routes=[page(name="x")])]},
            "names a route 'x' outside 'one:'",
        ),
        ({"kinds": [kind("Bad")]}, "the document kind 'Bad' does not match"),
        ({"kinds": [kind(section="x")]}, "names the section 'x', which nobody declares"),
        ({"kinds": [kind(listed_with="x")]}, "is listed with 'x', which nobody declares"),
        ({"kinds": [kind(initial_status="x")]}, "uses the status 'x', which it does not declare"),
        (
            {
                "kinds": [
                    kind(
                        transitions=(
                            Transition(
                                name="t", sources=frozenset({"open"}), target="z", label="T"
                            ),
                        )
                    )
                ]
            },
            "uses the status 'z', which it does not declare",
        ),
        ({"actions": [action("Close it")]}, "the action 'Close it', a name it cannot have"),
        ({"actions": [action("pdf")]}, "the action 'pdf', a name it cannot have"),
        ({"sections": [section(permission="one.x")]}, f"the section 'one' {UNKNOWN}"),
        (
            {"sections": [section(nav=(NavItem(label="X", permission="one.x"),))]},
            f"the navigation of 'one' {UNKNOWN}",
        ),
        ({"widgets": [widget("w", permission="one.x")]}, f"the home widget 'w' {UNKNOWN}"),
        ({"kinds": [kind(permission="one.x")]}, f"the document kind 'ticket' {UNKNOWN}"),
        (
            {
                "kinds": [
                    kind(
                        transitions=(
                            Transition(
                                name="t",
                                sources=frozenset(),
                                target="open",
                                label="T",
                                permission="one.x",
                            ),
                        )
                    )
                ]
            },
            f"the transition 't' {UNKNOWN}",
        ),
        ({"actions": [action(permission="one.x")]}, f"the action 'close' {UNKNOWN}"),
        (
            {"manifest": {"permissions": (Permission(name="two.view", label="V"),)}},
            "declares the permission 'two.view' outside 'one.'",
        ),
        (
            {"manifest": {"permissions": (Permission(name="one.v", label="V"),) * 2}},
            "claims the permission 'one.v', which is from 'one'",
        ),
    ],
)
def test_what_is_not_its_own_or_not_announced_is_refused(load, declared, reason):
    assert any(reason in problem for problem in problems(load, Plugin(**declared)))


def test_a_plugin_uses_the_permissions_of_others_and_of_its_own(load):
    permission = Permission(name="one.view", label="View")

    load(
        extra={
            "one": Plugin(
                manifest={"permissions": (permission,)},
                sections=[section(permission="one.view", routes=[page(permission="one.view")])],
            ),
            "two": Plugin("two", widgets=[widget("w", permission="one.view")]),
        }
    )


# Routes (security R60)


class WithOptions(Controller):
    path = "/controller"
    opt: ClassVar = {"public": True}

    @get(name="one:page")
    async def show(self) -> str:
        return ""

    @post("/{number:int}", name="one:send")
    async def send(self, number: int) -> None: ...

    async def not_a_route(self) -> None: ...


@asgi("/raw", name="one:raw")
async def raw(scope, receive, send) -> None: ...


SESSIONS = ServerSideSessionConfig().middleware


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (page(name="one:x", cache=True), "the route one:x caches answers, which are personal"),
        (page(cache=60), "the route page.<locals>.show caches answers, which are personal"),
        (
            page(name="one:x", public=True),
            "the route one:x sets the option 'public', which is the kernel's",
        ),
        (page(name="one:x", exclude_from_csrf=True), "sets the option 'exclude_from_csrf'"),
        (page(name="one:x", plugin="two"), "sets the option 'plugin'"),
        (page(name="one:x", stays_open=True), "sets the option 'stays_open'"),
        (page(name="one:x", permission=None), "asks for the unknown permission None"),
        (page(name="one:x", permission="one.x"), "asks for the unknown permission 'one.x'"),
        (
            page(name="one:x", middleware=[SESSIONS]),
            "the route one:x brings sessions of its own",
        ),
        (WithOptions, "the route one:page sets the option 'public'"),
        (
            Router("/r", route_handlers=[page(name="one:x")], opt={"anonymous": True}),
            "the route one:x sets the option 'anonymous'",
        ),
        (
            Router("/r", route_handlers=[raw]),
            "the route one:raw does not answer HTTP requests",
        ),
    ],
)
@pytest.mark.parametrize("place", ["sections", "routes"])
def test_a_route_cannot_get_around_the_kernel(load, route, reason, place):
    declared = section(routes=[route]) if place == "sections" else PluginRoute(handler=route)

    found = problems(load, Plugin(**{place: [declared]}))

    assert any(reason in problem for problem in found)


@pytest.mark.parametrize(
    ("path", "options", "audience", "reason"),
    [
        ("/", {"shared": True}, Audience.CONTACT, "sets the option 'shared', but is no contact's"),
        ("/{idx:str}", {"shared": True}, Audience.CONTACT, "with {id} in its path"),
        ("/{id:str}", {"shared": True}, Audience.STAFF, "with {id} in its path"),
        ("/{id:str}", {"shared": True, "confirms": True}, Audience.CONTACT, "'confirms', which is"),
    ],
)
@pytest.mark.parametrize("place", ["sections", "routes"])
def test_a_link_opens_no_route_but_those_of_one_document(
    *, load, path, options, audience, reason, place
):
    route = page(path, name="one:x", **options)
    declared = (
        section(routes=[route], audience=audience)
        if place == "sections"
        else PluginRoute(handler=route, audience=audience)
    )

    found = problems(load, Plugin(**{place: [declared]}))

    assert any("the route one:x" in problem and reason in problem for problem in found)


def test_a_document_route_may_be_open_to_links(load):
    route = page("/{id:str}/map", name="one:map", shared=True)

    registry = load(extra={"one": Plugin(sections=[section(routes=[route])])})

    assert "one" in registry.plugins


def test_the_kernels_own_sections_set_options_of_the_kernel(load):
    registry = load(
        extra={"home": Plugin("home", sections=[section("home", routes=[page(public=True)])])}
    )

    assert len(registry.declarations.sections) == 1


def test_controllers_routers_and_handlers_are_looked_into(load):
    class Plain(Controller):
        @delete("/{number:int}", name="one:delete")
        async def remove(self, number: int) -> None: ...

    router = Router("/r", route_handlers=[Plain, page("/p", name="one:inner")])

    load(
        extra={
            "one": Plugin(
                sections=[
                    section(
                        routes=[router, page("/q", name="one:other")],
                        nav=(NavItem(label="A", route="one:delete"),),
                        home="one:inner",
                    )
                ]
            )
        }
    )


@pytest.mark.parametrize(
    ("options", "allowed", "reason"),
    [
        ({"csrf": False}, ("one",), "has a route with csrf=False that is not public"),
        (
            {"csrf": False, "is_public": True},
            (),
            "has a route with csrf=False, but is not in allow_csrf_exempt",
        ),
    ],
)
def test_a_route_without_csrf_check_is_public_and_allowed_by_the_host(
    load, options, allowed, reason
):
    route = PluginRoute(handler=page(name="one:webhook"), **options)

    assert f"one: {reason}" in problems(load, Plugin(routes=[route]), allow_csrf_exempt=allowed)


def test_a_webhook_is_possible(load):
    route = PluginRoute(handler=page(name="one:webhook"), csrf=False, is_public=True)

    registry = load(extra={"one": Plugin(routes=[route])}, allow_csrf_exempt=("one",))

    assert registry.declarations.routes[0].value is route


def test_in_safe_mode_what_a_broken_plugin_declared_disappears_with_what_needs_it(load):
    registry = load(
        extra={
            "one": Plugin(sections=[section(prefix="login")]),
            "two": Plugin("two", kinds=[kind(section="one")]),
            "three": Plugin("three", sections=[section("three")]),
        },
        safe_mode=True,
    )

    assert [item.plugin for item in registry.declarations.sections] == ["three"]
    assert registry.declarations.kinds == {}
    assert registry.broken["two"][0].reason.endswith("section 'one', which nobody declares")


# Settings and folders


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page_size: int = 25


def test_settings_are_checked_and_their_place_is_named(load):
    plugin = Plugin(manifest={"settings": Settings})

    load(extra={"one": plugin}, plugin_settings={"one": {"page_size": "50"}})
    found = problems(load, plugin, plugin_settings={"one": {"page_size": "many"}})
    typo = problems(load, plugin, plugin_settings={"one": {"pagesize": 1}})

    assert "one: plugin_settings.one: Expected `int`, got `str` - at `$.page_size`" in found
    assert "unknown field `pagesize`" in typo[0]


def test_settings_for_nobody_are_refused(load):
    assert problems(load, Plugin(), plugin_settings={"one": {"a": 1}, "two": {"a": 1}}) == [
        "one: has no settings, but plugin_settings gives some",
        "two: is not enabled, but plugin_settings names it",
    ]


MANIFEST = """
    from portalkit.hooks import HOOK_API, Manifest
    manifest = Manifest(name="one", title="One", api=HOOK_API, overrides=("sales",))
"""


def test_templates_lie_in_own_or_announced_folders(install, load, tmp_path):
    install("one", MANIFEST)
    for owner in ("one", "sales", "purchases"):
        (tmp_path / "installed_one" / "templates" / owner).mkdir(parents=True)

    with pytest.raises(ExceptionGroup) as caught:
        load("one")

    (problem,) = caught.value.exceptions
    assert problem.reason.startswith("has templates/purchases, which is neither its own folder")


def test_models_that_cannot_be_imported_are_reported(install, load, tmp_path):
    install("one", MANIFEST)
    (tmp_path / "installed_one" / "models.py").write_text("1 / 0")

    with pytest.raises(ExceptionGroup) as caught:
        load("one")

    (problem,) = caught.value.exceptions
    assert "its models cannot be imported: ZeroDivisionError" in problem.reason


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({"jobs": [job("two.tidy")]}, "declares the job 'two.tidy' outside 'one.'"),
        ({"jobs": [job(), job()]}, "claims the job 'one.tidy', which is from 'one'"),
        ({"jobs": [job(cron="61 * * * *")]}, "the job 'one.tidy': minute '61' is no number"),
        ({"jobs": [job(cron="* * * * *", payload=Words)]}, "with both cron and payload"),
        ({"mails": [mail("news")]}, "declares the mail 'news' outside 'one.'"),
        ({"mails": [mail(), mail()]}, "claims the mail 'one.news', which is from 'one'"),
        ({"mails": [mail(action=("Read", "url"))]}, "with an unknown variable 'url'"),
        ({"mails": [mail(secrets=frozenset({"key"}))]}, "with an unknown variable 'key'"),
    ],
)
def test_work_and_mails_in_the_background_are_checked(load, declared, reason):
    (problem,) = problems(load, Plugin(**declared))

    assert reason in problem
