"""Whoever signs in otherwise from now on is told by mail, in case it was not them."""

import re
from datetime import timedelta

import msgspec
import pyotp
import pytest
from sqlalchemy import update

from portalkit.access.accounts import find_account
from portalkit.access.identities import find_by_identity
from portalkit.access.models import Person, Staff
from portalkit.access.second_step import note_change
from portalkit.config import MailConfig, Secret
from portalkit.context import SessionKind
from portalkit.hooks import Identity
from portalkit.testing.factories import NOW

pytestmark = pytest.mark.anyio
ANA = "ana@ana.example"
CARMEN = "carmen@mill.example"
PASSWORD = "olive-trees-in-march"
DOORS = {ANA: "/login", CARMEN: "/backoffice/login"}
KINDS = {ANA: SessionKind.PERSON, CARMEN: SessionKind.STAFF}
WORDS = {
    "access.totp_added": "se ha configurado una app de códigos",
    "access.totp_removed": "se ha quitado la app de códigos",
    "access.passkey_added": "se ha añadido una llave de acceso",
    "access.passkey_removed": "se ha quitado una llave de acceso",
    "access.recovery_codes_made": "se han creado nuevos códigos de recuperación",
    "access.identity_bound": "se ha conectado un acceso externo",
    "access.identity_removed": "se ha desconectado un acceso externo",
    "access.second_factor_removed": "se ha quitado el segundo paso",
}


@pytest.fixture
def portal_config(portal_config, office):
    return msgspec.structs.replace(
        portal_config,
        smtp_url=Secret(office.url),
        mail=MailConfig(from_address="portal@mill.example"),
    )


@pytest.fixture
def note(town):
    """Write down what somebody did, and keep it if told so."""

    async def write(event, email=ANA, *, keep=True):
        async with town.app.portal.writing() as session:
            account = await find_account(session, KINDS[email], business_id=town.mill, email=email)
            await note_change(session, account, event, NOW)
            if keep:
                await session.commit()

    return write


@pytest.mark.parametrize("event", WORDS)
@pytest.mark.parametrize("email", [ANA, CARMEN])
async def test_people_and_staff_are_told_of_each_change(event, email, note, mails):
    await note(event, email)

    [(to, text)] = await mails()

    assert to == email
    assert f"{WORDS[event]}." in " ".join(text.split())
    assert "http://127.0.0.1:8000/security" in text


@pytest.mark.parametrize("email", [ANA, CARMEN])
async def test_they_are_told_in_their_own_language(email, town, note, mails):
    async with town.app.portal.writing() as session, session.begin():
        for table in (Person, Staff):
            await session.execute(update(table).values(locale="en"))
    await note("access.passkey_added", email)

    [(_, text)] = await mails()

    assert "a passkey was added." in " ".join(text.split())


async def test_what_did_not_happen_is_told_to_nobody(note, mails):
    await note("access.passkey_added", keep=False)
    await note("access.device_remembered")
    await note("access.passkey_renamed")

    assert await mails() == []


@pytest.mark.parametrize("email", [ANA, CARMEN])
async def test_an_app_and_its_codes_are_told_of_from_the_pages(email, sign_in, clock, mails):
    client = await sign_in(email, DOORS[email])
    page = (await client.get("/security/totp")).text
    app = pyotp.TOTP(re.search(r'<code class="pk-key">([^<]+)<', page)[1].replace(" ", ""))
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)[1]
    await client.submit("/security/totp", {"ticket": ticket, "code": app.at(clock.now)})
    clock.now += timedelta(seconds=30)
    await client.submit("/security/recovery-codes", {"password": PASSWORD})
    await client.submit("/security/totp/remove", {"password": PASSWORD})

    told = [" ".join(text.split()) for to, text in await mails() if to == email]

    events = ("access.totp_added", "access.recovery_codes_made", "access.totp_removed")
    assert len(told) == 3
    for event in events:
        assert [WORDS[event] in text for text in told].count(True) == 1


async def test_whose_second_step_staff_remove_is_told(town, carmen, mails):
    contact = f"/backoffice/contacts/{town.ana}"
    answer = await carmen.submit(
        f"{contact}/people/{town.ana_person}/second-factor/remove", page=contact
    )
    assert answer.status_code == 303

    [(to, text)] = await mails()

    assert to == ANA
    assert WORDS["access.second_factor_removed"] in " ".join(text.split())


async def test_whom_a_provider_is_bound_to_by_the_address_is_told_once(town, mails):
    identity = Identity(
        issuer="https://acme.example", subject="ana-1", email=ANA, is_email_verified=True
    )
    for _ in range(2):
        async with town.app.portal.writing() as session, session.begin():
            account = await find_by_identity(
                session,
                identity,
                business_id=town.mill,
                kind=SessionKind.PERSON,
                provider="acme",
                by_email=True,
                now=NOW,
            )
            assert account is not None

    [(to, text)] = await mails()

    assert to == ANA
    assert WORDS["access.identity_bound"] in " ".join(text.split())
