"""A page is in the offered language that is nearest to the one that is stored."""

import re

import msgspec
import pytest
from sqlalchemy import update

from portalkit.access.models import Business, Contact, Person

pytestmark = pytest.mark.anyio
LOCALES = ("es", "pt-PT", "fr", "ca")
STORED = [("pt", "pt-PT"), ("pt_PT", "pt-PT"), ("fr-FR", "fr"), ("ca-ES", "ca"), ("de", "es")]


@pytest.fixture
def portal_config(portal_config):
    return msgspec.structs.replace(portal_config, locales=LOCALES)


@pytest.mark.parametrize("table", [Contact, Person])
@pytest.mark.parametrize(("stored", "used"), STORED)
async def test_a_page_is_in_the_nearest_language(town, ana, table, stored, used):
    async with town.app.portal.writing() as session, session.begin():
        changes = {"locales": list(LOCALES), "version": Business.version + 1}
        await session.execute(update(Business).values(changes))
        await session.execute(
            update(table).where(table.email == "ana@ana.example").values(locale=stored)
        )

    page = (await ana.get("/profile")).text

    assert re.search(r'<html lang="([^"]+)"', page)[1] == used
