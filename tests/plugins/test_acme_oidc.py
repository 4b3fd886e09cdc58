"""An auth provider of a third party, against an issuer that can be made to lie."""

import asyncio
import re
from datetime import timedelta

import httpx
import msgspec
import pytest
from oidc_issuer import CLIENT, SECRET, query_of, serve_issuer
from sqlalchemy import func, select, update

from portalkit.access.models import BoundIdentity, Membership, Person, PluginSwitch, SessionRow
from portalkit.access.rules import SignInRules, store_sign_in_rules
from portalkit.app import create_app
from portalkit.audit import Actor, Event
from portalkit.hooks import HOOK_API, Audience, Identity, Manifest, hookimpl
from portalkit.model import new_id
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import (
    NOW,
    make_business,
    make_contact,
    make_person,
    make_staff,
)

pytestmark = pytest.mark.anyio
ANA = "ana@ana.example"
CARMEN = "carmen@mill.example"
PASSWORD = "olive-trees-in-march"
ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def served_issuer():
    with serve_issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(served_issuer):
    served_issuer.person = {"sub": "ana-1", "email": ANA, "email_verified": True}
    served_issuer.lies = {}
    served_issuer.sign = served_issuer.signed
    served_issuer.codes.clear()
    served_issuer.refusals.clear()
    return served_issuer


@pytest.fixture
def portal_plugins():
    return ("acme_oidc",)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def app(portal_config, issuer, clock):
    settings = {"issuer": issuer.url, "client_id": CLIENT, "client_secret": SECRET}
    config = msgspec.structs.replace(portal_config, plugin_settings={"acme_oidc": settings})
    app = create_app(config, clock=clock)
    async with open_portal(app):
        yield app


@pytest.fixture
async def business(app):
    """The mill with Ana, Ben and Carmen of the staff; verified addresses are recognized."""
    async with app.portal.writing() as session, session.begin():
        business = await make_business(session)
        password = await app.portal.passwords.hash(PASSWORD)
        for email in (ANA, "ben@ben.example"):
            contact = await make_contact(session, business, email)
            await make_person(session, business, [contact], email, password_hash=password)
        await make_staff(session, business, CARMEN, password_hash=password)
    return business


@pytest.fixture
def demand(app, business):
    async def set_rules(**rules):
        async with app.portal.writing() as session, session.begin():
            await store_sign_in_rules(
                session,
                SignInRules(**rules),
                business_id=business,
                actor=Actor(kind="system"),
                now=NOW,
            )

    return set_rules


@pytest.fixture
async def by_email(demand):
    await demand(providers_match_email=True)


@pytest.fixture
def visitor(app, business):
    return lambda: PortalClient(app)


async def go_out(client, door="person", **query):
    """Follow the button to the issuer and return the address that it sends the browser to."""
    answer = await client.get("/login/with/acme", params={"door": door, **query})
    assert answer.status_code == 303, answer.text
    async with httpx.AsyncClient() as browser:
        back = await browser.get(answer.headers["location"])
    assert back.status_code == 303
    return back.headers["location"].removeprefix(ORIGIN)


async def come_back(client, path):
    """Open the address that the issuer gave, and press the button."""
    page = await client.get(path)
    if page.status_code != 200:
        return page
    answer = re.search(r'name="answer" value="([^"]+)"', page.text)[1].replace("&amp;", "&")
    return await client.submit(path.partition("?")[0], {"answer": answer}, page=path)


@pytest.fixture
def sign_in(visitor):
    async def sign_in_with_acme(door="person", client=None, **query):
        client = client or visitor()
        await client.get("/login")
        return client, await come_back(client, await go_out(client, door, **query))

    return sign_in_with_acme


@pytest.fixture
def count(app):
    async def count_rows(table):
        async with app.portal.reading() as session:
            return await session.scalar(select(func.count()).select_from(table))

    return count_rows


@pytest.fixture
def events(app):
    async def read(name):
        async with app.portal.reading() as session:
            return list(await session.scalars(select(Event.data).where(Event.name == name)))

    return read


async def is_in(client, path="/profile"):
    return (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("email", "door", "home"),
    [(ANA, "person", "/home"), (CARMEN, "staff", "/backoffice")],
)
async def test_whoever_the_issuer_vouches_for_gets_in_and_is_bound(
    *, email, door, home, by_email, issuer, sign_in, count, events
):
    issuer.person = {"sub": "x-1", "email": email.upper(), "email_verified": True}

    client, answer = await sign_in(door)

    assert (answer.status_code, answer.headers["location"]) == (303, home)
    assert await is_in(client, "/security")
    assert await count(BoundIdentity) == 1
    assert await events("access.signed_in") == [{"by": "acme"}]
    # From now on the identity counts, whatever address it has.
    issuer.person = {"sub": "x-1", "email": "new@new.example", "email_verified": False}
    _, answer = await sign_in(door)
    assert answer.headers["location"] == home
    assert await count(BoundIdentity) == 1


async def test_the_buttons_stand_at_the_doors_they_are_for(visitor, app, business):
    for door, path in (("person", "/login"), ("staff", "/backoffice/login")):
        page = (await visitor().get(f"{path}?next=/profile")).text
        assert f'href="/login/with/acme?door={door}' in page
        assert "Sign in with Acme ID" in page
    async with app.portal.writing() as session, session.begin():
        session.add(
            PluginSwitch(id=new_id(), business_id=business, plugin="acme_oidc", is_enabled=False)
        )
    app.portal.businesses.forget()

    assert "/login/with/acme" not in (await visitor().get("/login")).text
    assert (await visitor().get("/login/with/acme")).status_code == 404


async def test_what_is_sent_out_is_random_and_sealed(visitor):
    client = visitor()
    asked = [
        query_of((await client.get("/login/with/acme?next=/profile")).headers["location"])
        for _ in range(3)
    ]

    for name in ("state", "nonce", "code_challenge"):
        assert len({each[name] for each in asked}) == 3
    assert asked[0]["redirect_uri"] == f"{ORIGIN}/login/with/acme/done"
    assert asked[0]["code_challenge_method"] == "S256"
    assert "profile" not in asked[0]["state"]


async def test_one_comes_to_where_one_wanted_to_go(by_email, sign_in):
    _, answer = await sign_in(next="/profile?a=1")

    assert answer.headers["location"] == "/profile?a=1"


@pytest.mark.parametrize("wish", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_nobody_is_sent_elsewhere_afterwards(wish, by_email, sign_in):
    _, answer = await sign_in(next=wish)

    assert answer.headers["location"] == "/home"


async def test_opening_the_address_uses_nothing_up(by_email, visitor, count):
    client = visitor()
    await client.get("/login")
    path = await go_out(client)
    for _ in range(3):
        assert (await client.get(path)).status_code == 200
        assert (await client.head(path)).status_code in {200, 405}
    assert await count(SessionRow) == 0

    answer = await come_back(client, path)

    assert answer.headers["location"] == "/home"


# Who is let in


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "x", "email": "nobody@ana.example", "email_verified": True},
        {"sub": "x", "email": ANA, "email_verified": False},
        {"sub": "x", "email": ANA},
        {"sub": "x", "email": ANA, "email_verified": "true"},
        {"sub": "x"},
        {"sub": "x", "email": "", "email_verified": True},
        {"sub": "x", "email": CARMEN, "email_verified": True},
        {"sub": "x", "email": "\ud800@ana.example", "email_verified": True},
        {"sub": "x", "email": "a\x00@ana.example", "email_verified": True},
    ],
    ids=[
        *("unknown", "not verified", "not said", "text", "no address", "empty", "staff"),
        *("half a letter", "a zero"),
    ],
)
async def test_nobody_else_is_let_in_and_nobody_is_added(person, by_email, issuer, sign_in, count):
    issuer.person = person
    people = await count(Person)

    client, answer = await sign_in()

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert not await is_in(client)
    assert (await count(Person), await count(SessionRow)) == (people, 0)
    assert await count(BoundIdentity) == 0


async def test_addresses_count_only_where_the_business_says_so(sign_in, count):
    _, answer = await sign_in()

    assert answer.headers["location"] == "/login"
    assert await count(BoundIdentity) == 0


@pytest.mark.parametrize("table", [Person, Membership])
async def test_whoever_was_shut_out_stays_out(table, by_email, app, sign_in):
    await sign_in()
    async with app.portal.writing() as session, session.begin():
        await session.execute(update(table).values(is_enabled=False))

    client, answer = await sign_in()

    assert answer.headers["location"] == "/login"
    assert not await is_in(client)


async def test_an_address_that_was_given_to_somebody_else_lets_them_not_in(
    by_email, issuer, sign_in
):
    await sign_in()
    issuer.person = {"sub": "successor", "email": ANA, "email_verified": True}

    client, answer = await sign_in()

    assert answer.headers["location"] == "/login"
    assert not await is_in(client)


async def test_a_second_factor_is_asked_for_unless_the_provider_did(
    by_email, app, issuer, sign_in, demand
):
    await demand(providers_match_email=True, contacts_need_second=True)
    client, _ = await sign_in()
    assert (await client.get("/home")).headers["location"] == "/security/totp"
    async with app.portal.writing() as session, session.begin():
        await session.execute(update(Person).values(has_second_factor=True))

    _, answer = await sign_in()
    assert answer.headers["location"] == "/login/code"
    issuer.person = issuer.person | {"amr": ["pwd", "mfa"]}
    client, answer = await sign_in()

    assert answer.headers["location"] == "/home"
    assert await is_in(client)


# Attacks


def lie(**claims):
    def tell(issuer):
        issuer.lies = claims

    return tell


def sign_by(name):
    def tell(issuer):
        issuer.sign = getattr(issuer, name)

    return tell


LIES = {
    "another issuer": lie(iss="https://evil.example"),
    "for somebody else": lie(aud="another client"),
    "expired": lie(exp=1_700_000_000),
    "issued for ever": lie(exp=None),
    "another nonce": lie(nonce="x"),
    "no nonce": lie(nonce=None),
    "nobody": lie(sub=None),
    "an empty name": lie(sub=""),
    "a name without end": lie(sub="x" * 256),
    "a name with a zero": lie(sub="x\x00"),
    "not signed": sign_by("unsigned"),
    "signed with the public key": sign_by("signed_with_the_public_key"),
    "signed by another": sign_by("signed_by_another"),
    "no token": lambda issuer: setattr(issuer, "sign", lambda _: None),
    "rubbish": lambda issuer: setattr(issuer, "sign", lambda _: "a.b.c"),
}


@pytest.mark.parametrize("tell", LIES.values(), ids=LIES.keys())
async def test_a_token_that_is_not_right_lets_nobody_in(tell, by_email, issuer, sign_in, count):
    tell(issuer)

    client, answer = await sign_in()

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert not await is_in(client)
    assert await count(BoundIdentity) == 0
    # The control: without the lie the same person gets in.
    issuer.lies, issuer.sign = {}, issuer.signed
    _, answer = await sign_in()
    assert answer.headers["location"] == "/home"


async def test_an_answer_is_taken_once(by_email, visitor, issuer, count):
    client = visitor()
    await client.get("/login")
    path = await go_out(client)
    page = (await client.get(path)).text
    fields = {"answer": re.search(r'name="answer" value="([^"]+)"', page)[1].replace("&amp;", "&")}
    held = client.cookies["pk-pre"]
    await client.submit("/login/with/acme/done", fields, page=path)
    assert await is_in(client)
    # As whoever has the address and even the cookie.
    thief = visitor()
    thief.cookies.set("pk-pre", held)

    answer = await thief.submit("/login/with/acme/done", fields, page=path)

    assert answer.headers["location"] == "/login"
    assert not await is_in(thief)
    # It was not even asked for at the issuer again.
    assert issuer.refusals == []


async def test_of_several_that_come_back_at_once_one_gets_in(by_email, visitor, issuer):
    client = visitor()
    await client.get("/login")
    path = await go_out(client)
    page = (await client.get(path)).text
    fields = {"answer": re.search(r'name="answer" value="([^"]+)"', page)[1].replace("&amp;", "&")}
    clients = [visitor() for _ in range(4)]
    for each in clients:
        each.cookies.set("pk-pre", client.cookies["pk-pre"])

    answers = await asyncio.gather(
        *(each.submit("/login/with/acme/done", fields, page=path) for each in clients)
    )

    places = sorted(answer.headers["location"] for answer in answers)
    assert places == ["/home", "/login", "/login", "/login"]
    assert issuer.refusals == []


async def test_the_address_of_somebody_else_signs_nobody_in(by_email, visitor, sign_in):
    """Neither is a victim signed in as the attacker, nor the attacker as the victim."""
    attacker, victim = visitor(), visitor()
    for client in (attacker, victim):
        await client.get("/login")
    path = await go_out(attacker)

    answer = await victim.get(path)
    assert answer.headers["location"] == "/login"
    query = path.partition("?")[2]
    answer = await victim.submit("/login/with/acme/done", {"answer": query}, page="/login")

    assert answer.headers["location"] == "/login"
    assert not await is_in(victim)


async def test_a_code_of_another_attempt_fails_at_its_verifier(by_email, visitor, issuer):
    """A code that was stolen cannot be put into one's own attempt (PKCE)."""
    victim, attacker = visitor(), visitor()
    for client in (victim, attacker):
        await client.get("/login")
    stolen = query_of(await go_out(victim))["code"]
    own = await go_out(attacker)
    path = own.replace(query_of(own)["code"], stolen)

    answer = await come_back(attacker, path)

    assert answer.headers["location"] == "/login"
    assert issuer.refusals == ["verifier"]
    assert not await is_in(attacker)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.replace("state=", "state=x"),
        lambda path: path.replace("state=", "no="),
        lambda path: f"{path}&state=x",
        lambda path: f"{path}&code=x",
        lambda path: f"{path}&" + "x=1&" * 60,
        lambda path: f"{path}&x={'x' * 9_000}",
        lambda path: f"{path}&x=%FF%FE",
        lambda path: path.partition("?")[0],
        lambda path: path.replace("iss=", "iss=https://evil.example/"),
    ],
)
async def test_an_answer_that_was_changed_lets_nobody_in(change, by_email, visitor):
    client = visitor()
    await client.get("/login")
    path = change(await go_out(client))

    answer = await come_back(client, path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert not await is_in(client)


async def test_whoever_cancels_there_is_back_at_the_door(by_email, visitor):
    client = visitor()
    await client.get("/login")
    path = await go_out(client)
    query = query_of(path)

    answer = await come_back(
        client, f"/login/with/acme/done?error=access_denied&state={query['state']}"
    )

    assert answer.headers["location"] == "/login"


async def test_an_attempt_takes_ten_minutes_at_most(by_email, visitor, clock):
    client = visitor()
    await client.get("/login")
    path = await go_out(client)
    clock.now += timedelta(minutes=10)

    answer = await come_back(client, path)

    assert answer.headers["location"] == "/login"


async def test_the_answer_for_one_provider_is_not_taken_by_another(app, by_email, visitor):
    client = visitor()
    await client.get("/login")
    path = await go_out(client)

    answer = await client.get(path.replace("/acme/", "/other/"))

    assert answer.headers["location"] == "/login"


async def test_an_issuer_that_is_away_lets_nobody_in_and_breaks_nothing(
    portal_config, clock, caplog
):
    settings = {"issuer": "http://127.0.0.1:9", "client_id": CLIENT, "client_secret": SECRET}
    config = msgspec.structs.replace(portal_config, plugin_settings={"acme_oidc": settings})
    app = create_app(config, clock=clock)
    async with open_portal(app), PortalClient(app) as client:
        async with app.portal.writing() as session, session.begin():
            await make_business(session)

        answer = await client.get("/login/with/acme")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "plugin acme_oidc failed in auth provider acme.begin" in caplog.text


# Connecting an account of one's own


async def sign_in_by_password(client, email=ANA, path="/login"):
    await client.sign_in(email, PASSWORD, path=path)
    return client


async def connect(client):
    answer = await client.get("/security/with/acme")
    async with httpx.AsyncClient() as browser:
        back = await browser.get(answer.headers["location"])
    return await come_back(client, back.headers["location"].removeprefix(ORIGIN))


async def test_one_connects_and_disconnects_ones_own(issuer, visitor, sign_in, events, count):
    """Without recognizing addresses, and with whatever address one has there."""
    issuer.person = {"sub": "ana-private", "email": "ana@private.example"}
    ana = await sign_in_by_password(visitor())
    answer = await connect(ana)
    assert answer.headers["location"] == "/security"
    page = (await ana.get("/security")).text
    assert "ana@private.example" in page
    assert await events("access.identity_bound") == [{"provider": "acme"}]
    _, answer = await sign_in()
    assert answer.headers["location"] == "/home"
    path = re.search(r'action="(/security/identities/[0-9a-f-]{36}/remove)"', page)[1]
    ben = await sign_in_by_password(visitor(), "ben@ben.example")
    assert (await ben.submit(path, page="/security")).status_code == 404

    assert (await ana.submit(path, page="/security")).status_code == 303

    assert await count(BoundIdentity) == 0
    _, answer = await sign_in()
    assert answer.headers["location"] == "/login"


async def test_what_is_connected_to_one_is_not_connected_to_another(visitor, sign_in, count):
    await connect(await sign_in_by_password(visitor()))
    ben = await sign_in_by_password(visitor(), "ben@ben.example")

    await connect(ben)

    assert await count(BoundIdentity) == 1
    client, _ = await sign_in()
    assert "ben@ben.example" not in (await client.get("/profile")).text


async def test_nobody_connects_into_the_account_of_a_victim(visitor, issuer, count):
    """The address of an attempt that an attacker began does nothing for whoever opens it."""
    ben = await sign_in_by_password(visitor(), "ben@ben.example")
    answer = await ben.get("/security/with/acme")
    async with httpx.AsyncClient() as browser:
        back = await browser.get(answer.headers["location"])
    path = back.headers["location"].removeprefix(ORIGIN)
    ana = await sign_in_by_password(visitor())

    answer = await ana.get(path)

    assert answer.status_code == 303
    assert await count(BoundIdentity) == 0


class Sloppy:
    """A provider that answers what it likes."""

    name, title, order = "sloppy", "Sloppy", 1
    audiences = frozenset({Audience.CONTACT})

    def __init__(self, url="https://id.example/", identity=None):
        self.url = url
        self.identity = identity

    async def begin(self, attempt):
        self.attempt = attempt
        return self.url

    async def complete(self, attempt, answer):
        assert attempt == self.attempt
        return self.identity


def plugin_of(provider):
    class Plugin:
        manifest = Manifest(name="sloppy", title="Sloppy", api=HOOK_API, activation="business")

        @hookimpl
        def portalkit_register_auth_providers(self):
            return [provider]

    return Plugin()


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example/",
        "//id.example",
        "javascript:alert(1)",
        "https://",
        "https://id.example/\r\nset-cookie: x=1",
        "https://id.exämple/",
        "/home",
        "https://[",
        None,
        5,
    ],
)
async def test_a_browser_is_sent_out_by_https_only(url, portal_config, clock):
    app = create_app(portal_config, plugins={"sloppy": plugin_of(Sloppy(url))}, clock=clock)
    async with open_portal(app), PortalClient(app) as client:
        async with app.portal.writing() as session, session.begin():
            await make_business(session)

        answer = await client.get("/login/with/sloppy")

    assert answer.headers["location"] == "/login"


async def test_the_attempt_that_comes_back_is_the_one_that_went_out(portal_config, clock):
    """The provider gets the same nonce and verifier again, which nobody outside has seen."""
    provider = Sloppy(identity=Identity(issuer="i", subject="s"))
    app = create_app(portal_config, plugins={"sloppy": plugin_of(provider)}, clock=clock)
    async with open_portal(app), PortalClient(app) as client:
        async with app.portal.writing() as session, session.begin():
            await make_business(session)
        await client.get("/login")
        await client.get("/login/with/sloppy")
        path = f"/login/with/sloppy/done?state={provider.attempt.state}"

        answer = await come_back(client, path)

    assert answer.headers["location"] == "/login"
    assert len(provider.attempt.code_verifier) == 43


async def test_sending_people_out_is_slowed_down_by_address(visitor):
    client = visitor()
    answers = [await client.get("/login/with/acme") for _ in range(25)]

    assert [answer.status_code for answer in answers] == [303] * 20 + [429] * 5
    assert 0 < int(answers[-1].headers["retry-after"]) <= 30


async def test_whoever_gets_in_uses_no_try_up(by_email, sign_in):
    answers = [await sign_in() for _ in range(25)]

    assert {answer.status_code for _, answer in answers} == {303}
