"""The host's code of ``docs/privacy.md`` is taken out of the page and used."""

import io
import re
from pathlib import Path
from zipfile import ZipFile

import pytest

from portalkit.access.models import Contact
from portalkit.errors import NotFoundError
from portalkit.testing.factories import make_business, make_contact, make_person
from portalkit.web.portal import RunningPortal

PAGE = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text("utf-8")


@pytest.fixture
def page():
    section = PAGE.partition("## From the host's own code\n")[2]
    code = re.search(r"```python\n(.*?)```", section, re.DOTALL)[1]
    names = {}
    exec(compile(code, "privacy.md", "exec"), names)  # the page is ours
    return names


async def test_a_host_hands_out_and_forgets_a_customer(portal_config, page):
    portal = RunningPortal.load(portal_config)
    async with portal.writing() as session, session.begin():
        business = await make_business(session)
        contact = await make_contact(session, business, "Tienda Sol", external_id="C-1")
        await make_person(session, business, [contact])

    pieces = [piece async for piece in page["hand_out"](portal, business, "C-1")]
    erasure = await page["forget"](portal, business, "C-1")

    with ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert b"Tienda Sol" in archive.read("contact.json")
    assert erasure.people == 1
    async with portal.reading() as session:
        assert (await session.get_one(Contact, contact)).name == f"#{contact[-6:]}"
    with pytest.raises(NotFoundError):
        await page["forget"](portal, business, "C-1")
    await portal.close()
