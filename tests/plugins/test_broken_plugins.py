"""A broken plugin never takes a page down that is not its own, and guards fail closed."""

import asyncio

import msgspec
import pytest
from markupsafe import Markup
from sqlalchemy import text

from portalkit.app import create_app
from portalkit.errors import PluginLoadError
from portalkit.hooks import (
    HOOK_API,
    ContactSignedIn,
    HomeWidget,
    Manifest,
    NavItem,
    Section,
    Slot,
    hookimpl,
)
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import (
    NOW,
    make_business,
    make_contact,
    make_person,
    make_staff,
)

PASSWORD = "olive-trees-7"


class Plugin:
    """Switched on for everybody."""

    def __init__(self, name="broken", **changes):
        self.manifest = Manifest(
            **{"name": name, "title": name, "api": HOOK_API, "activation": "site", **changes}
        )


class Fine(Plugin):
    """Works, to show that a broken neighbour does not matter."""

    def __init__(self):
        super().__init__("fine")

    @hookimpl
    async def portalkit_render_slot(self, slot):
        return Markup("<p>fine slot</p>") if slot is Slot.HOME_TOP else None


@pytest.fixture
def portal_plugins():
    return ()


@pytest.fixture
def visit(portal_config):
    """Sign a contact, or staff, in to a portal with some plugins and show a page."""

    async def visit(*plugins, path="/home", email="ana@ana.example", **settings):
        config = msgspec.structs.replace(portal_config, **settings)
        extra = {plugin.manifest.name: plugin for plugin in (*plugins, Fine())}
        app = create_app(config, plugins=extra, clock=lambda: NOW)
        async with open_portal(app):
            async with app.portal.writing() as session:
                business = await make_business(session)
                password = await app.portal.passwords.hash(PASSWORD)
                ana = await make_contact(session, business, "Ana")
                await make_person(
                    session, business, [ana], "ana@ana.example", password_hash=password
                )
                await make_staff(session, business, "carmen@mill.example", password_hash=password)
                await session.commit()
            client = PortalClient(app)
            door = "/login" if email.endswith("ana.example") else "/backoffice/login"
            await client.submit(door, {"email": email, "password": PASSWORD})
            answer = await client.get(path)
            await app.portal.drain()
            return client, answer

    return visit


class Failing(Plugin):
    """Fails in everything that decorates a page."""

    @hookimpl
    async def portalkit_render_slot(self):
        raise RuntimeError("slot")

    @hookimpl
    def portalkit_register_sections(self):
        async def badge(context, session):
            await session.execute(text("SELECT nothing FROM nowhere"))

        async def wrong(context, session):
            return "many"

        nav = tuple(
            NavItem(label=f"Link {load.__name__}", route="profile:profile", badge=load)
            for load in (badge, wrong)
        )
        yield Section(name="broken", title="Broken", routes=(), nav=nav)

    @hookimpl
    def portalkit_register_home_widgets(self):
        async def load(context, session):
            await session.execute(text("SELECT nothing FROM nowhere"))

        async def wrong(context, session):
            return "no mapping"

        async def good(context, session):
            return {}

        for name, function in (("a", load), ("b", wrong), ("c", good)):
            yield HomeWidget(name=name, title=name, template="broken/missing.html", load=function)

    @hookimpl
    async def portalkit_handle_event(self, event):
        raise RuntimeError("event")


async def test_a_page_shows_everything_but_the_parts_of_the_broken_plugin(visit, caplog):
    _, page = await visit(Failing())

    assert page.status_code == 200
    assert "fine slot" in page.text
    assert "Link badge" in page.text
    assert "Link wrong" in page.text
    for what in ("portalkit_render_slot", "badge of profile:profile", "widget a", "widget b"):
        assert f"plugin broken failed in {what}" in caplog.text


async def test_a_hanging_plugin_does_not_hold_a_page_up(visit, caplog, monkeypatch):
    class Hanging(Plugin):
        @hookimpl
        async def portalkit_render_slot(self):
            await asyncio.Event().wait()

    monkeypatch.setattr("portalkit.hooks.facade.SLOT_SECONDS", 0)
    _, page = await visit(Hanging())

    assert page.status_code == 200
    assert "TimeoutError" in caplog.text


class Denying(Plugin):
    @hookimpl
    async def portalkit_deny_permissions(self):
        raise RuntimeError("guard")


async def test_a_failing_guard_closes_pages_but_not_the_way_out(visit, caplog):
    client, page = await visit(Denying())
    profile = await client.get("/profile")
    out = await client.submit("/logout", page="/profile")

    assert page.status_code == 503
    assert page.headers["x-request-id"] in page.text
    assert profile.status_code == 200
    assert out.status_code == 303
    assert "plugin broken failed in portalkit_deny_permissions" in caplog.text


async def test_a_failing_guard_of_contacts_does_not_close_the_back_office(visit):
    _, page = await visit(Denying(), path="/backoffice/contacts", email="carmen@mill.example")

    assert page.status_code == 200


class Unloadable(Plugin):
    @hookimpl
    def portalkit_register_sections(self):
        raise RuntimeError("no sections")


async def test_a_plugin_that_cannot_be_loaded_stops_the_start(visit):
    with pytest.raises(ExceptionGroup) as caught:
        await visit(Unloadable())

    assert "plugin broken: portalkit_register_sections failed" in str(caught.value.exceptions[0])


async def test_in_safe_mode_staff_work_and_contacts_wait(visit):
    """The plugin that is missing may have been a guard."""
    _, contact = await visit(Unloadable(), safe_mode=True)

    assert contact.status_code == 503


async def test_in_safe_mode_the_back_office_is_open(visit):
    _, page = await visit(
        Unloadable(), safe_mode=True, path="/backoffice/contacts", email="carmen@mill.example"
    )

    assert page.status_code == 200


@pytest.mark.parametrize("is_on", [True, False])
async def test_events_reach_the_plugins_of_the_business(visit, is_on):
    heard = []

    class Listening(Plugin):
        @hookimpl
        async def portalkit_handle_event(self, portal, event):
            heard.append(event)

    await visit(Failing(), Listening("listening", activation="business", enabled_by_default=is_on))

    assert any(isinstance(event, ContactSignedIn) for event in heard) is is_on


async def test_a_failed_start_names_the_plugin(visit):
    class Starting(Plugin):
        @hookimpl
        async def portalkit_startup(self, portal):
            raise RuntimeError("no connection")

    with pytest.raises(ExceptionGroup) as caught:
        await visit(Starting())

    reason = r"plugin broken: portalkit_startup failed: RuntimeError\('no connection'\)"
    assert caught.group_contains(PluginLoadError, match=reason)
