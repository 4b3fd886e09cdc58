"""Signing in with a second step, and setting one up, through HTTP."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pyotp
import pytest
from sqlalchemy import select

from portalkit.access.accounts import find_account
from portalkit.access.links import make_link
from portalkit.access.models import Business, RememberedDevice, Totp
from portalkit.access.rules import SignInRules, store_sign_in_rules
from portalkit.audit import Actor, Event
from portalkit.context import SessionKind
from portalkit.testing.factories import NOW
from portalkit.testing.hostile import FOREIGN_PATHS

pytestmark = pytest.mark.anyio
ANA = "ana@ana.example"
CARMEN = "carmen@mill.example"
PASSWORD = "olive-trees-in-march"
ENGLISH = {"accept-language": "en"}
DOORS = {ANA: "/login", CARMEN: "/backoffice/login"}


@pytest.fixture
def start(town, visitor):
    """Type address and password; return the browser and the answer."""

    async def begin(email=ANA, *, client=None, wish=""):
        client = client or visitor()
        door = DOORS.get(email, "/login")
        fields = {"email": email, "password": PASSWORD, "next": wish}
        return client, await client.submit(door, fields)

    return begin


@pytest.fixture
def set_up(start, clock):
    """Sign in, set up an app; return the browser, the app and the codes on paper."""

    async def enrol(email=ANA):
        client, _ = await start(email)
        page = (await client.get("/security/totp")).text
        app = pyotp.TOTP(re.search(r'<code class="pk-key">([^<]+)<', page)[1].replace(" ", ""))
        ticket = re.search(r'name="ticket" value="([^"]+)"', page)[1]
        answer = await client.submit(
            "/security/totp", {"ticket": ticket, "code": app.at(clock.now)}
        )
        assert answer.status_code == 200, answer.text
        codes = re.findall(r"<code>([a-z0-9-]{19})</code>", answer.text)
        assert (
            unquote(re.search(r'href="data:text/plain[^,]*,([^"]+)"', answer.text)[1]).split()[-10:]
            == codes
        )
        # The code is used up; the next one comes with the next period.
        clock.now += timedelta(seconds=30)
        return client, app, codes

    return enrol


@pytest.fixture
def events(app):
    async def read(*names):
        async with app.portal.reading() as session:
            rows = await session.scalars(
                select(Event).where(Event.name.in_(names)).order_by(Event.id)
            )
            return [(row.name, row.data) for row in rows]

    return read


async def is_in(client, path="/profile"):
    return (await client.get(path)).status_code == 200


@pytest.mark.parametrize("email", [ANA, CARMEN])
async def test_after_the_password_a_code_is_asked_for(email, set_up, start, clock, events):
    _, app, _ = await set_up(email)
    client, answer = await start(email)

    assert answer.headers["location"] == "/login/code"
    assert "pk" not in client.cookies
    home = "/profile" if email == ANA else "/backoffice/contacts"
    assert not await is_in(client, home)
    assert not await is_in(client, "/security")
    answer = await client.submit("/login/code", {"code": app.at(clock.now)})

    assert answer.status_code == 303
    assert await is_in(client, home)
    assert "pk_step" not in client.cookies
    [*_, last] = await events("access.signed_in")
    assert last[1] == {"by": "password", "second": "totp"}


async def test_the_cookie_of_a_sign_in_that_waits_is_no_session(set_up, start, visitor):
    await set_up()
    client, _ = await start()
    waiting = client.cookies["pk_step"]

    for name in ("pk", "pk_step", "pk-step"):
        thief = visitor()
        for path in ("/home", "/profile", "/security", "/security/totp", "/password"):
            answer = await thief.get(path, headers={"cookie": f"{name}={waiting}"})
            assert answer.status_code == 303, (name, path)
            assert "/login" in answer.headers["location"]


async def test_a_session_is_worth_nothing_as_a_sign_in_that_waits(sign_in, visitor):
    ben = await sign_in("ben@ben.example")
    client = visitor()
    client.cookies.set("pk_step", ben.cookies["pk"])

    answer = await client.get("/login/code")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


async def test_a_wrong_code_is_told_and_counted(set_up, start, clock, events):
    _, app, _ = await set_up()
    client, _ = await start()
    wrong = app.at(clock.now + timedelta(hours=1))

    answers = [await client.submit("/login/code", {"code": wrong}) for _ in range(5)]
    refused = await client.submit("/login/code", {"code": app.at(clock.now)})

    assert {answer.status_code for answer in answers} == {422}
    assert 'role="alert"' in answers[0].text
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 180
    assert len(await events("access.second_factor_failed")) == 5
    # Nothing is locked for good: three minutes later the owner is in.
    clock.now += timedelta(seconds=180)
    answer = await client.submit("/login/code", {"code": app.at(clock.now)})
    assert answer.status_code == 303


async def test_the_right_code_gives_the_try_back(set_up, start, clock):
    _, app, _ = await set_up()

    for _ in range(8):
        client, _ = await start()
        answer = await client.submit("/login/code", {"code": app.at(clock.now)})
        assert answer.status_code == 303
        clock.now += timedelta(seconds=30)


async def test_a_sign_in_that_waited_too_long_begins_anew(set_up, start, clock):
    _, app, _ = await set_up()
    client, _ = await start()
    clock.now += timedelta(minutes=10)

    answer = await client.submit("/login/code", {"code": app.at(clock.now)}, page="/login")

    assert answer.headers["location"] == "/login"
    assert not await is_in(client)
    assert "That took too long" in (await client.get("/login", headers=ENGLISH)).text


async def test_a_recovery_code_lets_in_once(set_up, start, events):
    _, _, codes = await set_up()
    client, _ = await start()
    answer = await client.submit("/login/recovery", {"recovery_code": codes[0].upper()})

    assert answer.status_code == 303
    assert await is_in(client)
    assert await events("access.recovery_code_used") == [("access.recovery_code_used", {"left": 9})]
    client, _ = await start()
    assert (await client.submit("/login/recovery", {"recovery_code": codes[0]})).status_code == 422


async def test_where_one_wanted_to_go_is_kept_over_the_steps(set_up, start, clock):
    _, app, _ = await set_up()
    client, answer = await start(wish="/profile?a=1&b=2")
    door = answer.headers["location"]
    page = (await client.get(door)).text
    wish = re.search(r'name="next" value="([^"]*)"', page)[1].replace("&amp;", "&")

    answer = await client.submit(
        "/login/code", {"code": app.at(clock.now), "next": wish}, page=door
    )

    assert answer.headers["location"] == "/profile?a=1&b=2"


@pytest.mark.parametrize("wish", FOREIGN_PATHS)
async def test_nobody_is_sent_elsewhere_after_the_second_step(wish, set_up, start, clock):
    _, app, _ = await set_up()
    client, answer = await start(wish=wish)
    assert answer.headers["location"] == "/login/code"

    answer = await client.submit("/login/code", {"code": app.at(clock.now), "next": wish})

    assert answer.headers["location"] == "/home"


# Browsers that are remembered


@pytest.mark.parametrize("email", [ANA, CARMEN])
async def test_a_browser_may_be_remembered_and_forgotten(email, set_up, start, clock, visitor):
    _, app, _ = await set_up(email)
    client, _ = await start(email)
    await client.submit("/login/code", {"code": app.at(clock.now), "remember": "true"})
    held = client.cookies["pk_device"]

    browser = visitor()
    browser.cookies.set("pk_device", held)
    browser, answer = await start(email, client=browser)
    assert "/login/code" not in answer.headers["location"]

    page = (await browser.get("/security")).text
    path = re.search(r'action="(/security/devices/[0-9a-f-]{36}/forget)"', page)[1]
    assert (await browser.submit(path, page="/security")).status_code == 303
    await browser.submit("/logout", page="/security")
    assert browser.cookies["pk_device"] == held
    _, answer = await start(email, client=browser)
    assert answer.headers["location"] == "/login/code"


async def test_a_remembered_browser_is_no_password(set_up, start, clock, visitor):
    _, app, _ = await set_up()
    client, _ = await start()
    await client.submit("/login/code", {"code": app.at(clock.now), "remember": "true"})
    browser = visitor()
    browser.cookies.set("pk_device", client.cookies["pk_device"])

    assert not await is_in(browser)
    answer = await browser.submit("/login", {"email": ANA, "password": "wrong"})
    assert answer.status_code == 422


async def test_nobody_forgets_the_browser_of_somebody_else(town, set_up, start, clock, sign_in):
    _, app, _ = await set_up()
    client, _ = await start()
    await client.submit("/login/code", {"code": app.at(clock.now), "remember": "true"})
    async with town.app.portal.reading() as session:
        device = await session.scalar(select(RememberedDevice.id))
    ben = await sign_in("ben@ben.example")
    carmen = await sign_in(CARMEN, "/backoffice/login")

    for stranger in (ben, carmen):
        answer = await stranger.submit(f"/security/devices/{device}/forget", page="/security")
        assert answer.status_code == 404


# Setting up and taking away


async def test_setting_up_ends_the_other_sessions_and_says_so_in_the_log(sign_in, set_up, events):
    other = await sign_in()
    client, _, codes = await set_up()

    assert await is_in(client)
    assert not await is_in(other)
    assert len(codes) == 10
    assert await events("access.totp_added") == [("access.totp_added", {})]


async def test_looking_at_the_page_stores_nothing(ana, town):
    for _ in range(3):
        await ana.get("/security/totp")

    async with town.app.portal.reading() as session:
        assert await session.scalar(select(Totp.id)) is None


async def test_a_wrong_first_code_shows_the_same_secret_again(ana):
    page = (await ana.get("/security/totp")).text
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)[1]

    answer = await ana.submit("/security/totp", {"ticket": ticket, "code": "000000"})

    assert answer.status_code == 422
    assert re.search(r'"pk-key">([^<]+)<', answer.text)[1] in page


async def test_the_ticket_of_another_browser_is_refused(town, ana, sign_in, clock):
    """Nobody gets an app set up whose secret somebody else has seen."""
    mallory = await sign_in("ben@ben.example")
    page = (await mallory.get("/security/totp")).text
    app = pyotp.TOTP(re.search(r'"pk-key">([^<]+)<', page)[1].replace(" ", ""))
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)[1]

    answer = await ana.submit("/security/totp", {"ticket": ticket, "code": app.at(clock.now)})

    assert (answer.status_code, answer.headers["location"]) == (303, "/security/totp")
    async with town.app.portal.reading() as session:
        assert await session.scalar(select(Totp.id)) is None


async def test_there_is_no_second_app(set_up):
    client, _, _ = await set_up()

    answer = await client.get("/security/totp")

    assert answer.headers["location"] == "/security"


async def test_the_app_is_removed_with_the_password_or_a_code(set_up, start, clock, events):
    for proof in ("password", "code"):
        client, app, _ = await set_up()
        wrong = await client.submit("/security/totp/remove", {proof: "000000"})
        assert wrong.status_code == 422
        right = PASSWORD if proof == "password" else app.at(clock.now)

        answer = await client.submit("/security/totp/remove", {proof: right})

        assert (answer.status_code, answer.headers["location"]) == (303, "/security")
        _, answer = await start()
        assert answer.headers["location"] == "/home"
    assert len(await events("access.totp_removed")) == 2


async def test_nothing_typed_removes_nothing(set_up):
    client, _, _ = await set_up()

    assert (await client.submit("/security/totp/remove", {})).status_code == 422


async def test_new_recovery_codes_ask_who_it_is(set_up, start, events):
    client, _, older = await set_up()
    assert (await client.submit("/security/recovery-codes", {"password": "no"})).status_code == 422

    answer = await client.submit("/security/recovery-codes", {"password": PASSWORD})

    newer = re.findall(r"<code>([a-z0-9-]{19})</code>", answer.text)
    assert len(newer) == 10
    assert not set(newer) & set(older)
    assert answer.headers["cache-control"] == "no-store"
    assert len(await events("access.recovery_codes_made")) == 1


async def test_without_a_second_factor_there_are_no_recovery_codes(ana, town):
    assert (await ana.get("/security/recovery-codes")).headers["location"] == "/security"

    answer = await ana.submit("/security/recovery-codes", {"password": PASSWORD}, page="/security")

    assert answer.status_code == 404


async def test_a_while_after_the_sign_in_one_proves_again_who_one_is(ana, clock):
    clock.now += timedelta(minutes=11)

    answer = await ana.get("/security/totp")
    assert answer.headers["location"] == "/security/confirm?next=%2Fsecurity%2Ftotp"
    before = ana.cookies["pk"]
    wrong = await ana.submit("/security/confirm", {"password": "wrong"})
    assert wrong.status_code == 422
    answer = await ana.submit("/security/confirm", {"password": PASSWORD, "next": "/security/totp"})

    assert answer.headers["location"] == "/security/totp"
    assert ana.cookies["pk"] != before
    assert (await ana.get("/security/totp")).status_code == 200


async def test_the_page_of_staff_and_the_profile_say_how_things_stand(set_up, sign_in, carmen):
    ana, _, _ = await set_up()
    ben = await sign_in("ben@ben.example")

    assert "Switched on" in (await ana.get("/security", headers=ENGLISH)).text
    assert "Switched on" in (await ana.get("/profile", headers=ENGLISH)).text
    assert "Switched on" not in (await ben.get("/profile", headers=ENGLISH)).text
    assert 'href="/security"' in (await carmen.get("/backoffice/contacts")).text


# What a business asks of everybody


@pytest.fixture
def demand(town):
    async def set_rules(**rules):
        async with town.app.portal.writing() as session, session.begin():
            await store_sign_in_rules(
                session,
                SignInRules(**rules),
                business_id=town.mill,
                actor=Actor(kind="system"),
                now=NOW,
            )

    return set_rules


@pytest.mark.parametrize(
    ("email", "rule", "pages"),
    [
        (ANA, "contacts_need_second", ("/home", "/profile")),
        (CARMEN, "staff_need_second", ("/backoffice/contacts", "/backoffice/plugins")),
    ],
)
async def test_whoever_must_have_a_second_factor_gets_nowhere_before(
    *, email, rule, pages, demand, sign_in, start, set_up, clock
):
    client = await sign_in(email, DOORS[email])
    await demand(**{rule: True})

    for path in pages:
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/security/totp"), path
    assert (await client.get("/security")).headers["location"] == "/security/totp"
    form = {"current_password": PASSWORD, "new_password": "figs-and-almonds-9"}
    posted = await client.submit("/profile/password", form, page="/security/totp")
    assert posted.status_code in ({403} if email == ANA else {401})
    assert (await client.submit("/logout", page="/security/totp")).status_code == 303

    client, _, _ = await set_up(email)
    assert (await client.get(pages[0])).status_code == 200


async def test_what_is_asked_of_staff_is_not_asked_of_contacts(demand, ana, carmen, town):
    await demand(staff_need_second=True)

    assert await is_in(ana)
    assert (await carmen.get("/backoffice/contacts")).status_code == 303
    async with town.app.portal.reading() as session:
        stored = await session.scalar(select(Business.settings).where(Business.id == town.bees))
    assert stored == {}


async def test_admins_set_what_is_asked_and_others_do_not(town, carmen, sign_in, events):
    rita = await sign_in("rita@mill.example", "/backoffice/login")
    fields = {"contacts_need_second": "true"}
    assert (await rita.get("/backoffice/sign-in")).status_code == 403
    answer = await rita.submit("/backoffice/sign-in", fields, page="/backoffice/contacts")
    assert answer.status_code == 403

    answer = await carmen.submit("/backoffice/sign-in", fields)

    assert answer.status_code == 303
    async with town.app.portal.reading() as session:
        stored = await session.scalar(select(Business.settings).where(Business.id == town.mill))
    assert stored["sign_in"] == {
        "contacts_need_second": True,
        "staff_need_second": False,
        "providers_match_email": False,
    }
    assert len(await events("access.rules_set")) == 1


async def test_staff_let_somebody_start_anew_who_has_lost_everything(
    *, town, carmen, set_up, start, sign_in, events
):
    ana, _, _ = await set_up()
    rita = await sign_in("rita@mill.example", "/backoffice/login")
    contact = f"/backoffice/contacts/{town.ana}"
    path = f"{contact}/people/{town.ana_person}/second-factor/remove"
    assert path in (await carmen.get(contact)).text
    assert (await rita.submit(path, page=contact)).status_code == 403
    foreign = f"/backoffice/contacts/{town.ben}/people/{town.ana_person}/second-factor/remove"
    assert (await carmen.submit(foreign, page=contact)).status_code == 404

    answer = await carmen.submit(path, page=contact)

    assert answer.status_code == 303
    assert not await is_in(ana)
    _, answer = await start()
    assert answer.headers["location"] == "/home"
    assert len(await events("access.second_factor_removed")) == 1
    assert path not in (await carmen.get(contact)).text


async def test_a_link_asks_for_the_second_step_too(town, set_up, visitor, clock):
    _, app, _ = await set_up()
    async with town.app.portal.writing() as session, session.begin():
        account = await find_account(session, SessionKind.PERSON, business_id=town.mill, email=ANA)
        token = await make_link(
            session,
            town.app.portal.config.secret_keys,
            business_id=town.mill,
            now=clock.now,
            person_id=account.id,
        )
    client = visitor()

    answer = await client.submit(f"/i/{token}")

    assert answer.headers["location"] == "/login/code"
    assert (await client.submit("/login/code", {"code": app.at(clock.now)})).status_code == 303
    assert await is_in(client)
