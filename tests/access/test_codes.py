"""Six digits by mail: one browser, ten minutes, five tries, one use."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select, update

from portalkit.access.codes import (
    CODE_FOR,
    CodePurpose,
    ask_code,
    check_code,
    forget_expired_codes,
    guess_tries,
)
from portalkit.access.models import EmailCode
from portalkit.config import Secret
from portalkit.errors import ThrottledError
from portalkit.testing.factories import NOW

KEY = Secret("a-key-for-tests-only-0123456789abcdef")


@pytest.fixture
def ask(database, world):
    """Ask for a code for Lucía; anything else by keyword."""

    async def ask_it(now=NOW, keys=(KEY,), **changes):
        values = {
            "purpose": CodePurpose.SIGN_IN,
            "business_id": world.a,
            "person_id": world.lucia,
        }
        async with database.writing() as session, session.begin():
            return await ask_code(session, keys, now=now, **(values | changes))

    return ask_it


@pytest.fixture
def check(database, world, entrance):
    """Type digits into the browser that keeps the proof; anything else by keyword."""

    async def check_it(asked, digits=None, **changes):
        values = {
            "purpose": CodePurpose.SIGN_IN,
            "business_id": world.a,
            "proof": asked.proof,
            "digits": asked.digits if digits is None else digits,
            "choices": (guess_tries(asked.id, "203.0.113.7"),),
            "now": NOW,
        }
        async with database.writing() as session, session.begin():
            return await check_code(entrance, session, **(values | changes))

    return check_it


def other_than(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06d}"


async def test_a_code_is_right_once_and_says_whose_it_is(world, ask, check):
    asked = await ask()

    first, second = await check(asked), await check(asked)

    assert first.person_id == world.lucia
    assert second is None


async def test_spaces_of_a_pasted_code_do_not_count(ask, check):
    asked = await ask()

    assert await check(asked, f" {asked.digits[:3]} {asked.digits[3:]}\n")


@pytest.mark.parametrize("digits", ["", "12345", "é" * 6, "\ud800", "1" * 10_000])
async def test_what_is_no_code_is_wrong(digits, ask, check):
    assert await check(await ask(), digits) is None


async def test_a_code_works_to_its_last_second(ask, check):
    asked = await ask()

    assert await check(asked, now=NOW + CODE_FOR) is None
    assert await check(asked, now=NOW + CODE_FOR - timedelta(seconds=1))


async def test_after_five_wrong_tries_the_right_one_is_dead_too(ask, check):
    four, five = await ask(), await ask(purpose=CodePurpose.SHARE)
    for _ in range(4):
        assert await check(four, other_than(four.digits)) is None
    for _ in range(5):
        wrong = other_than(five.digits)
        assert await check(five, wrong, purpose=CodePurpose.SHARE) is None

    assert await check(four)
    assert await check(five, purpose=CodePurpose.SHARE) is None


async def test_asking_again_ends_the_older_code(ask, check):
    older = await ask()
    newer = await ask()

    assert await check(older) is None
    assert await check(newer)


async def test_asking_again_ends_nobody_else_s(world, ask, check):
    asked = await ask()
    await ask(person_id=None, staff_id=world.carmen)
    await ask(person_id=None)
    await ask(purpose=CodePurpose.SHARE)

    assert await check(asked)


async def test_a_code_is_worth_nothing_in_another_browser(ask, check):
    asked, of_another = await ask(), await ask(person_id=None)

    assert await check(asked, proof=of_another.proof) is None
    assert await check(asked, proof="") is None
    assert await check(asked, proof=asked.proof[:-1]) is None
    assert await check(asked)


async def test_nobody_s_code_is_never_right(ask, check):
    assert await check(await ask(person_id=None)) is None


async def test_a_code_fits_no_other_door_business_or_key(world, ask, check):
    asked = await ask()
    foreign = await ask(keys=(Secret("another-key-for-tests-0123456789abcdef"),))

    assert await check(asked, purpose=CodePurpose.SHARE) is None
    assert await check(asked, business_id=world.b) is None
    assert await check(foreign) is None


async def test_tries_are_limited_over_all_codes_of_an_account(ask, check):
    answers = []
    for _ in range(4):
        asked = await ask()
        for _ in range(5):
            try:
                choices = (guess_tries("lucia", "203.0.113.7"),)
                answers.append(await check(asked, other_than(asked.digits), choices=choices))
            except ThrottledError as error:
                answers.append(error.retry_after)

    assert answers[:10] == [None] * 10
    assert all(0 < wait <= 90 for wait in answers[10:])


async def test_the_row_alone_does_not_tell_the_code(database, ask):
    asked = await ask()

    async with database.reading() as session:
        row = await session.scalar(select(EmailCode).where(EmailCode.id == asked.id))

    assert asked.digits not in row.code_hash
    assert asked.proof not in row.code_hash


async def test_of_many_right_ones_at_once_one_succeeds(ask, check):
    asked = await ask()

    found = await asyncio.gather(*(check(asked) for _ in range(4)))

    assert sum(view is not None for view in found) == 1


async def test_without_the_condition_several_of_them_would_succeed(database, ask):
    """The control: reading first and writing afterwards lets both in."""
    asked = await ask()
    both_have_read = asyncio.Barrier(2)

    async def check_naively():
        async with database.reading() as session:
            unused = await session.scalar(
                select(EmailCode.id).where(EmailCode.id == asked.id, EmailCode.used_at.is_(None))
            )
        await both_have_read.wait()
        async with database.writing() as session, session.begin():
            await session.execute(
                update(EmailCode).where(EmailCode.id == asked.id).values(used_at=NOW)
            )
        return unused

    assert await asyncio.gather(check_naively(), check_naively()) == [asked.id] * 2


class Meanwhile:
    """A session after whose end something else happens, before its user goes on."""

    def __init__(self, session, happens):
        self.session, self.happens = session, happens

    async def __aenter__(self):
        return await self.session.__aenter__()

    async def __aexit__(self, *error):
        await self.session.__aexit__(*error)
        await self.happens()


async def test_a_code_that_is_replaced_while_it_is_checked_is_not_right(
    database, world, entrance, ask
):
    asked = await ask()
    slow = msgspec.structs.replace(
        entrance, make_session=lambda: Meanwhile(database.writing(), ask)
    )

    async with database.writing() as session, session.begin():
        found = await check_code(
            slow,
            session,
            purpose=CodePurpose.SIGN_IN,
            business_id=world.a,
            proof=asked.proof,
            digits=asked.digits,
            choices=(guess_tries(asked.id, "203.0.113.7"),),
            now=NOW,
        )

    assert found is None


async def test_without_the_condition_the_older_code_would_still_be_right(database, ask):
    """The control: what was read before the newer code is written over by what comes after."""
    asked = await ask()
    alive = (EmailCode.id == asked.id, EmailCode.expires_at > NOW)
    async with database.reading() as session:
        read = await session.scalar(select(EmailCode.id).where(*alive))
    await ask()

    async with database.writing() as session, session.begin():
        used = await session.scalar(
            update(EmailCode)
            .where(EmailCode.id == read)
            .values(used_at=NOW)
            .returning(EmailCode.id)
        )

    assert used == asked.id


async def test_ended_codes_are_forgotten(database, ask):
    await ask()
    await ask(person_id=None, now=NOW + timedelta(days=1))

    async with database.writing() as session, session.begin():
        gone = await forget_expired_codes(session, NOW + timedelta(hours=1))
        again = await forget_expired_codes(session, NOW + timedelta(hours=1))

    assert (gone, again) == (1, 0)
