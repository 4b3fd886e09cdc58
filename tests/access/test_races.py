"""What happens at the same moment: one comes after the other, and nothing in flight counts."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.util import await_only

from portalkit.access import codes, contact_choice, entering, links, sessions
from portalkit.access.accounts import get_account
from portalkit.access.codes import CodePurpose, ask_code, assign_code
from portalkit.access.contact_choice import choose_contact
from portalkit.access.credentials import store_password
from portalkit.access.entering import complete, enter, find_pending
from portalkit.access.factors import factor_added, factors_changed
from portalkit.access.identities import bind_identity
from portalkit.access.links import LinkPurpose, find_link, make_link
from portalkit.access.models import BoundIdentity, EmailCode, Link, SessionRow
from portalkit.access.passkeys import NewPasskey, add_passkey, find_passkey, use_passkey
from portalkit.access.people import get_person, restore_access, withdraw_access
from portalkit.access.sessions import open_session
from portalkit.access.signing_in import sign_in_by_link
from portalkit.access.totp import store_totp
from portalkit.audit import Actor
from portalkit.config import PortalConfig, Secret
from portalkit.context import SessionKind
from portalkit.errors import SignInRequiredError
from portalkit.hooks import Identity
from portalkit.testing.factories import NOW

pytestmark = pytest.mark.anyio

KEY = Secret("a-key-for-tests-only-0123456789abcdef")
CONFIG = PortalConfig(secret_keys=(KEY,))
STAFF = Actor(kind="staff")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HELD = '{"id": "AAAA"}'
HERS = Identity(issuer="https://acme.example", subject="lucia-1")
WAYS = ("password", "code", "link", "invitation", "passkey", "acme", "host", "recovery")

_meeting: ContextVar[Callable[[], Awaitable[None]] | None] = ContextVar("meeting", default=None)


@pytest.fixture
def write(database):
    """Call a service in a transaction of its own."""

    async def call(service, *arguments, **named):
        async with database.writing() as session, session.begin():
            return await service(session, *arguments, **named)

    return call


@pytest.fixture
def lucia(database, world):
    async def read():
        async with database.reading() as session:
            return await get_account(
                session, SessionKind.PERSON, business_id=world.a, account_id=world.lucia
            )

    return read


@pytest.fixture
def change(write, world, database):
    """Change what lets somebody in, in a transaction of its own."""

    async def password(account):
        await write(store_password, account, "$argon2id$new", actor=STAFF, now=NOW)

    async def factor(account):
        await write(store_totp, (KEY,), account, SECRET, step=1, now=NOW)
        await write(factor_added, account, keep="", now=NOW)

    async def access(account):
        async with database.reading() as session:
            person = await get_person(
                session, business_id=world.a, contact_id=world.sol, person_id=account.id
            )
        await write(withdraw_access, person, business_id=world.a, actor=STAFF, now=NOW)

    return {"password": password, "factor": factor, "access": access}


@pytest.fixture
def count(database):
    async def counted(table, *which):
        async with database.reading() as session:
            return await session.scalar(select(func.count()).select_from(table).where(*which))

    return counted


# What was proven before something changed


@pytest.mark.parametrize("by", WAYS)
async def test_whoever_has_proven_it_is_in(by, lucia, write, make_browser, seen_by):
    entered = await write(enter, await lucia(), CONFIG, make_browser(), by=by)

    assert (await seen_by(entered.session_id)).signed_in_by == by


@pytest.mark.parametrize("what", ["password", "factor", "access"])
@pytest.mark.parametrize("by", WAYS)
async def test_what_changes_after_it_was_proven_lets_nobody_in(
    *, by, what, lucia, write, change, make_browser, count
):
    """The account was read, the change is done, and only then the session would be opened."""
    account = await lucia()
    await change[what](account)

    entered = await write(
        enter, account, CONFIG, make_browser(), by=by, is_strong=by in {"passkey", "host"}
    )

    assert entered is None
    assert await count(SessionRow) == 0


@pytest.mark.parametrize("what", ["password", "factor", "access"])
async def test_without_its_protection_what_was_read_before_would_let_in(
    *, what, lucia, write, change, world, seen_by, database
):
    """Control: what opens a session for the account as it was read revives the access."""
    account = await lucia()
    await change[what](account)

    session_id = await write(
        open_session,
        business_id=world.a,
        kind=account.kind,
        now=NOW,
        lifetime=entering.PENDING_FOR,
        person_id=account.id,
        contact_id=account.contact_id,
    )

    if what == "access":
        async with database.reading() as session:
            person = await get_person(
                session, business_id=world.a, contact_id=world.sol, person_id=account.id
            )
        await write(restore_access, person, business_id=world.a, actor=STAFF, now=NOW)
    assert await seen_by(session_id) is not None


@pytest.mark.parametrize("what", ["password", "access"])
async def test_what_changes_before_the_second_step_is_done_lets_nobody_in(
    *, what, lucia, write, change, make_browser, count, world
):
    browser, pending = await _begin(lucia, write, make_browser, world)
    await change[what](pending.account)

    assert await write(complete, pending, CONFIG, browser, second="totp") is None
    assert await count(SessionRow, SessionRow.kind == SessionKind.PERSON.value) == 0


@pytest.mark.parametrize("what", ["password", "factor", "access"])
async def test_a_session_that_has_ended_goes_on_for_no_other_contact(
    *, what, lucia, write, change, make_browser, count, seen_by
):
    account = await lucia()
    entered = await write(enter, account, CONFIG, make_browser(), by="link")
    seen = await seen_by(entered.session_id)
    await change[what](account)

    browser = make_browser(session_id=entered.session_id, seen=seen)
    with pytest.raises(SignInRequiredError):
        await write(choose_contact, seen, account.contact_id, browser)

    assert await count(SessionRow) == 0


async def test_without_its_protection_choosing_would_revive_a_session(
    *, lucia, write, change, make_browser, seen_by, monkeypatch
):
    """Control: what only looks at the session that was read goes on for it."""
    monkeypatch.setattr(contact_choice, "hold_session", _unheld)
    account = await lucia()
    entered = await write(enter, account, CONFIG, make_browser(), by="link")
    seen = await seen_by(entered.session_id)
    await change["password"](account)

    browser = make_browser(session_id=entered.session_id, seen=seen)
    session_id = await write(choose_contact, seen, account.contact_id, browser)

    assert await seen_by(session_id) is not None


# Several at the same moment


@pytest.fixture
def find_hers(lucia, write, world):
    """Return what reads a passkey of Lucia's, whose counter is one."""

    async def find():
        made = NewPasskey(credential_id="AAAA", public_key="AAAA", sign_count=1)
        if await write(find_passkey, HELD, business_id=world.a) is None:
            await write(add_passkey, await lucia(), made, name="Phone", now=NOW)
        return await write(find_passkey, HELD, business_id=world.a)

    return find


async def test_of_several_uses_of_a_passkey_with_one_counter_one_counts(find_hers, write):
    known = await find_hers()

    used = await asyncio.gather(*(write(use_passkey, known, 2, NOW) for _ in range(6)))

    assert sum(used) == 1


async def test_without_its_protection_a_counter_would_count_for_several(find_hers, write):
    """Control: what reads the counter first and writes afterwards is beaten by the same race."""
    known, barrier = await find_hers(), asyncio.Barrier(4)

    async def careless():
        count = (await find_hers()).sign_count
        await barrier.wait()
        await write(use_passkey, known, 2, NOW)
        return count < 2

    assert sum(await asyncio.gather(*(careless() for _ in range(4)))) > 1


@pytest.fixture
async def accounts(database, world):
    async with database.reading() as session:
        return [
            await get_account(session, SessionKind.PERSON, business_id=world.a, account_id=who)
            for who in (world.lucia, world.mateo)
        ]


async def test_an_identity_that_two_bind_at_once_is_one_persons(accounts, write, count):
    bound = await asyncio.gather(
        *(
            write(bind_identity, account, HERS, provider="acme", now=NOW)
            for account in accounts
            for _ in range(3)
        )
    )

    assert sum(bound) == 3
    assert len(set(bound[:3])) == len(set(bound[3:])) == 1
    assert await count(BoundIdentity) == 1


async def test_without_its_protection_two_would_believe_that_it_is_theirs(accounts, write, count):
    """Control: what looks first whether it is bound is beaten by the same race."""
    barrier = asyncio.Barrier(2)

    async def careless(account):
        is_free = await count(BoundIdentity) == 0
        await barrier.wait()
        await write(bind_identity, account, HERS, provider="acme", now=NOW)
        return is_free

    assert all(await asyncio.gather(*(careless(account) for account in accounts)))


async def _unheld(*_, **__):
    """Stand in for what holds a row, where a control shows what would happen without."""


@pytest.fixture
def together(database):
    """Run two at once; each stops after its first write until the other has come as far.

    Whoever is held up by the other never comes so far, so nobody stops for long.
    """
    place = asyncio.Barrier(2)

    def stop(connection, _cursor, statement, *_):
        meet = _meeting.get()
        is_first = statement.startswith(("UPDATE", "INSERT", "DELETE")) or "FOR NO" in statement
        if meet is not None and is_first:
            _meeting.set(None)
            await_only(meet())

    event.listen(database.engine.sync_engine, "after_cursor_execute", stop)

    async def run(first, second):
        has_begun = asyncio.Event()

        async def meet():
            has_begun.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.3):
                    await place.wait()

        async def begin(what):
            _meeting.set(meet)
            return await what()

        one = asyncio.create_task(begin(first))
        await has_begun.wait()
        two = asyncio.create_task(begin(second))
        return await asyncio.gather(one, two, return_exceptions=True)

    yield run
    event.remove(database.engine.sync_engine, "after_cursor_execute", stop)


@pytest.fixture
def only_postgres(database):
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")


@pytest.fixture
async def make_nobodys_codes(world, write):
    """Two codes that are nobody's yet, as two requests have left them."""

    async def ask():
        asked = await write(
            ask_code, (KEY,), purpose=CodePurpose.SIGN_IN, business_id=world.a, now=NOW
        )
        return asked.id

    return [await ask() for _ in range(2)]


@pytest.fixture
def sending(world, write, make_nobodys_codes):
    """Return what sends something anew, of which only the newest may let in."""

    def link(purpose, contact_id=None):
        return lambda: write(
            make_link,
            (KEY,),
            business_id=world.a,
            now=NOW,
            purpose=purpose,
            person_id=world.lucia,
            contact_id=contact_id,
        )

    def code():
        return write(
            assign_code,
            make_nobodys_codes.pop(),
            purpose=CodePurpose.SIGN_IN,
            business_id=world.a,
            now=NOW,
            person_id=world.lucia,
            staff_id=None,
        )

    return {
        "invitation": link(LinkPurpose.INVITATION, world.sol),
        "link": link(LinkPurpose.SIGN_IN),
        "recovery": link(LinkPurpose.RECOVERY),
        "code": code,
    }


LIVE_LINK = Link.revoked_at.is_(None)
LIVE_CODE = (EmailCode.person_id.is_not(None), EmailCode.expires_at > NOW)


@pytest.mark.parametrize("what", ["invitation", "link", "recovery", "code"])
async def test_of_two_that_are_sent_at_once_one_lets_in(what, sending, together, count):
    results = await together(sending[what], sending[what])

    assert not [each for each in results if isinstance(each, Exception)]
    live = await (count(EmailCode, *LIVE_CODE) if what == "code" else count(Link, LIVE_LINK))
    assert live == 1


@pytest.mark.usefixtures("only_postgres")
@pytest.mark.parametrize("what", ["invitation", "link", "recovery", "code"])
async def test_without_its_protection_both_would_let_in(
    what, sending, together, count, monkeypatch
):
    """Control: two that end the older ones, and do not see each other."""
    for module in (links, codes):
        monkeypatch.setattr(module, "hold_account", _unheld)

    await together(sending[what], sending[what])

    live = await (count(EmailCode, *LIVE_CODE) if what == "code" else count(Link, LIVE_LINK))
    assert live == 2


async def _begin(lucia, write, make_browser, world):
    """Let somebody take the first of two steps; return the browser and what waits."""
    await write(store_totp, (KEY,), await lucia(), SECRET, step=1, now=NOW)
    await write(factors_changed, await lucia())
    waiting = await write(enter, await lucia(), CONFIG, make_browser(), by="password")
    browser = make_browser(step_id=waiting.session_id)
    return browser, await write(find_pending, browser, business_id=world.a)


@pytest.fixture
def coming_in(lucia, write, make_browser, world):
    """Return a way in that is about to be finished, by name."""

    async def by_step():
        browser, pending = await _begin(lucia, write, make_browser, world)
        return lambda: write(complete, pending, CONFIG, browser, second="totp")

    async def by_link():
        made = {"business_id": world.a, "now": NOW}
        token = await write(make_link, (KEY,), person_id=world.lucia, **made)
        link = await write(find_link, (KEY,), token, **made)
        return lambda: write(sign_in_by_link, link, CONFIG, browser=make_browser())

    return {"step": by_step, "link": by_link}


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("way", ["step", "link"])
async def test_coming_in_and_a_change_of_the_password_never_wait_in_a_circle(
    *, way, is_first, coming_in, lucia, change, together, count
):
    come_in = await coming_in[way]()
    account = await lucia()

    async def set_password():
        await change["password"](account)

    both = (come_in, set_password) if is_first else (set_password, come_in)
    results = await together(*both)

    assert not [each for each in results if isinstance(each, Exception)]
    # Whoever came first was in, and is out again now.
    assert (results[0 if is_first else 1] is not None) is is_first
    assert await count(SessionRow) == 0


@pytest.mark.usefixtures("only_postgres")
@pytest.mark.parametrize("way", ["step", "link"])
async def test_without_its_protection_they_would_wait_in_a_circle(
    *, way, coming_in, lucia, change, together, monkeypatch
):
    """Control: each holds a row that the other wants."""
    come_in = await coming_in[way]()
    account = await lucia()
    for module in (entering, links, sessions):
        monkeypatch.setattr(module, "hold_account", _unheld)

    results = await together(come_in, lambda: change["password"](account))

    [failed] = [each for each in results if isinstance(each, Exception)]
    assert isinstance(failed, OperationalError)
    assert "deadlock" in str(failed)
