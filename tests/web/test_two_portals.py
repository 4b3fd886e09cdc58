"""Two portals in one process: they share what leads to their routes, and nothing else."""

import msgspec
import pytest
from litestar.routes import HTTPRoute

from portalkit.app import create_app
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import make_business

_BIG = {"email": "x" * 10_000, "password": ""}


@pytest.fixture(scope="module")
async def bees(shared_portal_config):
    app = create_app(shared_portal_config)
    async with open_portal(app):
        await settle(app, "Bee keepers")
        yield app


async def settle(app, name):
    async with app.portal.writing() as session, session.begin():
        await make_business(session, name=name)


def names_of(app):
    return {
        handler.name or ""
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
    }


async def test_each_answers_for_its_own_business(portal_config, bees):
    mill = create_app(portal_config)
    assert mill.routes is bees.routes
    async with open_portal(mill):
        await settle(mill, "Olive mill")

        pages = [(await PortalClient(app).get("/login")).text for app in (mill, bees)]

    said = [("Olive mill" in page, "Bee keepers" in page) for page in pages]
    assert said == [(True, False), (False, True)]


async def test_each_has_the_routes_of_its_own_plugins(portal_config):
    fewer = msgspec.structs.replace(portal_config, plugins=("home", "profile", "backoffice"))

    all_of_them, less, again = (
        names_of(create_app(config)) for config in (portal_config, fewer, portal_config)
    )

    assert all_of_them == again
    assert {name.partition(":")[0] for name in all_of_them - less} == {"sales", "purchases"}


async def test_each_takes_forms_as_large_as_it_says(portal_config):
    small = msgspec.structs.replace(portal_config, max_form_kib=4)
    answers = []
    for config in (portal_config, small):
        app = create_app(config)
        async with open_portal(app):
            if config is portal_config:
                await settle(app, "Olive mill")
            answers.append((await PortalClient(app).submit("/login", _BIG)).status_code)

    assert answers == [422, 413]
