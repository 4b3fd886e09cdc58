"""Mails that nobody needs: who gets them, who wants none, and how they say so."""
# ruff: noqa: PLR0917  # what a test needs are its arguments

import re
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, update

from portalkit.access.choices import unsubscribe_token
from portalkit.access.models import Contact, NotificationChoice
from portalkit.access.tokens import sign
from portalkit.audit import Actor, Event
from portalkit.documents import publish_in
from portalkit.mail.models import MailRow
from portalkit.model import new_id
from portalkit.testing.client import PortalClient
from portalkit.testing.factories import (
    NOW,
    make_body,
    make_contact,
    make_person,
    make_publication,
)

PASSWORD = "olive-trees-7"
KIND = "documents.announced"


@pytest.fixture(scope="session")
def portal_plugins():
    return ("home", "profile", "backoffice", "sales", "purchases")


@pytest.fixture
def mail_settings():
    return {"announce_documents": True}


@pytest.fixture
async def sol(portal, mill):
    """A contact with Lucía, who has signed in before, and Mateo, who never has."""
    async with portal.writing() as session, session.begin():
        contact = await make_contact(session, mill, "Tienda Sol", locale="en")
        lucia = await make_person(
            session,
            mill,
            [contact],
            "lucia@sol.example",
            signed_in_at=NOW,
            password_hash=await portal.passwords.hash(PASSWORD),
        )
        await make_person(session, mill, [contact], "mateo@sol.example")
    return SimpleNamespace(id=contact, lucia=lucia)


@pytest.fixture
def publish(portal, mill, sol):
    async def publish(*numbers, kind="invoice", issued_on=date(2026, 11, 20), **options):
        async with portal.writing() as session, session.begin():
            results = await publish_in(
                session,
                mill,
                [
                    make_publication(sol.id, make_body(kind, number, issued_on=issued_on))
                    for number in numbers
                ],
                kinds=portal.kinds,
                storage=portal.storage,
                now=NOW,
                **options,
            )
        assert all(result.is_stored for result in results), results

    return publish


@pytest.fixture
async def announce(portal, clock, work):
    """Let the clock come to the next look for news, and the mails leave."""
    await work()

    async def announce() -> None:
        clock.move(minutes=10)
        await work()
        await work()

    return announce


def words(mail):
    return mail.get_body(("plain",)).get_content()


async def test_all_that_is_new_for_a_contact_comes_in_one_mail_once(publish, announce, office):
    await publish("F-1", "F-2")
    await announce()
    await announce()
    await publish("F-3")
    await announce()

    assert office.recipients == ["lucia@sol.example"] * 2
    first, second = office.mails
    assert first["Subject"] == "New documents for Tienda Sol"
    assert ("Invoice F-1" in words(first), "Invoice F-2" in words(first)) == (True, True)
    assert ("F-2" in words(second), "Invoice F-3" in words(second)) == (False, True)
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    "options",
    [
        {"actor": Actor(kind="system", name="import")},
        {"issued_on": date(2025, 11, 20)},
    ],
)
async def test_what_is_no_news_is_not_told(publish, announce, office, options):
    await publish("F-1", **options)
    await announce()

    assert office.mails == []


async def test_nobody_hears_of_what_they_may_not_see(portal, sol, publish, announce, office):
    async with portal.writing() as session, session.begin():
        await session.execute(update(Contact).where(Contact.id == sol.id).values(is_enabled=False))
    await publish("F-1")
    await announce()

    assert office.mails == []


class TestSwitchedOff:
    @pytest.fixture
    def mail_settings(self):
        return {}

    async def test_nothing_is_told_unless_the_host_says_so(self, publish, announce, office):
        await publish("F-1")
        await announce()

        assert office.mails == []

    async def test_no_switch_is_shown_for_what_never_leaves(self, app, portal, sol):
        async with PortalClient(app) as client:
            await client.sign_in("lucia@sol.example", PASSWORD)
            page = await client.get("/profile")
            refused = await client.submit("/profile/mails", {"on": KIND}, page="/profile")

        assert [word for word in (KIND, 'id="mails"', "/profile/mails") if word in page.text] == []
        assert (refused.status_code, await choices(portal)) == (400, {})


def stop_path(mail):
    return re.fullmatch(r"<https://portal.example(/mail/stop/.+)>", mail["List-Unsubscribe"])[1]


@pytest.fixture
async def mail(publish, announce, office):
    await publish("F-1")
    await announce()
    (mail,) = office.mails
    return mail


async def choices(portal):
    async with portal.reading() as session:
        rows = await session.execute(select(NotificationChoice.kind, NotificationChoice.is_on))
        return {row[0]: row[1] for row in rows.all()}


async def test_one_click_of_a_mail_program_stops_them(
    app, portal, mail, publish, announce, office, sol
):
    assert stop_path(mail) in words(mail)
    async with PortalClient(app) as program:
        seen = await program.get(stop_path(mail))
        assert (seen.status_code, await choices(portal)) == (200, {})

        answer = await program.post(
            stop_path(mail),
            data={"List-Unsubscribe": "One-Click"},
            headers={"origin": "https://mail.example", "sec-fetch-site": "cross-site"},
        )

    assert (answer.status_code, await choices(portal)) == (200, {KIND: False})
    assert answer.headers.get("set-cookie") is None
    await publish("F-2")
    await announce()
    assert len(office.mails) == 1
    async with portal.reading() as session:
        row = (await session.scalars(select(MailRow).order_by(MailRow.id.desc()))).first()
        changed = select(Event.actor_id, Event.data).where(
            Event.name == "access.notifications_changed"
        )
        assert (await session.execute(changed)).all() == [
            (sol.lucia, {"kind": KIND, "is_on": False})
        ]
    assert (row.state, row.error) == (
        "failed",
        "It was not sent: the person has switched such mails off.",
    )


async def test_it_can_be_undone_on_the_same_page(app, portal, mail, publish, announce, office):
    async with PortalClient(app) as client:
        await client.post(stop_path(mail), data={})
        page = await client.post(stop_path(mail), data={"want": "yes"})

    assert (page.status_code, await choices(portal)) == (200, {KIND: True})
    await publish("F-2")
    await announce()
    assert len(office.mails) == 2


async def test_a_token_stops_what_can_be_stopped_and_nothing_else(app, portal, mill, sol):
    keys, other = portal.config.secret_keys, new_id()
    mine = {"business_id": mill, "person_id": sol.lucia}
    wrong = [
        sign(keys, "signin", sol.lucia, f"{mill}:{KIND}"),
        unsubscribe_token(keys, **mine, kind="access.password_set"),
        unsubscribe_token(keys, **mine, kind="no.such_mail"),
        unsubscribe_token(keys, business_id=mill, person_id=other, kind=KIND),
    ]
    async with PortalClient(app) as client:
        answers = [await client.post(f"/mail/stop/{each}", data={}) for each in wrong]

    assert {answer.status_code for answer in answers} == {410}
    assert await choices(portal) == {}


async def test_the_profile_has_a_switch_for_each(app, portal, sol):
    async with PortalClient(app) as client:
        await client.sign_in("lucia@sol.example", PASSWORD)
        page = await client.get("/profile")
        assert re.search(rf'value="{KIND}" checked', page.text)
        assert "access.password_set" not in page.text

        off = await client.submit("/profile/mails", {}, page="/profile")
        assert (off.status_code, await choices(portal)) == (303, {KIND: False})
        assert not re.search(rf'value="{KIND}" checked', (await client.get("/profile")).text)

        on = await client.submit("/profile/mails", {"on": KIND}, page="/profile")
        assert (on.status_code, await choices(portal)) == (303, {KIND: True})


@pytest.mark.parametrize("kind", ["access.password_set", "no.such_mail", "x" * 300])
async def test_what_cannot_be_switched_is_refused(app, portal, sol, kind):
    async with PortalClient(app) as client:
        await client.sign_in("lucia@sol.example", PASSWORD)

        answer = await client.submit("/profile/mails", {"on": kind}, page="/profile")

    assert answer.status_code == 400
    async with portal.reading() as session:
        assert await session.scalar(select(func.count()).select_from(NotificationChoice)) == 0
