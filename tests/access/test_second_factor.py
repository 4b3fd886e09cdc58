"""Codes of an app and of the paper, and browsers that are remembered."""

import asyncio
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select, update

from portalkit.access.accounts import get_account
from portalkit.access.credentials import store_password
from portalkit.access.entering import complete, enter, find_pending
from portalkit.access.factors import factor_added, factor_state, factors_changed, remove_factors
from portalkit.access.models import Person, RecoveryCode, RememberedDevice, SessionRow, Totp
from portalkit.access.recovery import (
    RECOVERY_CODES,
    count_recovery_codes,
    make_recovery_codes,
    use_recovery_code,
)
from portalkit.access.remembered import (
    REMEMBERED_FOR,
    forget_device,
    is_remembered,
    list_devices,
    remember_device,
)
from portalkit.access.sessions import close_session, session_hash
from portalkit.access.totp import (
    forget_totp,
    matching_step,
    new_totp_secret,
    store_totp,
    totp_uri,
    use_totp,
)
from portalkit.audit import Actor
from portalkit.config import PortalConfig, Secret
from portalkit.context import SessionKind
from portalkit.errors import ConflictError
from portalkit.seals import unseal
from portalkit.testing.factories import NOW

pytestmark = pytest.mark.anyio

OLD = Secret("an-old-key-for-tests-0123456789abcdef")
NEW = Secret("a-newer-key-for-tests-0123456789abcde")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = timedelta(seconds=30)
MAILER = Actor(kind="system")


def code_at(now, secret=SECRET):
    return pyotp.TOTP(secret).at(now)


@pytest.fixture
def account_of(database, world):
    async def find(who="lucia"):
        kind = SessionKind.STAFF if who == "carmen" else SessionKind.PERSON
        async with database.reading() as session:
            return await get_account(
                session, kind, business_id=world.a, account_id=getattr(world, who)
            )

    return find


@pytest.fixture
def write(database):
    """Call a service in a transaction of its own."""

    async def call(service, *arguments, **named):
        async with database.writing() as session, session.begin():
            return await service(session, *arguments, **named)

    return call


@pytest.fixture
def enrol(account_of, write):
    """Give somebody an app, whose last code was one of an hour ago; return the account."""

    async def give(who="lucia", keys=(NEW,)):
        account = await account_of(who)
        step = int((NOW - timedelta(hours=1)).timestamp()) // 30
        await write(store_totp, keys, account, SECRET, step=step, now=NOW)
        await write(factors_changed, account)
        return await account_of(who)

    return give


# Codes of an app


@pytest.mark.parametrize(
    ("off", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_off_by_one_period(off, fits):
    assert (matching_step(SECRET, code_at(NOW + off * STEP), NOW) is not None) is fits


@pytest.mark.parametrize(
    "typed",
    ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345", "1e5000", "\x00" * 6, "9" * 9_000],
)
def test_what_is_no_code_fits_nothing(typed):
    assert matching_step(SECRET, typed, NOW) is None


def test_a_code_may_be_typed_in_two_groups():
    code = code_at(NOW)

    assert matching_step(SECRET, f" {code[:3]} {code[3:]}\t", NOW) is not None


def test_the_address_for_the_app_names_business_and_account():
    uri = totp_uri(SECRET, email="lucia@sol.example", business="Mill: oil & more")

    parsed = pyotp.parse_uri(uri)
    assert (parsed.issuer, parsed.name, parsed.secret) == (
        "Mill  oil & more",
        "lucia@sol.example",
        SECRET,
    )


def test_a_secret_has_160_bits():
    assert len({new_totp_secret() for _ in range(20)}) == 20
    assert len(pyotp.TOTP(new_totp_secret()).byte_secret()) == 20


@pytest.mark.parametrize("who", ["lucia", "carmen"])
async def test_a_code_is_used_once(who, enrol, write):
    account = await enrol(who)
    code = code_at(NOW)

    assert await write(use_totp, (NEW,), account, code, NOW)
    assert not await write(use_totp, (NEW,), account, code, NOW + STEP)
    assert await write(use_totp, (NEW,), account, code_at(NOW + STEP), NOW + STEP)
    # The one of before is worth nothing either, though the drift would allow it.
    assert not await write(use_totp, (NEW,), account, code, NOW + STEP)


async def test_of_several_with_the_same_code_at_once_one_gets_in(enrol, write):
    account = await enrol()

    used = await asyncio.gather(
        *(write(use_totp, (NEW,), account, code_at(NOW), NOW) for _ in range(6))
    )

    assert sum(used) == 1


async def test_without_its_protection_a_code_would_let_several_in(enrol, database):
    """Control: what reads first and writes afterwards is beaten by the same race."""
    account = await enrol()
    barrier = asyncio.Barrier(4)

    async def careless():
        async with database.reading() as session:
            last = await session.scalar(select(Totp.last_step))
        step = matching_step(SECRET, code_at(NOW), NOW)
        await barrier.wait()
        if step <= last:
            return False
        async with database.writing() as session, session.begin():
            await session.execute(
                update(Totp).where(Totp.person_id == account.id).values(last_step=step)
            )
        return True

    assert sum(await asyncio.gather(*(careless() for _ in range(4)))) > 1


async def test_the_code_that_was_typed_when_it_was_set_up_is_used_up(account_of, write):
    account = await account_of()
    step = matching_step(SECRET, code_at(NOW), NOW)
    await write(store_totp, (NEW,), account, SECRET, step=step, now=NOW)

    assert not await write(use_totp, (NEW,), account, code_at(NOW), NOW)


async def test_the_code_of_somebody_else_is_worth_nothing(enrol, account_of, write):
    await enrol("lucia")
    await enrol("carmen")

    assert not await write(use_totp, (NEW,), await account_of("mateo"), code_at(NOW), NOW)


async def test_there_is_one_app(enrol, write):
    account = await enrol()

    with pytest.raises(ConflictError):
        await write(store_totp, (NEW,), account, SECRET, step=1, now=NOW)


async def test_the_secret_is_stored_sealed_and_follows_the_newest_key(enrol, write, database):
    account = await enrol(keys=(OLD,))

    async def stored():
        async with database.reading() as session:
            return await session.scalar(select(Totp.secret))

    before = await stored()
    assert SECRET not in before
    assert await write(use_totp, (NEW, OLD), account, code_at(NOW), NOW)
    after = await stored()

    assert unseal((NEW,), "totp", before, bound_to=account.id) is None
    assert unseal((NEW,), "totp", after, bound_to=account.id) == SECRET


async def test_a_secret_that_was_moved_to_another_account_is_worth_nothing(
    enrol, write, database, account_of, world
):
    """Whoever can write to the database still cannot lend one account's app to another."""
    await enrol("lucia")
    async with database.writing() as session, session.begin():
        await session.execute(update(Totp).values(person_id=world.mateo))

    assert not await write(use_totp, (NEW,), await account_of("mateo"), code_at(NOW), NOW)


async def test_the_account_says_whether_there_is_a_second_factor(enrol, write, account_of):
    assert not (await account_of()).has_second_factor
    account = await enrol()
    assert account.has_second_factor

    await write(make_recovery_codes, account, NOW)
    assert await write(forget_totp, account)
    assert not await write(factors_changed, account)

    assert not (await account_of()).has_second_factor
    # Codes on paper alone are no second factor.
    assert await write(count_recovery_codes, account) == 0


# Codes on paper


async def test_a_recovery_code_works_once(enrol, write):
    account = await enrol()
    codes = await write(make_recovery_codes, account, NOW)

    assert len(set(codes)) == RECOVERY_CODES
    assert await write(use_recovery_code, account, codes[3], NOW)
    assert not await write(use_recovery_code, account, codes[3], NOW)
    assert await write(use_recovery_code, account, codes[0], NOW)
    assert await write(count_recovery_codes, account) == RECOVERY_CODES - 2


@pytest.mark.parametrize("change", [str.upper, lambda c: c.replace("-", " "), lambda c: f" {c}\n"])
async def test_a_recovery_code_may_be_typed_as_one_likes(change, enrol, write):
    account = await enrol()
    codes = await write(make_recovery_codes, account, NOW)

    assert await write(use_recovery_code, account, change(codes[0]), NOW)


async def test_of_several_with_the_same_recovery_code_at_once_one_gets_in(enrol, write):
    account = await enrol()
    codes = await write(make_recovery_codes, account, NOW)

    used = await asyncio.gather(
        *(write(use_recovery_code, account, codes[0], NOW) for _ in range(6))
    )

    assert sum(used) == 1


async def test_without_its_protection_a_recovery_code_would_let_several_in(enrol, write, database):
    """Control: what reads first and writes afterwards is beaten by the same race."""
    account = await enrol()
    await write(make_recovery_codes, account, NOW)
    barrier = asyncio.Barrier(4)

    async def careless():
        async with database.reading() as session:
            row_id, used_at = (
                await session.execute(select(RecoveryCode.id, RecoveryCode.used_at).limit(1))
            ).one()
        await barrier.wait()
        if used_at is not None:
            return False
        async with database.writing() as session, session.begin():
            await session.execute(
                update(RecoveryCode).where(RecoveryCode.id == row_id).values(used_at=NOW)
            )
        return True

    assert sum(await asyncio.gather(*(careless() for _ in range(4)))) > 1


async def test_new_recovery_codes_end_the_older(enrol, write):
    account = await enrol()
    older = await write(make_recovery_codes, account, NOW)
    await write(make_recovery_codes, account, NOW)

    assert not await write(use_recovery_code, account, older[0], NOW)


async def test_recovery_codes_are_hashed_and_nobody_elses(enrol, write, database, account_of):
    codes = await write(make_recovery_codes, await enrol("lucia"), NOW)

    async with database.reading() as session:
        stored = list(await session.scalars(select(RecoveryCode.code_hash)))
    assert not set(codes) & set(stored)
    assert {len(each) for each in stored} == {64}
    for who in ("mateo", "carmen"):
        assert not await write(use_recovery_code, await account_of(who), codes[0], NOW)


@pytest.mark.parametrize("typed", ["", "-", "x" * 90_000, "\ud800", "\x00", "aaaa-bbbb-cccc-dddd"])
async def test_what_is_no_recovery_code_is_refused(typed, enrol, write):
    account = await enrol()
    await write(make_recovery_codes, account, NOW)

    assert not await write(use_recovery_code, account, typed, NOW)


# Browsers that are remembered


async def test_a_browser_is_remembered_for_thirty_days(enrol, write, make_browser):
    account = await enrol()
    token = await write(remember_device, (OLD,), account, make_browser())

    async def known(now, **changes):
        browser = make_browser(device=token, now=now, **changes)
        return await write(is_remembered, (NEW, OLD), account, browser)

    assert await known(NOW + REMEMBERED_FOR - timedelta(seconds=1))
    assert not await known(NOW + REMEMBERED_FOR)


async def test_a_browser_is_remembered_for_one_account(enrol, write, make_browser, account_of):
    token = await write(remember_device, (NEW,), await enrol("lucia"), make_browser())
    browser = make_browser(device=token)

    for who in ("mateo", "carmen"):
        assert not await write(is_remembered, (NEW,), await account_of(who), browser)


@pytest.mark.parametrize("keys", [(OLD,), (NEW,)])
@pytest.mark.parametrize("device", [None, "", "x", "ñ" * 20, "W10.x.y", "A" * 5_000])
async def test_what_was_not_signed_by_us_remembers_nobody(keys, device, enrol, write, make_browser):
    account = await enrol()

    assert not await write(is_remembered, keys, account, make_browser(device=device))


async def test_only_the_hash_of_what_a_browser_keeps_is_stored(
    enrol, write, make_browser, database
):
    token = await write(remember_device, (NEW,), await enrol(), make_browser())

    async with database.reading() as session:
        [row] = await session.scalars(select(RememberedDevice))
    assert row.secret_hash not in token
    assert len(row.secret_hash) == 64


async def test_one_forgets_ones_own_browsers_only(enrol, write, make_browser, database):
    lucia, carmen = await enrol("lucia"), await enrol("carmen")
    await write(remember_device, (NEW,), lucia, make_browser())
    async with database.reading() as session:
        [entry] = await list_devices(session, lucia, NOW)

    for wrong in (entry.id[:-1], "", "x" * 5_000):
        assert not await write(forget_device, lucia, wrong)
    assert not await write(forget_device, carmen, entry.id)
    assert await write(forget_device, lucia, entry.id)
    assert not await write(forget_device, lucia, entry.id)


@pytest.mark.parametrize("change", ["password", "factor", "reset"])
async def test_remembered_browsers_are_forgotten_when_something_changes(
    change, enrol, write, make_browser, database
):
    lucia, carmen = await enrol("lucia"), await enrol("carmen")
    for account in (lucia, carmen):
        await write(remember_device, (NEW,), account, make_browser())

    match change:
        case "password":
            await write(store_password, lucia, "$argon2id$new", actor=MAILER, now=NOW)
        case "factor":
            await write(factors_changed, lucia)
        case "reset":
            await write(remove_factors, lucia, actor=MAILER, now=NOW)

    async with database.reading() as session:
        assert await list_devices(session, lucia, NOW) == []
        assert len(await list_devices(session, carmen, NOW)) == 1


# The way in


CONFIG = PortalConfig(secret_keys=(NEW,))


@pytest.fixture
def begin(write, make_browser):
    async def begin_it(account, by="password", **changes):
        return await write(enter, account, CONFIG, make_browser(**changes), by=by)

    return begin_it


async def test_without_a_second_factor_one_is_in(begin, account_of, seen_by):
    entered = await begin(await account_of())

    assert not entered.is_pending
    assert (await seen_by(entered.session_id)).signed_in_by == "password"


@pytest.mark.parametrize("by", ["password", "link", "acme"])
async def test_a_sign_in_that_waits_opens_nothing(by, begin, enrol, seen_by):
    entered = await begin(await enrol(), by)

    assert entered.is_pending
    assert await seen_by(entered.session_id) is None


async def test_a_sign_in_is_finished_once_and_under_a_new_id(
    *, begin, enrol, seen_by, database, make_browser, world
):
    waiting = await begin(await enrol())
    browser = make_browser(step_id=waiting.session_id)

    async def finish():
        async with database.writing() as session, session.begin():
            pending = await find_pending(session, browser, business_id=world.a)
            if pending is None:
                return None
            return await complete(session, pending, CONFIG, browser, second="totp")

    finished = [one for one in await asyncio.gather(*(finish() for _ in range(5))) if one]

    [entered] = finished
    assert entered.session_id != waiting.session_id
    seen = await seen_by(entered.session_id)
    assert (seen.person_id, seen.is_strong, seen.signed_in_by) == (world.lucia, True, "password")


async def test_without_its_protection_a_sign_in_would_be_finished_several_times(
    *, begin, enrol, database, make_browser, world
):
    """Control: what looks first whether it waits is beaten by the same race."""
    waiting = await begin(await enrol())
    browser, barrier = make_browser(step_id=waiting.session_id), asyncio.Barrier(4)

    async def careless():
        async with database.reading() as session:
            pending = await find_pending(session, browser, business_id=world.a)
        await barrier.wait()
        if pending is None:
            return False
        async with database.writing() as session, session.begin():
            await close_session(session, pending.id_hash, business_id=world.a)
            entered = await enter(
                session, pending.account, CONFIG, make_browser(), by="password", is_strong=True
            )
        return entered is not None

    assert sum(await asyncio.gather(*(careless() for _ in range(4)))) > 1


@pytest.mark.parametrize(
    "after", ["too late", "other business", "disabled", "new password", "reset"]
)
async def test_a_sign_in_that_waits_comes_to_nothing(
    *, after, begin, enrol, database, make_browser, world, write
):
    account = await enrol()
    waiting = await begin(account)
    browser = make_browser(step_id=waiting.session_id)
    business_id = world.a
    match after:
        case "too late":
            browser = make_browser(step_id=waiting.session_id, now=NOW + timedelta(minutes=10))
        case "other business":
            business_id = world.b
        case "disabled":
            async with database.writing() as session, session.begin():
                await session.execute(update(Person).values(is_enabled=False))
        case "new password":
            await write(store_password, account, "$argon2id$new", actor=MAILER, now=NOW)
        case "reset":
            await write(remove_factors, account, actor=MAILER, now=NOW)

    async with database.reading() as session:
        assert await find_pending(session, browser, business_id=business_id) is None


async def test_a_session_is_no_sign_in_that_waits(begin, account_of, database, make_browser, world):
    entered = await begin(await account_of("mateo"))

    async with database.reading() as session:
        browser = make_browser(step_id=entered.session_id)
        assert await find_pending(session, browser, business_id=world.a) is None


async def test_a_remembered_browser_is_not_asked_again(begin, enrol, write, make_browser, seen_by):
    account = await enrol()
    token = await write(remember_device, (NEW,), account, make_browser())

    entered = await begin(account, device=token)

    assert not entered.is_pending
    assert await seen_by(entered.session_id) is not None


async def test_a_new_factor_ends_all_other_sessions_and_gives_codes_once(
    begin, account_of, enrol, write, database
):
    account = await account_of()
    kept, other = await begin(account), await begin(account)
    await enrol()

    codes = await write(factor_added, account, keep=session_hash(kept.session_id), now=NOW)
    again = await write(factor_added, account, keep=session_hash(kept.session_id), now=NOW)

    assert (len(codes), again) == (RECOVERY_CODES, ())
    async with database.reading() as session:
        hashes = list(await session.scalars(select(SessionRow.id_hash)))
    assert hashes == [session_hash(kept.session_id)]
    assert session_hash(other.session_id) not in hashes


@pytest.mark.parametrize("who", ["lucia", "carmen"])
async def test_whoever_has_lost_everything_is_let_go_back_to_the_password(
    *, who, begin, enrol, write, account_of, database
):
    account = await enrol(who)
    await write(make_recovery_codes, account, NOW)
    await begin(account)

    await write(remove_factors, account, actor=MAILER, now=NOW)

    account = await account_of(who)
    assert not account.has_second_factor
    async with database.reading() as session:
        state = await factor_state(session, account)
        assert (state.has_totp, state.recovery_codes) == (False, 0)
        assert await session.scalar(select(func.count()).select_from(SessionRow)) == 0
    assert not (await begin(account)).is_pending
