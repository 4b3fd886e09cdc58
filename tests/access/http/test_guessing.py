"""Guessing at every door, by whoever does not stop (case O13), and who is not kept out by it.

A quarter of an hour passes on the portal's own clock; comparisons of passwords are counted
where they are made. Each browser connects from a proxy that is trusted, or else by itself.
"""

import re
from collections import Counter
from datetime import timedelta

import msgspec
import pyotp
import pytest
from sqlalchemy import func, select

from portalkit.access.links import LinkPurpose, make_link
from portalkit.access.models import Throttle
from portalkit.config import MailConfig, Secret
from portalkit.testing.client import PortalClient

pytestmark = pytest.mark.anyio
ANA, BEN, CARMEN = "ana@ana.example", "ben@ben.example", "carmen@mill.example"
PASSWORD = "olive-trees-in-march"
NEW = "almonds-in-february"
PROXY, STRANGER, HOME = "127.0.0.1", "203.0.113.9", "192.0.2.1"
CODE = re.compile(r"^(\d{6})$", re.MULTILINE)
MINUTE, QUARTER = timedelta(minutes=1), timedelta(minutes=15)


def made_up(number):
    return f"198.51.{number // 250}.{number % 250}"


# Whom an attacker connects to, and what its requests say of where they come from.
WAYS = {
    "one address": (PROXY, lambda _: [STRANGER]),
    "made-up addresses": (STRANGER, lambda number: [made_up(number % 500)]),
    "made-up lines before the proxy's own": (PROXY, lambda n: [made_up(n % 500), STRANGER]),
    "made-up addresses before the proxy's": (PROXY, lambda n: [f"{made_up(n % 500)}, {STRANGER}"]),
    "many addresses": (PROXY, lambda number: [made_up(number)]),
}
ONE_ADDRESS = ["one address", "made-up addresses", "made-up lines before the proxy's own"]


@pytest.fixture
def portal_config(portal_config, office):
    return msgspec.structs.replace(
        portal_config,
        trusted_proxies=(PROXY,),
        smtp_url=Secret(office.url),
        mail=MailConfig(from_address="portal@mill.example"),
    )


class Guesser(PortalClient):
    """A browser that sends a form again and again, each time from where it says."""

    def __init__(self, app, way, cookies=None):
        peer, self.said = WAYS[way]
        super().__init__(app, peer=peer, cookies=cookies)
        self.sent = 0
        self.csrf = ""

    async def guess(self, path, fields, *, page="/login"):
        self.csrf = self.csrf or await self.token(page)
        self.sent += 1
        return await self.post(path, data=fields | {"csrf_token": self.csrf}, headers=self.lines())

    def lines(self):
        return [
            ("sec-fetch-site", "same-origin"),
            *(("x-forwarded-for", line) for line in self.said(self.sent)),
        ]


@pytest.fixture
def guesser(town):
    return lambda way, cookies=None: Guesser(town.app, way, cookies)


@pytest.fixture
def owner(town):
    """A browser at the owner's own address."""
    return lambda: PortalClient(town.app, headers={"x-forwarded-for": HOME})


@pytest.fixture
def known(owner):
    """The owner's browser, in which they have signed in before."""

    async def make(email=ANA, path="/login"):
        client = owner()
        await client.sign_in(email, PASSWORD, path=path)
        client.cookies.delete("pk")
        return client

    return make


@pytest.fixture
def hammer(clock):
    """Guess all through a while; return how often there was which answer."""

    async def go_on(guess, times, *, meanwhile=None, within=QUARTER):
        answers = Counter()
        for number in range(times):
            answer = await guess(number)
            answers[answer.status_code] += 1
            if answer.status_code == 429:
                assert 0 < int(answer.headers["retry-after"]) <= 600
            if meanwhile is not None and number == times // 2:
                await meanwhile()
            clock.now += within / times
        return answers

    return go_on


async def is_in(client, path="/profile"):
    return (await client.get(path)).status_code == 200


def checks_of(town):
    return town.app.portal.passwords.checks


async def rows_of(town):
    async with town.app.portal.reading() as session:
        return await session.scalar(select(func.count()).select_from(Throttle))


# Passwords


@pytest.mark.parametrize(
    ("way", "times"),
    [
        ("one address", 60),
        ("made-up addresses", 60),
        ("made-up lines before the proxy's own", 60),
        ("made-up addresses before the proxy's", 60),
        ("many addresses", 250),
    ],
)
async def test_a_password_is_compared_twenty_times_at_most(
    *, way, times, town, guesser, known, hammer
):
    client, at_home, before = guesser(way), await known(), checks_of(town)

    async def sign_in():
        await at_home.sign_in(ANA, PASSWORD)
        assert await is_in(at_home)

    answers = await hammer(
        lambda number: client.guess("/login", {"email": ANA, "password": f"guess {number}"}),
        times,
        meanwhile=sign_in,
    )

    assert checks_of(town) - before <= 20
    assert answers == {422: answers[422], 429: times - answers[422]}
    assert 10 <= answers[422] <= 14


async def test_that_of_staff_too(town, guesser, known, hammer):
    door = "/backoffice/login"
    client, office = guesser("many addresses"), await known(CARMEN, door)
    before = checks_of(town)

    answers = await hammer(
        lambda _: client.guess(door, {"email": CARMEN, "password": "guess"}, page=door),
        50,
        meanwhile=lambda: office.sign_in(CARMEN, PASSWORD, path=door),
    )

    assert checks_of(town) - before <= 20
    assert answers[429] >= 30


@pytest.mark.parametrize("way", ONE_ADDRESS)
async def test_an_address_is_limited_over_all_accounts(way, town, guesser, hammer):
    client, before, times = guesser(way), checks_of(town), 70

    answers = await hammer(
        lambda number: client.guess(
            "/login", {"email": f"person{number}@x.example", "password": "guess"}
        ),
        times,
        within=MINUTE,
    )

    assert 50 <= answers[422] == checks_of(town) - before <= 54
    assert answers[429] == times - answers[422]
    # Who is refused leaves nothing behind.
    assert await rows_of(town) == answers[422] + 1


@pytest.mark.parametrize("path", ["/security/confirm", "/password", "/profile/password"])
async def test_a_stolen_session_does_not_guess_its_password(
    *, path, town, guesser, owner, known, hammer
):
    thief, at_home, before = guesser("many addresses"), await known(), checks_of(town)
    await thief.sign_in(ANA, PASSWORD)
    fields = {
        "/security/confirm": {"password": "guess"},
    }.get(path, {"current_password": "guess", "new_password": NEW})

    answers = await hammer(
        lambda _: thief.guess(path, fields, page="/profile"),
        40,
        meanwhile=lambda: at_home.sign_in(ANA, PASSWORD),
    )

    assert answers[422] <= 20
    assert answers[429] >= 20
    # The thief's own sign-in and the owner's are compared too.
    assert checks_of(town) - before <= 22


async def test_whoever_is_signed_in_changes_the_password_while_it_is_guessed_at(
    *, town, guesser, owner, hammer
):
    client, at_home = guesser("many addresses"), owner()
    await at_home.sign_in(ANA, PASSWORD)
    at_home.cookies.delete("pk_known")

    async def change():
        fields = {"current_password": PASSWORD, "new_password": NEW}
        answer = await at_home.submit("/profile/password", fields, page="/profile")
        assert answer.status_code == 303

    await hammer(
        lambda _: client.guess("/login", {"email": ANA, "password": "guess"}), 30, meanwhile=change
    )

    at_home.cookies.delete("pk")
    # The browser in which it was changed is known as before.
    await at_home.sign_in(ANA, NEW)
    assert await is_in(at_home)


# Known browsers


def value_of(client):
    return {"pk_known": client.cookies["pk_known"]}


async def test_many_stolen_values_are_one_limit(town, guesser, known, hammer):
    """Twenty comparisons in all, with everything that somebody could steal."""
    thieves = [guesser("many addresses", value_of(await known())) for _ in range(12)]
    for number, thief in enumerate(thieves):
        thief.sent = number * 100
    before = checks_of(town)

    answers = await hammer(
        lambda number: thieves[number % 12].guess("/login", {"email": ANA, "password": "guess"}),
        120,
    )

    assert answers[422] == checks_of(town) - before <= 20


async def test_one_stolen_value_keeps_no_other_browser_out(guesser, known, hammer, clock):
    thief, at_home = guesser("many addresses", value_of(await known())), await known()
    guesses = {"email": ANA, "password": "guess"}
    for _ in range(3):
        await hammer(lambda _: thief.guess("/login", guesses), 40)

        await at_home.sign_in(ANA, PASSWORD)
        at_home.cookies.delete("pk")


@pytest.mark.parametrize("what", ["password", "one-time password", "forgotten"])
async def test_a_changed_password_ends_what_was_given_before(
    *, what, town, guesser, known, mails, hammer
):
    thief, at_home = guesser("many addresses", value_of(await known())), await known()
    if what == "password":
        await at_home.sign_in(ANA, PASSWORD)
        fields = {"current_password": PASSWORD, "new_password": NEW}
        await at_home.submit("/profile/password", fields, page="/profile")
    elif what == "forgotten":
        await at_home.submit("/login/forgot", {"email": ANA})
        link = re.search(r"(/login/reset/\S+)", (await mails())[-1][1])[1]
        await at_home.submit(link, {"new_password": NEW})
    else:
        office = PortalClient(town.app)
        await office.sign_in(CARMEN, PASSWORD, path="/backoffice/login")
        contact = f"/backoffice/contacts/{town.ana}"
        fields = {"password": "once-and-never-again"}
        await office.submit(f"{contact}/people/{town.ana_person}/password", fields, page=contact)
    guesses = {"email": ANA, "password": "guess"}

    answers = [(await thief.guess("/login", guesses)).status_code for _ in range(12)]

    # Those of everybody, and none beside them.
    assert answers == [422] * 10 + [429] * 2


# The second step


@pytest.fixture
async def app_of_ana(town, known, clock):
    """Ana has an app for codes; return the browser in which she set it up, app and paper."""
    client = await known()
    await client.sign_in(ANA, PASSWORD)
    page = (await client.get("/security/totp")).text
    app = pyotp.TOTP(re.search(r'<code class="pk-key">([^<]+)<', page)[1].replace(" ", ""))
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)[1]
    answer = await client.submit("/security/totp", {"ticket": ticket, "code": app.at(clock.now)})
    codes = re.findall(r"<code>([a-z0-9-]{19})</code>", answer.text)
    client.cookies.delete("pk")
    clock.now += timedelta(minutes=5)
    return client, app, codes


@pytest.mark.parametrize("how", ["known browser", "recovery code"])
async def test_the_owner_takes_the_second_step_whoever_else_tries_it(
    *, how, app_of_ana, guesser, owner, clock
):
    """Somebody knows the password, and takes each try of a code as soon as it is given."""
    at_home, app, paper = app_of_ana
    thief, came_in, guessed = guesser("many addresses"), 0, 0
    for second in range(0, 2_400, 20):
        if second % 600 == 0:
            thief.csrf = ""
            await thief.sign_in(ANA, PASSWORD)
        wrong = f"{(int(app.at(clock.now + timedelta(days=1))) + 1) % 1_000_000:06d}"
        answer = await thief.guess("/login/code", {"code": wrong}, page="/login/code")
        guessed += answer.status_code == 422
        if second % 600 == 0:
            await thief.guess("/login/recovery", {"recovery_code": "guess"})
        clock.now += timedelta(seconds=20)
        if second % 600 != 300:
            continue
        client = at_home if how == "known browser" else owner()
        await client.sign_in(ANA, PASSWORD)
        answer = (
            await client.submit("/login/code", {"code": app.at(clock.now)})
            if how == "known browser"
            else await client.submit("/login/recovery", {"recovery_code": paper.pop()})
        )
        came_in += answer.status_code == 303 and await is_in(client)
        client.cookies.delete("pk")

    assert came_in == 4
    assert 5 <= guessed <= 5 + 2_400 / 180


async def test_the_password_alone_makes_no_browser_known(app_of_ana, guesser):
    thief = guesser("many addresses")
    answers = []
    for _ in range(8):
        await thief.sign_in(ANA, PASSWORD)
        thief.csrf = ""
        answer = await thief.guess("/login/code", {"code": "000000"}, page="/login/code")
        answers.append(answer.status_code)

    assert "pk_known" not in thief.cookies
    assert answers == [422] * 5 + [429] * 3


async def test_hammering_with_codes_of_paper_is_slowed_down_by_address(app_of_ana, guesser, hammer):
    thief = guesser("one address")
    await thief.sign_in(ANA, PASSWORD)

    answers = [
        (await thief.guess("/login/recovery", {"recovery_code": "guess"}, page="/login/recovery"))
        for _ in range(14)
    ]

    assert [answer.status_code for answer in answers] == [422] * 10 + [429] * 4


async def test_a_stolen_session_guesses_no_code_of_the_app(app_of_ana, guesser, hammer, clock):
    at_home, app, paper = app_of_ana
    await at_home.sign_in(ANA, PASSWORD)
    await at_home.submit("/login/code", {"code": app.at(clock.now)})
    thief = guesser("many addresses", {"pk": at_home.cookies["pk"]})

    answers = await hammer(
        lambda _: thief.guess("/security/confirm", {"code": "000000"}, page="/profile"), 60
    )

    assert answers[422] <= 3 + 5 + 5
    assert answers[429] >= 45
    proven = await at_home.submit("/security/confirm", {"code": paper[0]})
    assert proven.status_code == 303


# Codes by mail


@pytest.mark.parametrize("way", ["one address", "many addresses"])
async def test_a_code_by_mail_is_guessed_at_twenty_times_at_most(
    *, way, town, guesser, known, hammer, mails
):
    at_home, before = await known(), checks_of(town)
    asker = guesser(way)

    async def guess(number):
        if number % 5 == 0:
            asker.csrf = ""
            await asker.guess("/login/mail", {"email": ANA})
        asker.csrf = ""
        return await asker.guess("/login/mail/code", {"code": f"{number:06d}"})

    async def come_in():
        await at_home.submit("/login/mail", {"email": ANA}, page="/login")
        code = CODE.search((await mails())[-1][1])[1]
        await at_home.submit("/login/mail/code", {"code": code}, page="/login/mail")
        assert await is_in(at_home)

    answers = await hammer(guess, 100, meanwhile=come_in)

    assert answers[422] <= 20
    assert answers[429] >= 80
    assert checks_of(town) == before


# Links and keys


@pytest.fixture
def link_for(town, clock):
    """Make a link of Ana's; return its path."""

    async def make(purpose):
        portal = town.app.portal
        async with portal.writing() as session, session.begin():
            token = await make_link(
                session,
                portal.config.secret_keys,
                business_id=town.mill,
                now=clock.now,
                purpose=purpose,
                person_id=town.ana_person,
                valid=timedelta(hours=1),
            )
        return LINKS[purpose] + token

    return make


LINKS = {
    LinkPurpose.SIGN_IN: "/i/",
    LinkPurpose.INVITATION: "/i/",
    LinkPurpose.HOST: "/login/host/",
    LinkPurpose.RECOVERY: "/login/reset/",
}


@pytest.mark.parametrize("way", ONE_ADDRESS)
@pytest.mark.parametrize("purpose", LINKS)
async def test_guessing_at_links_is_slowed_down_and_compares_nothing(
    *, purpose, way, town, guesser, owner, link_for, hammer
):
    link, client, before = await link_for(purpose), guesser(way), checks_of(town)
    fields = {"new_password": NEW} if purpose is LinkPurpose.RECOVERY else {}

    async def come_in():
        at_home = owner()
        await at_home.submit(link, fields)
        assert await is_in(at_home)

    answers = await hammer(
        lambda number: client.guess(f"{LINKS[purpose]}guess{number}", fields),
        30,
        meanwhile=come_in,
        within=MINUTE,
    )

    assert answers == {410: 21, 429: 9}
    assert checks_of(town) == before


@pytest.mark.parametrize("way", ONE_ADDRESS)
async def test_guessing_at_links_to_documents_is_slowed_down(way, guesser, hammer):
    client = guesser(way)

    answers = await hammer(lambda number: client.guess(f"/d/guess{number}", {}), 30, within=MINUTE)

    assert answers == {410: 21, 429: 9}


@pytest.mark.parametrize("way", ONE_ADDRESS)
async def test_guessing_at_keys_of_the_api_is_slowed_down(way, town, guesser, hammer):
    client = guesser(way)

    async def guess(number):
        client.sent += 1
        key = ("authorization", f"Bearer pk_guess{number}")
        return await client.get("/api/v1/documents", headers=[key, *client.lines()])

    answers = await hammer(guess, 30, within=MINUTE)

    assert answers == {401: 21, 429: 9}
