"""No form of another site, and none without its own token, changes anything (case O07).

The tests walk the live list of routes: each method that may change something, as everybody who
can have a browser open at the portal.
"""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select, update

from portalkit.access.csrf import csrf_token
from portalkit.access.models import Person, Staff
from portalkit.access.sessions import open_session
from portalkit.access.share_rules import ShareRules
from portalkit.access.sharing import make_share_link
from portalkit.audit import Actor
from portalkit.config import MailConfig, Secret
from portalkit.context import Audience, SessionKind
from portalkit.documents.models import DocumentRow
from portalkit.testing.client import PortalClient
from portalkit.testing.factories import NOW
from portalkit.web.errors import words_for
from portalkit.web.visit import SAFE_METHODS

from .conftest import PASSWORD, PLUGINS, Town, running, settle
from .walking import NOBODY_KNOWS, Walked, owned_things, routes_of, snapshot

ANA, CARMEN, DOOR = "ana@ana.example", "carmen@mill.example", "/backoffice/login"
# Mail programs press this one (RFC 8058); what it does stands in a signed token.
WITHOUT_A_FORM = {"core:stop.post"}
SAME = {"sec-fetch-site": "same-origin"}
OTHER_SITES = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
)
OTHER_TYPES = ("text/plain", "application/json", "multipart/form-data; boundary=x")
OVERRIDES = dict.fromkeys(("x-http-method", "x-http-method-override", "x-method-override"), "POST")
KINDS = {
    "sales:invoices": "invoice",
    "sales:credit-notes": "credit_note",
    "sales:quotes": "quote",
    "sales:proformas": "proforma",
    "sales:delivery-notes": "delivery_note",
    "sales:orders": "sales_order",
    "purchases:orders": "purchase_order",
}

WOULD_CHANGE = {
    "api_key",
    "business",
    "document",
    "email_code",
    "event",
    "job",
    "link",
    "mail",
    "membership",
    "notification_choice",
    "person",
    "plugin_switch",
    "session",
}


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A route that may change something, and where: all that its address names is Ana's.

    Attributes:
        sender: Who has the page on which the form stands.
    """

    route: Walked
    address: str
    sender: str

    def __str__(self):
        return f"{self.route.method} {self.route.name}"

    async def send(self, client, token=None, headers=SAME):
        fields = self.route.form() | ({} if token is None else {"csrf_token": token})
        return await client.request(self.route.method, self.address, data=fields, headers=headers)


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is posted, and the browsers of everybody, with a token of each."""

    town: Town
    forms: list[Form]
    browsers: dict[str, tuple[PortalClient, str]]


@pytest.fixture(scope="session")
def portal_plugins():
    return (*PLUGINS, "catalog", "einvoice")


@pytest.fixture(scope="module")
async def walk(shared_portal_config):
    """A walk on which nothing changes."""
    async with running(with_mail(shared_portal_config)) as app:
        yield await set_out(app)


def with_mail(config):
    """Open the doors that lead to mails; none leaves here."""
    mail = MailConfig(from_address="portal@mill.example", announce_documents=True)
    return msgspec.structs.replace(config, smtp_url=Secret("smtp://127.0.0.1:9"), mail=mail)


async def set_out(app):
    town = await settle(app)
    async with app.portal.writing() as session, session.begin():
        arrived = DocumentRow.id == town.documents["delivery_note"]
        await session.execute(update(DocumentRow).where(arrived).values(status="shipped"))
    return Walk(town=town, forms=await forms_of(town), browsers=await open_browsers(town))


async def forms_of(town):
    things = (await owned_things(town, lambda: PortalClient(town.app))).ana
    things |= dict.fromkeys(("provider", "passkey", "identity"), NOBODY_KNOWS)
    things["token"] = await share(town)
    found = []
    for route in routes_of(town.app):
        if route.method not in SAFE_METHODS and route.name not in WITHOUT_A_FORM:
            kind = KINDS.get(route.name.partition(".")[0], "invoice")
            action = "accept" if kind == "quote" else "confirm-receipt"
            address = route.address(things | {"id": town.documents[kind], "action": action})
            found.append(Form(route=route, address=address, sender=sender_of(route)))
    assert len(found) >= 110
    return found


def sender_of(route):
    if route.opt.get("public"):
        return "nobody"
    return "Carmen" if route.opt.get("audience") is Audience.STAFF else "Ana"


async def share(town):
    """Let somebody have a link to Ana's delivery note."""
    portal = town.app.portal
    async with portal.writing() as session, session.begin():
        return await make_share_link(
            session,
            portal.config.secret_keys,
            business_id=town.mill,
            contact_id=town.ana,
            document_id=town.documents["delivery_note"],
            rules=ShareRules(),
            actor=Actor(kind="system"),
            now=NOW,
        )


async def open_browsers(town):
    found = {
        who: PortalClient(town.app, headers={"accept-language": "en"})
        for who in ("nobody", "by link", "as Ana", "Ana", "Carmen")
    }
    assert (await found["by link"].submit(f"/d/{await share(town)}")).status_code == 303
    await found["as Ana"].sign_in(CARMEN, PASSWORD, path=DOOR)
    contact = f"/backoffice/contacts/{town.ana}"
    await found["as Ana"].submit(f"{contact}/view-as", page=contact)
    await found["Ana"].sign_in(ANA, PASSWORD)
    await found["Carmen"].sign_in(CARMEN, PASSWORD, path=DOOR)
    pages = {"nobody": "/login", "by link": "/login", "Carmen": "/backoffice/contacts"}
    return {
        who: (client, await client.token(pages.get(who, "/home"))) for who, client in found.items()
    }


def is_refused(answer):
    """Tell whether a form was refused as one that the portal has not shown to this browser."""
    return answer.status_code == 403 and str(words_for("cross_site").title) in answer.text


async def test_only_what_mail_programs_press_needs_no_form(walk):
    found = {route.name for route in routes_of(walk.town.app) if route.opt.get("csrf") is False}

    assert found == WITHOUT_A_FORM


async def test_a_form_without_its_own_token_is_refused_whoever_sends_it(walk):
    """Among the tokens that are not its own is the real one of somebody who is signed in."""
    ben = PortalClient(walk.town.app)
    await ben.sign_in("ben@ben.example", PASSWORD)
    foreign = await ben.token("/profile")
    signed_out = walk.browsers["nobody"][1]
    before = await snapshot(walk.town.app)
    for who, (client, _) in walk.browsers.items():
        for form in walk.forms:
            wrong = [foreign]
            if form.sender == who:
                wrong += [None, ""] if who == "nobody" else [None, "", signed_out]
            for token in wrong:
                assert is_refused(await form.send(client, token)), (who, str(form), token)
    assert await snapshot(walk.town.app) == before


async def test_what_another_site_sends_is_refused_also_with_its_own_token(walk):
    before = await snapshot(walk.town.app)
    for form in walk.forms:
        client, own = walk.browsers[form.sender]
        for headers in OTHER_SITES:
            assert is_refused(await form.send(client, own, headers)), (str(form), headers)
        for media_type in OTHER_TYPES:
            answer = await client.request(
                form.route.method,
                form.address,
                content=f"csrf_token={own}",
                headers=SAME | {"content-type": media_type},
            )
            assert answer.status_code == 415, (str(form), media_type)
    assert await snapshot(walk.town.app) == before


async def test_no_safe_method_does_what_a_form_does(walk):
    """Whatever a request says that it would rather be."""
    pages = {route.path for route in routes_of(walk.town.app) if route.method == "GET"}
    before = await snapshot(walk.town.app)
    for form in walk.forms:
        client, own = walk.browsers[form.sender]
        query = form.route.form() | {"csrf_token": own, "_method": form.route.method}
        for method in sorted(SAFE_METHODS):
            answer = await client.request(
                method, form.address, params=query, headers=SAME | OVERRIDES
            )
            assert answer.status_code < 500, (method, str(form))
            if form.route.path not in pages and method != "OPTIONS":
                assert answer.status_code == 405, (method, str(form))
    assert await snapshot(walk.town.app) == before


async def enter(town, who):
    """Return a browser that was signed in this moment: earlier forms may have ended another."""
    portal, client = town.app.portal, PortalClient(town.app, headers={"accept-language": "en"})
    if who == "nobody":
        return client, await client.token("/login")
    is_staff = who == "Carmen"
    found = Staff.id if is_staff else Person.id
    email = Staff.email == CARMEN if is_staff else Person.email == ANA
    async with portal.writing() as session, session.begin():
        account = await session.scalar(select(found).where(email))
        opened = await open_session(
            session,
            business_id=town.mill,
            kind=SessionKind.STAFF if is_staff else SessionKind.PERSON,
            now=NOW,
            lifetime=timedelta(days=1),
            staff_id=account if is_staff else None,
            person_id=None if is_staff else account,
            contact_id=None if is_staff else town.ana,
            by="password",
        )
    client.cookies.set("pk", opened)
    return client, csrf_token(portal.config.secret_keys, opened)


def is_control(form, who):
    """Tell whether somebody has the page of a form, or at least what a form needs to get in."""
    if who == "by link":
        return form.route.opt.get("shared")
    return form.sender == ("Ana" if who == "as Ana" else who)


async def test_every_form_gets_in_with_its_own_token(portal_config):
    """The control: what was refused above was refused as a foreign form, and would do much."""
    async with running(with_mail(portal_config)) as app:
        walk = await set_out(app)
        before = await snapshot(app)
        # Of the staff's forms some take away what the others need, so they come last.
        for who in ("by link", "as Ana", "Ana", "nobody", "Carmen"):
            for form in walk.forms:
                if is_control(form, who):
                    is_kept = who in {"by link", "as Ana"}
                    client, own = walk.browsers[who] if is_kept else await enter(walk.town, who)

                    answer = await form.send(client, own)

                    assert answer.status_code < 500, (who, str(form))
                    assert not is_refused(answer), (who, str(form))
        after = await snapshot(app)
    changed = {name.removeprefix("portalkit_") for name in before if before[name] != after[name]}
    assert changed >= WOULD_CHANGE
