"""An owner who loses their rights while they act changes nobody any more."""

import asyncio

import pytest
from sqlalchemy import func, select

from portalkit.access.colleagues import change_role, keep_an_owner
from portalkit.access.models import Membership
from portalkit.access.people import get_person, withdraw_access
from portalkit.audit import Actor
from portalkit.hooks import hookimpl
from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.mail.models import MailRow
from portalkit.testing.factories import NOW, make_person

pytestmark = pytest.mark.anyio
PAGE = "/profile/people"
HOST = Actor(kind="host", name="test")
ACTS = {
    "remove": {},
    "restore": {},
    "invite": {},
    "role": {"role": "owner"},
    "": {"name": "Eva Ruiz", "email": "new@ana.example", "role": "owner"},
}


class Meanwhile:
    """A plugin that is asked between who somebody is and what they do."""

    manifest = Manifest(name="meanwhile", title="Meanwhile", api=HOOK_API, activation="site")

    def __init__(self):
        self.happen = None

    @hookimpl
    async def portalkit_deny_permissions(self):
        if self.happen is not None:
            await self.happen()


@pytest.fixture
def meanwhile():
    return Meanwhile()


@pytest.fixture
def loaded_plugins(meanwhile):
    return {"meanwhile": meanwhile}


@pytest.fixture
async def eva(town, password_hash):
    return await add_owner(town, "eva@ana.example", password_hash)


@pytest.fixture
async def iris(town, password_hash):
    return await add_owner(town, "iris@ana.example", password_hash)


async def add_owner(town, email, password_hash):
    async with town.app.portal.writing() as session, session.begin():
        return await make_person(session, town.mill, [town.ana], email, password_hash=password_hash)


async def roles(town):
    async with town.app.portal.reading() as session:
        rows = await session.execute(
            select(Membership.person_id, Membership.role, Membership.is_enabled).where(
                Membership.contact_id == town.ana
            )
        )
        return {row.person_id: (row.role, row.is_enabled) for row in rows}


async def entry_of(town, session, person):
    return await get_person(session, business_id=town.mill, contact_id=town.ana, person_id=person)


@pytest.mark.parametrize("how", ["withdraw", "lower"])
@pytest.mark.parametrize("act", ACTS)
async def test_who_is_an_owner_no_longer_changes_nobody(
    *, town, ana, eva, iris, meanwhile, act, how
):
    token = await ana.token(PAGE)
    portal = town.app.portal

    async def lose():
        async with portal.writing() as session, session.begin():
            entry = await entry_of(town, session, town.ana_person)
            if how == "withdraw":
                await withdraw_access(session, entry, business_id=town.mill, actor=HOST, now=NOW)
            else:
                await lower(town, session, entry)

    meanwhile.happen = lose
    path = "/".join(part for part in (PAGE, iris if act else "", act) if part)
    answer = await ana.post(
        path, data=ACTS[act] | {"csrf_token": token}, headers={"sec-fetch-site": "same-origin"}
    )

    assert answer.status_code == 403
    people = await roles(town)
    assert (people.pop(iris), people.pop(eva)) == (("owner", True), ("owner", True))
    assert list(people) == [town.ana_person]
    async with portal.reading() as session:
        assert await session.scalar(select(func.count()).select_from(MailRow)) == 0


async def lower(town, session, entry):
    await change_role(
        session,
        entry,
        "reader",
        business_id=town.mill,
        roles=town.app.portal.roles,
        actor=HOST,
        now=NOW,
    )


async def test_of_two_owners_who_lower_each_other_beside_a_third_one_succeeds(
    *, town, ana, eva, iris, meanwhile, sign_in
):
    other = await sign_in("eva@ana.example")
    tokens = [await client.token(PAGE) for client in (ana, other)]
    barrier = asyncio.Barrier(2)
    meanwhile.happen = barrier.wait

    answers = await asyncio.gather(
        *(
            client.post(
                f"{PAGE}/{victim}/role",
                data={"role": "reader", "csrf_token": token},
                headers={"sec-fetch-site": "same-origin"},
            )
            for client, victim, token in zip(
                (ana, other), (eva, town.ana_person), tokens, strict=True
            )
        )
    )

    assert sorted(answer.status_code for answer in answers) == [303, 403]
    assert sorted(role for role, _ in (await roles(town)).values()) == ["owner", "owner", "reader"]


async def test_without_asking_again_both_would_be_lowered(town, eva, iris):
    """Control: that an owner stays is not enough, each still acts on what they were."""
    barrier = asyncio.Barrier(2)

    async def careless(victim):
        async with town.app.portal.reading() as session:
            entry = await entry_of(town, session, victim)
        await barrier.wait()
        async with town.app.portal.writing() as session, session.begin():
            await keep_an_owner(session, entry, business_id=town.mill)
            await lower(town, session, entry)

    await asyncio.gather(careless(eva), careless(town.ana_person))

    assert sorted(role for role, _ in (await roles(town)).values()) == ["owner", "reader", "reader"]
