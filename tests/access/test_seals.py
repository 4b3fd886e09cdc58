"""What is sealed opens for one purpose and one owner; tickets work once, for one browser."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portalkit.access.models import Throttle
from portalkit.access.tickets import (
    TICKET_FOR,
    TicketPurpose,
    make_ticket,
    read_ticket,
    spend_ticket,
)
from portalkit.config import Secret
from portalkit.seals import seal, unseal
from portalkit.testing.factories import NOW

pytestmark = pytest.mark.anyio

OLD = Secret("an-old-key-for-tests-0123456789abcdef")
NEW = Secret("a-newer-key-for-tests-0123456789abcde")


def test_what_is_sealed_opens_for_its_owner_and_purpose_only():
    sealed = seal((NEW,), "totp", "JBSWY3DP", bound_to="lucia")

    assert unseal((NEW,), "totp", sealed, bound_to="lucia") == "JBSWY3DP"
    assert unseal((NEW,), "totp", sealed, bound_to="mateo") is None
    assert unseal((NEW,), "ticket.totp", sealed, bound_to="lucia") is None
    assert "JBSWY3DP" not in sealed


def test_the_same_text_is_never_sealed_alike():
    sealed = {seal((NEW,), "totp", "JBSWY3DP", bound_to="lucia") for _ in range(10)}

    assert len(sealed) == 10


def test_keys_are_changed_without_losing_what_is_sealed():
    sealed = seal((OLD,), "totp", "JBSWY3DP", bound_to="lucia")

    assert unseal((NEW, OLD), "totp", sealed, bound_to="lucia") == "JBSWY3DP"
    assert unseal((NEW,), "totp", sealed, bound_to="lucia") is None
    newest = seal((NEW, OLD), "totp", "JBSWY3DP", bound_to="lucia")
    assert unseal((NEW,), "totp", newest, bound_to="lucia") == "JBSWY3DP"


def test_what_was_changed_is_refused():
    sealed = seal((NEW,), "totp", "JBSWY3DP", bound_to="lucia")
    # The last character holds bits that mean nothing, which some decoders leave out.
    for place in range(len(sealed) - 1):
        other = "A" if sealed[place] != "A" else "B"
        changed = sealed[:place] + other + sealed[place + 1 :]
        assert unseal((NEW,), "totp", changed, bound_to="lucia") is None


@pytest.mark.parametrize("sealed", ["", "A", "AAAA", "ñ", "%", "A" * 9_000, "=" * 40, "\x00"])
def test_what_is_not_sealed_is_refused(sealed):
    assert unseal((NEW,), "totp", sealed, bound_to="lucia") is None


@pytest.fixture
def make():
    def make_it(purpose=TicketPurpose.PROVIDER, *, bound_to="browser", keys=(NEW,), **data):
        return make_ticket(keys, purpose, bound_to=bound_to, now=NOW, data=data)

    return make_it


@pytest.fixture
def read():
    def read_it(text, purpose=TicketPurpose.PROVIDER, *, bound_to="browser", now=NOW):
        return read_ticket((NEW,), purpose, text, bound_to=bound_to, now=now)

    return read_it


def test_a_ticket_is_for_one_browser_and_one_door(make, read):
    text = make(nonce="n-1")

    assert read(text).data == {"nonce": "n-1"}
    assert read(text, bound_to="another browser") is None
    assert read(text, TicketPurpose.PASSKEY_USE) is None
    assert "n-1" not in text


def test_a_ticket_expires(make, read):
    text = make()

    assert read(text, now=NOW + TICKET_FOR - timedelta(seconds=1)) is not None
    assert read(text, now=NOW + TICKET_FOR) is None


async def test_a_ticket_is_spent_once_even_by_several_at_once(database, make, read):
    ticket = read(make())

    async def spend(now):
        async with database.writing() as session, session.begin():
            return await spend_ticket(session, ticket, now)

    spent = await asyncio.gather(*(spend(NOW) for _ in range(6)))
    later = [await spend(NOW + timedelta(seconds=seconds)) for seconds in (1, 599)]

    assert (sum(spent), sum(later)) == (1, 0)


async def test_without_its_protection_a_ticket_would_be_spent_several_times(database, make, read):
    """Control: what looks first whether it was spent is beaten by the same race."""
    ticket, barrier = read(make()), asyncio.Barrier(4)

    async def careless():
        async with database.reading() as session:
            uses = await session.scalar(select(func.count()).select_from(Throttle))
        await barrier.wait()
        async with database.writing() as session, session.begin():
            await spend_ticket(session, ticket, NOW)
        return uses == 0

    assert sum(await asyncio.gather(*(careless() for _ in range(4)))) > 1


async def test_the_use_of_a_ticket_is_forgotten_only_when_it_has_expired(database, make, read):
    """A use that falls out of the memory would let the ticket in again; by then it is over."""
    text = make()
    late = NOW + TICKET_FOR - timedelta(seconds=1)
    async with database.writing() as session, session.begin():
        assert await spend_ticket(session, read(text, now=late), late)
        again = NOW + 2 * TICKET_FOR
        assert await spend_ticket(session, read(make(), now=NOW), again)

    assert read(text, now=again) is None
