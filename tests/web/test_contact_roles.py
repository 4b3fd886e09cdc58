"""What each role of a contact may do, at every route and by every action of a document.

Who may what stands here once more: the docs are compared with the manifests, and a route that
forgets to ask for its permission changes neither.
"""

import re

import httpx
import pytest
from sqlalchemy import update

from portalkit.access.permissions import PersonRole
from portalkit.context import Audience
from portalkit.documents.models import DocumentRow
from portalkit.model import new_id
from portalkit.testing.factories import make_person

from .conftest import PASSWORD, running, settle
from .walking import NOBODY_KNOWS, ask, is_sign_in, kind_of, routes_of

ALL = frozenset(PersonRole)
OWNER = frozenset({PersonRole.OWNER})
TRADERS = OWNER | {PersonRole.BUYER}
SHARERS = TRADERS | {PersonRole.ACCOUNTANT}

# Routes of documents are named after their kind, which is a star here.
WHO = {
    "home:home": ALL,
    "profile:profile": ALL,
    "profile:password": ALL,
    "profile:mails": ALL,
    "profile:log": ALL,
    "profile:data": ALL,
    "profile:data.file": ALL,
    "profile:device.close": ALL,
    "profile:devices.close": ALL,
    "profile:devices.leave": ALL,
    "profile:contacts": ALL,
    "profile:contact.choose": ALL,
    "profile:people": OWNER,
    "profile:people.invite": OWNER,
    "profile:person.invite": OWNER,
    "profile:person.role": OWNER,
    "profile:person.remove": OWNER,
    "profile:person.restore": OWNER,
    "*": ALL,
    "*.archive": ALL,
    "*.page": ALL,
    "*.pdf": ALL,
    "*.print": ALL,
    "*.file": ALL,
    "*.export": ALL,
    # What an action wants is its own, and is below.
    "*.action": ALL,
    "*.confirm": ALL,
    "*.confirm.post": ALL,
    "*.confirm.send": ALL,
    "*.share": SHARERS,
    "*.share.post": SHARERS,
    "*.share.end": SHARERS,
    "*.share.end_all": SHARERS,
}
# Kind, action and a status in which it can be done.
ACTIONS = {("delivery_note", "confirm-receipt", "shipped"): TRADERS}
# No route of the plugins here asks for some of them: other plugins do.
PERMISSIONS = {
    "sales.view": ALL,
    "sales.answer": TRADERS,
    "sales.receive": TRADERS,
    "purchases.view": ALL,
    "purchases.order": TRADERS,
    "profile.people": OWNER,
    "profile.share": SHARERS,
}
# What ends the session that walks comes last.
LAST = "profile:devices.leave"


# The documents' statuses are set before each try, and nobody looks at what else remains.


@pytest.fixture(scope="module")
async def app(shared_portal_config):
    async with running(shared_portal_config) as app:
        yield app


@pytest.fixture(scope="module")
async def town(app):
    return await settle(app)


@pytest.fixture
async def somebody(town, visitor, role):
    """A browser of somebody of Ana's in the role."""
    portal = town.app.portal
    email = f"{new_id()}@ana.example"
    async with portal.writing() as session, session.begin():
        password = await portal.passwords.hash(PASSWORD)
        await make_person(session, town.mill, [town.ana], email, role=role, password_hash=password)
    async with visitor() as client:
        await client.sign_in(email, PASSWORD)
        yield client


def starred(name):
    return re.sub(r"^(?:sales|purchases):[\w-]+", "*", name)


def contact_routes(app):
    found = [each for each in routes_of(app) if each.opt.get("audience") is Audience.CONTACT]
    return sorted(found, key=lambda each: each.name == LAST)


def address_of(town, route):
    """Return a document's own address, except where a PDF would have to be made."""
    kind = kind_of(town.app, route)
    values = dict.fromkeys(route.wanted, NOBODY_KNOWS)
    if kind is not None and not route.name.endswith(".pdf"):
        values["id"] = town.documents[kind.name]
    return route.address(values)


async def test_it_is_said_of_each_right_each_route_and_each_action_who_may(town):
    given = {role: town.app.portal.roles[Audience.CONTACT, role] for role in PersonRole}
    assert given == {
        role: {name for name, roles in PERMISSIONS.items() if role in roles} for role in PersonRole
    }
    assert {starred(route.name) for route in contact_routes(town.app)} == WHO.keys()
    declared = town.app.portal.registry.declarations.actions
    actions = {
        (kind, action.value.name)
        for action in declared
        for kind in action.value.kinds or town.app.portal.kinds
        if action.value.audience is Audience.CONTACT
    }
    assert actions == {(kind, action) for kind, action, _ in ACTIONS}


@pytest.mark.parametrize("role", list(PersonRole))
async def test_each_route_is_open_to_the_roles_that_may_and_to_no_other(town, somebody, role):
    walked = {True: 0, False: 0}
    for route in contact_routes(town.app):
        answer = await ask(somebody, route, address_of(town, route), page="/profile", fields={})

        may = role in WHO[starred(route.name)]
        walked[may] += 1
        told = (route.method, route.path, role, answer.status_code)
        assert (answer.status_code != httpx.codes.FORBIDDEN) == may, told
        assert answer.status_code < 500, told
        assert not is_sign_in(answer) or route.name == LAST, told
    assert walked[True] >= 80
    assert (walked[False] == 0) == (role is PersonRole.OWNER)


@pytest.mark.parametrize("role", list(PersonRole))
async def test_each_action_is_open_to_the_roles_that_may_and_to_no_other(town, somebody, role):
    portal = town.app.portal
    for (name, action, status), roles in ACTIONS.items():
        kind, document = portal.kinds[name], town.documents[name]
        async with portal.writing() as session, session.begin():
            await session.execute(
                update(DocumentRow).where(DocumentRow.id == document).values(status=status)
            )
        page = f"/{kind.section}/{kind.path}/{document}"
        act = f"{page}/actions/{action}"

        assert (act in (await somebody.get(page)).text) == (role in roles), (act, role)
        answer = await somebody.submit(act, page="/profile")
        # What somebody may not do is no action of theirs.
        wanted = httpx.codes.SEE_OTHER if role in roles else httpx.codes.NOT_FOUND
        assert answer.status_code == wanted, (act, role)
