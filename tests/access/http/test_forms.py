"""No form of another site, and none without its token, changes anything (case O07)."""

import re

import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import func, select

from portalkit.access.models import SessionRow
from portalkit.audit import Event
from portalkit.model import new_id

pytestmark = pytest.mark.anyio

# Mail programs press this one (RFC 8058); what it does stands in a signed token.
WITHOUT_A_FORM = {"core:stop.post"}


@pytest.fixture
def doors(town):
    """Return the paths of everything that can be posted to."""
    ids = {"contact": town.ana, "person": town.ana_person, "plugin": "hall", "token": "x"}
    return [
        re.sub(r"{(\w+)}", lambda found: ids.get(found[1], new_id()), route.path_format)
        for route in town.app.routes
        if isinstance(route, HTTPRoute)
        and any(
            "POST" in handler.http_methods and handler.name not in WITHOUT_A_FORM
            for handler in route.route_handlers
        )
    ]


async def test_only_what_mail_programs_press_needs_no_form(town):
    found = {
        handler.name
        for route in town.app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.opt.get("csrf") is False
    }

    assert found == WITHOUT_A_FORM


@pytest.fixture
def state(town):
    """Return what a forged form would change: sessions, and the history of what happened."""

    async def read():
        async with town.app.portal.reading() as session:
            return [
                await session.scalar(select(func.count()).select_from(table))
                for table in (SessionRow, Event)
            ]

    return read


async def test_every_door_refuses_what_its_own_page_did_not_send(
    doors, state, ana, carmen, visitor
):
    foreign = await visitor().token("/login")
    before = await state()
    assert len(doors) >= 15

    for client, page in ((ana, "/profile"), (carmen, "/backoffice/contacts")):
        own = await client.token(page)
        for path in doors:
            for body, headers in (
                ({}, {"sec-fetch-site": "same-origin"}),
                ({"csrf_token": ""}, {"sec-fetch-site": "same-origin"}),
                ({"csrf_token": foreign}, {"sec-fetch-site": "same-origin"}),
                ({"csrf_token": own}, {"sec-fetch-site": "cross-site"}),
                ({"csrf_token": own}, {"sec-fetch-site": "same-site"}),
                ({"csrf_token": own}, {"origin": "https://evil.example"}),
                ({"csrf_token": own}, {"origin": "null"}),
            ):
                answer = await client.post(path, data=body, headers=headers)
                assert answer.status_code == 403, (path, headers)

    assert await state() == before


async def test_a_form_of_another_media_type_is_refused(doors, state, ana):
    token = await ana.token("/profile")
    before = await state()

    for path in doors:
        for media_type in ("text/plain", "application/json", "multipart/form-data; boundary=x"):
            answer = await ana.post(
                path,
                content=f"csrf_token={token}",
                headers={"content-type": media_type, "sec-fetch-site": "same-origin"},
            )
            assert answer.status_code in {403, 415}, path

    assert await state() == before


async def test_nothing_is_changed_by_looking(doors, state, ana, carmen):
    before = await state()

    for client in (ana, carmen):
        for path in doors:
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = await client.request(
                    method, path, headers={"x-http-method-override": "POST"}
                )
                assert answer.status_code < 500, path

    assert await state() == before


async def test_a_token_of_one_session_is_none_of_the_next(ana, sign_in, state):
    token = await ana.token("/profile")
    other = await sign_in("ben@ben.example")
    before = await state()

    answer = await other.post(
        "/logout", data={"csrf_token": token}, headers={"sec-fetch-site": "same-origin"}
    )

    assert answer.status_code == 403
    assert await state() == before


async def test_nobody_is_signed_in_as_somebody_else_from_another_site(town, visitor, sessions):
    """Login CSRF: the victim's browser has no pre-session cookie, or one that was planted."""
    attacker, victim = visitor(), visitor()
    token = await attacker.token("/login")
    fields = {"email": "ben@ben.example", "password": town.password, "csrf_token": token}

    for cookie in ("", "pk-pre=planted", "pk-pre=planted.0000"):
        answer = await victim.post(
            "/login", data=fields, headers={"cookie": cookie, "sec-fetch-site": "same-origin"}
        )
        assert answer.status_code == 403

    assert await sessions() == 0


async def test_a_form_with_its_own_token_passes(ana):
    """Control: the same requests succeed as soon as the token is right."""
    assert (await ana.submit("/theme", {"theme": "dark"}, page="/profile")).status_code == 303
    assert (await ana.submit("/logout", page="/profile")).status_code == 303
