"""Keys that are rotated: the older one still opens, a dropped one opens nothing (case O02)."""

import msgspec
import pytest

from portalkit.access.choices import unsubscribe_token
from portalkit.access.links import LinkPurpose, make_link
from portalkit.config import MailConfig, Secret
from portalkit.testing.factories import NOW

pytestmark = pytest.mark.anyio
DROPPED = Secret("a-key-that-is-no-longer-configured-0123456789")
NEW = {"new_password": "figs-and-almonds"}
DOORS = {
    LinkPurpose.SIGN_IN: "/i/",
    LinkPurpose.INVITATION: "/i/",
    LinkPurpose.HOST: "/login/host/",
    LinkPurpose.RECOVERY: "/login/reset/",
}


@pytest.fixture
def portal_config(portal_config):
    """Send mails, or there would be no door for forgotten passwords; none leaves here."""
    return msgspec.structs.replace(
        portal_config,
        smtp_url=Secret("smtp://127.0.0.1:9"),
        mail=MailConfig(from_address="portal@mill.example"),
    )


@pytest.fixture
def link(town):
    """Make a link for Ana, signed with a key."""

    async def make(purpose, key):
        async with town.app.portal.writing() as session, session.begin():
            return await make_link(
                session,
                (key,),
                business_id=town.mill,
                now=NOW,
                purpose=purpose,
                person_id=town.ana_person,
                contact_id=town.ana,
            )

    return make


@pytest.mark.parametrize("purpose", list(DOORS))
async def test_a_link_signed_with_a_dropped_key_is_no_link(purpose, link, visitor, sessions):
    door = f"{DOORS[purpose]}{await link(purpose, DROPPED)}"
    client = visitor()

    looked = await client.get(door)
    used = await client.submit(door, NEW if "reset" in door else {}, page="/login")

    assert (looked.status_code, used.status_code) == (410, 410)
    assert "set-cookie" not in used.headers
    assert await sessions() == 0


@pytest.mark.parametrize("purpose", list(DOORS))
async def test_the_same_link_signed_with_a_configured_key_works_once(
    purpose, town, link, visitor, sessions
):
    keys = town.app.portal.config.secret_keys
    door = f"{DOORS[purpose]}{await link(purpose, keys[-1])}"
    client = visitor()

    used = await client.submit(door, NEW if "reset" in door else {}, page=door)
    again = await visitor().submit(door, NEW if "reset" in door else {}, page="/login")

    assert (used.status_code, again.status_code) == (303, 410)
    assert await sessions() == 1


@pytest.mark.parametrize(("is_dropped", "status"), [(False, 200), (True, 410)])
async def test_mails_are_not_stopped_with_a_dropped_key(is_dropped, status, town, visitor):
    token = unsubscribe_token(
        (DROPPED,) if is_dropped else town.app.portal.config.secret_keys,
        business_id=town.mill,
        person_id=town.ana_person,
        kind="documents.announced",
    )

    assert (await visitor().get(f"/mail/stop/{token}")).status_code == status
