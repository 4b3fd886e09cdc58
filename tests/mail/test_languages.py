"""A mail is in the offered language that is nearest to the one that is stored."""

import msgspec
import pytest
from sqlalchemy import insert

from portalkit.access.mails import PASSWORD_SET
from portalkit.mail.models import MailTemplateRow
from portalkit.testing.factories import NOW

STORED = [("pt", "pt-PT"), ("pt_PT", "pt-PT"), ("fr-FR", "fr"), ("ca-ES", "ca"), ("de", "es")]


@pytest.fixture
def portal_config(portal_config):
    return msgspec.structs.replace(portal_config, locales=("es", "pt-PT", "fr", "ca"))


@pytest.mark.parametrize(("stored", "used"), STORED)
async def test_a_mail_is_in_the_nearest_language(write, work, office, stored, used):
    await write(locale=stored)
    await work()

    (mail,) = office.mails
    assert mail["Content-Language"] == used


async def test_the_businesss_own_words_are_found_by_the_nearest_language(
    portal, mill, write, work, office
):
    async with portal.writing() as session, session.begin():
        await session.execute(
            insert(MailTemplateRow).values(
                business_id=mill,
                name=PASSWORD_SET.name,
                locale="pt-PT",
                subject="Senha nova",
                words="Foi agora.",
                updated_at=NOW,
            )
        )

    await write(locale="pt")
    await work()

    assert office.mails[0]["Subject"] == "Senha nova"
