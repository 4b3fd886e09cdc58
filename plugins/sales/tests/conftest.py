"""A mill with two customers, and Sales set up as a test wishes."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from portalkit.app import PortalApp, create_app
from portalkit.documents import publish_in
from portalkit.model import Publication
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import (
    NOW,
    make_business,
    make_contact,
    make_person,
    make_staff,
)

PASSWORD = "olive-trees-7"


@pytest.fixture
def portal_plugins() -> tuple[str, ...]:
    return ("home", "profile", "backoffice", "sales", "purchases")


@pytest.fixture
def sales_settings() -> dict[str, Any]:
    """What the host has set; tests parametrize it."""
    return {}


@pytest.fixture
async def app(portal_config, sales_settings) -> AsyncIterator[PortalApp]:
    config = msgspec.structs.replace(portal_config, plugin_settings={"sales": sales_settings})
    app = create_app(config, clock=lambda: NOW)
    async with open_portal(app):
        yield app


class Mill:
    """The business, and what tests do for it."""

    def __init__(self, app: PortalApp, business: str, contacts: dict[str, str]) -> None:
        self.app = app
        self.business = business
        self.contacts = contacts
        self._clients: list[PortalClient] = []

    async def publish(self, *publications: Publication) -> dict[str, str]:
        """Publish documents and return their ids by number."""
        portal = self.app.portal
        async with portal.writing() as session:
            results = await publish_in(
                session,
                self.business,
                publications,
                kinds=portal.kinds,
                storage=portal.storage,
                now=NOW,
            )
            await session.commit()
        assert all(result.is_stored for result in results), results
        return {result.number: str(result.id) for result in results}

    async def visitor(self, who: str) -> PortalClient:
        """Return a browser in which somebody is signed in."""
        client = PortalClient(self.app)
        self._clients.append(client)
        path = "/backoffice/login" if who == "carmen" else "/login"
        await client.sign_in(f"{who}@mill.example", PASSWORD, path=path)
        return client

    async def leave(self) -> None:
        """Close all browsers."""
        for client in self._clients:
            await client.aclose()


@pytest.fixture
async def mill(app) -> AsyncIterator[Mill]:
    """Ana owns a shop and Alba reads for it, Ben owns another one, Carmen works for the mill."""
    async with app.portal.writing() as session:
        business = await make_business(session)
        password = await app.portal.passwords.hash(PASSWORD)
        contacts = {
            name: await make_contact(session, business, name.title()) for name in ("ana", "ben")
        }
        for name, contact, role in (
            ("ana", "ana", "owner"),
            ("alba", "ana", "reader"),
            ("ben", "ben", "owner"),
        ):
            await make_person(
                session,
                business,
                [contacts[contact]],
                f"{name}@mill.example",
                role=role,
                password_hash=password,
            )
        await make_staff(session, business, "carmen@mill.example", password_hash=password)
        await session.commit()
    mill = Mill(app, business, contacts)
    yield mill
    await mill.leave()
