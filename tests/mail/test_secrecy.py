"""Codes and links lie in the database for nobody to read, and no longer than they are needed."""
# ruff: noqa: PLR0917  # what a test needs are its arguments

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portalkit.access.mails import SIGN_IN_LINK, SignInLink
from portalkit.config import Secret
from portalkit.jobs import enqueue
from portalkit.mail import Recipient, resend_mail, send_mail
from portalkit.mail.models import MailRow
from portalkit.mail.outcomes import TIDY
from portalkit.mail.secrecy import open_secrets

from .conftest import CODE, LINK


@pytest.fixture
def stored(portal):
    """Return all that is stored of the mails, as text."""

    async def stored() -> str:
        async with portal.reading() as session:
            return str((await session.execute(select(MailRow.__table__))).all())

    return stored


@pytest.mark.parametrize("mood", [{}, {"RCPT": "451 later"}, {"RCPT": "550 unknown"}], ids=str)
async def test_a_code_and_a_link_are_nowhere_in_the_clear(write_code, work, office, stored, mood):
    office.mood = mood
    await write_code()
    waiting = await stored()

    await work()

    sent = "".join(mail.as_string() for mail in office.mails)
    for secret in (CODE, LINK):
        assert secret not in waiting + await stored()
        assert (secret in sent) is not mood


async def test_they_open_for_their_own_mail_only(portal, write_code, row):
    first, second = await row(await write_code()), await row(await write_code())
    keys = portal.config.secret_keys

    assert open_secrets(keys, first.id, first.sealed) == {"code": CODE, "link": LINK}
    for keys_tried, mail_id in ((keys, second.id), ((Secret("k" * 40),), first.id)):
        with pytest.raises(ValueError, match="cannot be read"):
            open_secrets(keys_tried, mail_id, first.sealed)


async def test_what_failed_after_its_end_is_forgotten_at_once(write_code, work, row, clock):
    mail_id = await write_code()
    clock.move(hours=2)

    await work()

    stored = await row(mail_id)
    assert (stored.state, stored.sealed) == ("failed", None)


@pytest.mark.parametrize("values", [{"template": "gone.mail"}, {"handovers": 2}], ids=str)
async def test_what_is_of_no_use_any_more_is_forgotten_at_once(
    portal, mill, write_code, work, row, clock, values
):
    mail_id = await write_code()
    async with portal.writing() as session, session.begin():
        await session.execute(update(MailRow).values(values))

    await work()

    stored = await row(mail_id)
    assert (stored.state, stored.sealed, stored.valid_until) == ("failed", None, clock.now)


async def test_what_was_refused_can_be_sent_again_until_it_ends_and_is_forgotten_then(
    portal, mill, write_code, work, office, row, clock
):
    office.mood = {"RCPT": "550 unknown"}
    mail_id = await write_code()
    await work()
    office.mood = {}
    async with portal.writing() as session, session.begin():
        await resend_mail(session, mail_id, business_id=mill, now=clock.now)
    await work()
    assert CODE in office.mails[0].as_string()

    office.mood = {"RCPT": "550 unknown"}
    other = await write_code()
    await work()
    async with portal.writing() as session, session.begin():
        await session.execute(update(MailRow).values(template="gone.mail"))
    clock.move(hours=2)
    async with portal.writing() as session, session.begin():
        await enqueue(session, TIDY, now=clock.now)
    await work()

    assert (await row(other)).sealed is None


@pytest.mark.parametrize("missing", ["keys", "valid_until"])
async def test_a_mail_with_secrets_needs_keys_and_an_end(portal, mill, clock, missing):
    options = {
        "keys": portal.config.secret_keys,
        "valid_until": clock.now + timedelta(hours=1),
    }
    del options[missing]
    async with portal.writing() as session:
        with pytest.raises(ValueError, match="it needs keys and an end"):
            await send_mail(
                session,
                SIGN_IN_LINK,
                business_id=mill,
                to=Recipient(email="lucia@sol.example", name="Lucía", locale="es"),
                variables=SignInLink(link=LINK, until=clock.now),
                now=clock.now,
                **options,
            )
