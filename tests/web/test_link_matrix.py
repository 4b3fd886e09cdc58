"""Every sort of link at every door, and each spoilt in every way (case O02)."""

import re
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import delete, func, select, update

from portalkit.access.choices import unsubscribe_token
from portalkit.access.links import LinkPurpose, make_link
from portalkit.access.models import Person, SessionRow, Throttle
from portalkit.access.people import get_person, withdraw_access
from portalkit.access.share_rules import ShareRules
from portalkit.access.sharing import make_share_link
from portalkit.audit import Actor
from portalkit.config import MailConfig, Secret
from portalkit.testing.client import PortalClient
from portalkit.testing.factories import NOW, make_person

SECOND = timedelta(seconds=1)
BEES = "of another business"
SYSTEM = Actor(kind="system")
DROPPED = Secret("a-key-that-is-no-longer-configured-0123456789")
DOORS = ("/i/", "/login/host/", "/login/reset/", "/d/", "/mail/stop/")
OWN_DOOR = {
    "sign_in": "/i/",
    "invitation": "/i/",
    "host": "/login/host/",
    "recovery": "/login/reset/",
    "share": "/d/",
    "unsubscribe": "/mail/stop/",
}
LASTS = {
    "sign_in": timedelta(hours=24),
    "invitation": timedelta(days=7),
    "host": timedelta(seconds=60),
    "recovery": timedelta(hours=1),
    "share": timedelta(hours=48),
}
# Why each is refused; what is not here goes on working, and is meant to: a host may use several
# links at once, a shared link is for several people and is the contact's, and whoever wants no
# more mails can say so as long as there are any.
REASONS = {
    "expired": dict.fromkeys(LASTS, "expired"),
    "used": dict.fromkeys(("sign_in", "invitation", "host", "recovery"), "used"),
    "replaced": dict.fromkeys(("sign_in", "invitation", "recovery"), "ended"),
    "withdrawn": dict.fromkeys(("sign_in", "invitation", "host", "recovery"), "ended"),
    "edited": dict.fromkeys(OWN_DOOR, "not_signed"),
    "of a dropped key": dict.fromkeys(OWN_DOOR, "not_signed"),
    BEES: dict.fromkeys(OWN_DOOR, "other_business"),
}


@pytest.fixture
def portal_config(portal_config):
    """Send mails, or there would be no door for forgotten passwords; none leaves here."""
    mail = MailConfig(from_address="portal@mill.example")
    return msgspec.structs.replace(portal_config, smtp_url=Secret("smtp://127.0.0.1:9"), mail=mail)


class Links:
    """Makes links for somebody of Ana's, and knocks with them."""

    def __init__(self, town, person):
        self.town, self.person = town, person
        self.portal = town.app.portal

    async def make(self, purpose, key=None):
        keys = (key,) if key else self.portal.config.secret_keys
        who = {"business_id": self.town.mill, "contact_id": self.town.ana, "now": NOW}
        if purpose == "unsubscribe":
            return unsubscribe_token(
                keys,
                business_id=self.town.mill,
                person_id=self.person,
                kind="documents.announced",
            )
        async with self.portal.writing() as session, session.begin():
            if purpose == "share":
                document = self.town.documents["invoice"]
                return await make_share_link(
                    session, keys, **who, document_id=document, rules=ShareRules(), actor=SYSTEM
                )
            return await make_link(
                session, keys, **who, person_id=self.person, purpose=LinkPurpose(purpose)
            )

    async def withdraw(self):
        async with self.portal.writing() as session, session.begin():
            whose = {"business_id": self.town.mill, "contact_id": self.town.ana}
            person = await get_person(session, **whose, person_id=self.person)
            await withdraw_access(
                session, person, business_id=self.town.mill, actor=SYSTEM, now=NOW
            )

    async def knock(self, method, address):
        """Ask as a new browser, with the token of a form of its own and no try counted before."""
        async with self.portal.writing() as session, session.begin():
            await session.execute(delete(Throttle))
        async with PortalClient(self.town.app) as client:
            if method == "GET":
                return await client.get(address)
            page = "/bees/login" if address.startswith("/bees") else "/login"
            fields = {"new_password": "figs-and-almonds"} if "/reset/" in address else {}
            return await client.submit(address, fields, page=page)

    async def sessions(self):
        async with self.portal.reading() as session:
            return await session.scalar(select(func.count()).select_from(SessionRow))


@pytest.fixture
def links(town):
    async def of(name):
        async with town.app.portal.writing() as session, session.begin():
            person = await make_person(session, town.mill, [town.ana], f"{name}@ana.example")
        return Links(town, person)

    return of


def refusals(caplog):
    """Return why and for what links were refused, as the log tells it."""
    told = [each.portalkit for each in caplog.records if hasattr(each, "portalkit")]
    return [
        (each["reason"], each["purpose"]) for each in told if each["event"] == "access.link_refused"
    ]


@pytest.fixture
def check(caplog):
    """Knock, and check that a link is refused as all are; return what the page says."""

    async def check_one(links, address, reason, purpose):
        pages = set()
        token = address.rpartition("/")[2]
        for method in ("GET", "POST"):
            before = await links.sessions()
            caplog.clear()
            answer = await links.knock(method, address)
            said = refusals(caplog)

            told = (method, address, reason, purpose)
            assert answer.status_code == 410, told
            assert await links.sessions() == before, told
            assert said == [(reason, purpose)], told
            # The client of the tests may tell addresses in a log of its own.
            ours = [each for each in caplog.records if each.name.startswith("portalkit")]
            assert not [each for each in ours if token in f"{each.getMessage()} {vars(each)}"], told
            assert "pk=" not in answer.headers.get("set-cookie", ""), told
            pages.add(re.sub(r'value="[^"]*"', "", answer.text))
        return pages

    return check_one


async def test_a_link_opens_no_door_but_its_own(links, check):
    """And the page is the same whatever was tried."""
    ana = await links("zoe")
    for door in DOORS:
        pages = set()
        for purpose, own in OWN_DOOR.items():
            if door != own:
                token = await ana.make(purpose)
                pages |= await check(ana, f"{door}{token}", "other_door", purpose)
        assert len(pages) == 1, door


async def spoil(links, purpose, spoilt):
    """Make a link and spoil it; return its address."""
    portal, door = links.portal, OWN_DOOR[purpose]
    token = await links.make(purpose, DROPPED if spoilt == "of a dropped key" else None)
    match spoilt:
        case "expired":
            portal.now = lambda: NOW + LASTS.get(purpose, timedelta(days=400)) + SECOND
        case "used":
            assert (await links.knock("POST", door + token)).status_code in {200, 303}
        case "replaced":
            await links.make(purpose)
        case "withdrawn":
            await links.withdraw()
        case "edited":
            token = ("A" if token[5] != "A" else "B").join((token[:5], token[6:]))
        case "of another business":
            door = f"/bees{door}"
    return door + token


async def test_a_spoilt_link_opens_nothing(town, links, check):
    pages = {}
    for spoilt, reasons in REASONS.items():
        for purpose, reason in reasons.items():
            who = await links(f"{purpose}-{len(pages)}-{spoilt}".replace(" ", "-"))
            address = await spoil(who, purpose, spoilt)

            said = "unknown" if reason == "not_signed" else purpose
            pages[spoilt, purpose] = await check(who, address, reason, said)

            town.app.portal.now = lambda: NOW
    ours = {page for (spoilt, _), each in pages.items() if spoilt != BEES for page in each}
    assert len(ours) == 2, "one page for what is shared, and one for all others"


async def test_a_link_works_till_its_last_second(town, links):
    """The control."""
    for purpose, door in OWN_DOOR.items():
        who = await links(purpose)
        address = door + await who.make(purpose)
        last = NOW + LASTS.get(purpose, timedelta(days=400)) - SECOND
        town.app.portal.now = lambda last=last: last

        await check_works(who, address, purpose)

        town.app.portal.now = lambda: NOW


async def test_what_is_meant_to_go_on_working_does(town, links):
    for spoilt, reasons in REASONS.items():
        for purpose in OWN_DOOR.keys() - reasons.keys():
            who = await links(f"{purpose}-{spoilt}")

            await check_works(who, await spoil(who, purpose, spoilt), purpose)

            town.app.portal.now = lambda: NOW


async def check_works(links, address, purpose):
    looked, used = [await links.knock(method, address) for method in ("GET", "POST")]

    wanted = 200 if purpose == "unsubscribe" else 303
    assert (looked.status_code, used.status_code) == (200, wanted), address


async def test_who_is_shut_out_comes_in_by_no_link(town, links, caplog):
    """Also where the link itself was not ended: who stands behind it is asked when it is used."""
    for purpose in ("sign_in", "invitation", "host", "recovery"):
        who = await links(purpose)
        address = OWN_DOOR[purpose] + await who.make(purpose)
        async with town.app.portal.writing() as session, session.begin():
            shut = update(Person).where(Person.id == who.person)
            await session.execute(shut.values(is_enabled=False))
        caplog.clear()

        answer = await who.knock("POST", address)

        assert (answer.status_code, await who.sessions()) == (410, 0), purpose
        assert refusals(caplog) == [("no_access", purpose)]
