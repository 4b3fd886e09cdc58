"""The pages of passkeys: signing in with one, adding, naming and removing them.

A device is asked by a script; whoever has none is offered the other ways.
"""

from typing import Any, Final, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance
from portalkit.access.businesses import BusinessView
from portalkit.access.credentials import account_of
from portalkit.access.device_names import device_name
from portalkit.access.doors import DOORS, answer_entered, keep_known, renew_known
from portalkit.access.entering import find_pending
from portalkit.access.factors import factor_added, factors_changed
from portalkit.access.passkey_entry import PasskeyQuestion, ask_for_passkey, enter_by_passkey
from portalkit.access.passkey_options import RelyingParty, creation_options, relying_party
from portalkit.access.passkeys import (
    MAX_PASSKEY_NAME,
    NewPasskey,
    add_passkey,
    list_passkeys,
    read_new_passkey,
    remove_passkey,
    rename_passkey,
)
from portalkit.access.paths import own_path
from portalkit.access.proving import (
    ProofForm,
    Question,
    ask_proof,
    confirm_first,
    proof_errors,
    seen_by,
)
from portalkit.access.second_step import note_change, prove_again
from portalkit.access.sessions import is_fresh
from portalkit.access.tickets import (
    TicketPurpose,
    make_ticket,
    new_ticket_id,
    read_ticket,
    spend_ticket,
)
from portalkit.access.totp_pages import OWN, show_codes
from portalkit.config import PortalConfig
from portalkit.context import SessionKind
from portalkit.errors import ConflictError, InputRefusedError, NotFoundError
from portalkit.hooks.types import Tone
from portalkit.i18n import Translator
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Notice, Page

__all__ = ("PASSKEY_ROUTES",)

_REFUSED: Final = Notice(
    text=lazy_gettext("That passkey does not open this door. Try again, or use another way."),
    tone=Tone.WARNING,
)
_NOT_MADE: Final = Notice(
    text=lazy_gettext("The passkey could not be kept. Try again."), tone=Tone.WARNING
)


class AskForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At which door a passkey is asked for."""

    door: Literal["person", "staff"] = "person"


class UseForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a device has signed."""

    ticket: str
    credential: str
    door: Literal["person", "staff"] = "person"
    remember: bool = False
    next: str = ""


class AddForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a device has made, and how its owner calls it."""

    ticket: str
    credential: str
    name: str = ""


class NameForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a passkey is called from now on."""

    name: str


def _party(config: PortalConfig, business: BusinessView) -> RelyingParty:
    party = relying_party(config, business)
    if party is None:
        raise NotFoundError("there are no passkeys at this address")
    return party


def _answer_json(question: PasskeyQuestion) -> Response[bytes]:
    return Response(msgspec.json.encode(question), media_type="application/json")


@post("/login/passkey/options", name="access:passkey.options", opt={"public": True})
async def ask(
    *,
    data: URLEncodedBody[AskForm],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[bytes]:
    """Hand out a challenge; nothing is kept before it is answered."""
    question = await ask_for_passkey(
        session,
        entrance,
        browser,
        _party(entrance.config, business),
        business_id=business.id,
        kind=SessionKind(data.door),
    )
    return _answer_json(question)


@post("/login/passkey", name="access:passkey", opt={"public": True})
async def use(
    *,
    data: URLEncodedBody[UseForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Let somebody in with a passkey, alone or as the second step."""
    found = await enter_by_passkey(
        entrance,
        session,
        browser,
        _party(entrance.config, business),
        business_id=business.id,
        ticket=data.ticket,
        credential=data.credential,
        remember=data.remember,
    )
    if found is None:
        wish = own_path(data.next, "", prefix=browser.prefix) or None
        waits = await find_pending(session, browser, business_id=business.id) is not None
        door = page.url("access:code" if waits else DOORS[SessionKind(data.door)], next=wish)
        return page.redirect(door, notice=_REFUSED)
    entered, kind = found
    response = answer_entered(page, entrance, browser, entered, kind=kind, wish=data.next)
    keep_known(response, entrance, browser, entered)
    return response


@get("/security/passkeys/new", name="access:passkey.new", opt=OWN)
async def show_new(
    *,
    page: NamedDependency[Page],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Show where a passkey is made and named."""
    _party(entrance.config, business)
    here = page.url("access:passkey.new")
    if (first := confirm_first(page, browser, here)) is not None:
        return first
    return await page.render(
        "access/passkey.html",
        name=translator.text(device_name(browser.user_agent or "").text),
        max_name=MAX_PASSKEY_NAME,
        is_required=browser.must_enrol,
    )


@post("/security/passkeys/options", name="access:passkey.create", opt=OWN)
async def prepare(
    *,
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[bytes]:
    """Hand out what a device makes a passkey with."""
    party = _party(entrance.config, business)
    account = await account_of(session, seen_by(browser))
    challenge = new_ticket_id()
    options = creation_options(
        party,
        challenge=challenge,
        user_id=account.id,
        email=account.email,
        name=account.name,
        known=[each.credential_id for each in await list_passkeys(session, account)],
    )
    ticket = make_ticket(
        entrance.config.secret_keys,
        TicketPurpose.PASSKEY_ADD,
        bound_to=browser.bound_to,
        now=browser.now,
        ticket_id=challenge,
    )
    return _answer_json(PasskeyQuestion(options=msgspec.Raw(options.encode()), ticket=ticket))


@post("/security/passkeys", name="access:passkey.add", opt=OWN)
async def add(
    *,
    data: URLEncodedBody[AddForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Keep a passkey that was just made; every other session ends."""
    seen, here = seen_by(browser), page.url("access:passkey.new")
    if not is_fresh(seen, browser.now):
        return page.redirect(here)
    party = _party(entrance.config, business)
    try:
        made = await _read_made(entrance, browser, party, data)
        account = await account_of(session, seen)
        default = translator.text(device_name(browser.user_agent or "").text)
        name = _name(data.name) or default[:MAX_PASSKEY_NAME]
        await add_passkey(session, account, made, name=name, now=browser.now)
    except (InputRefusedError, ConflictError):
        return page.redirect(here, notice=_NOT_MADE)
    codes = await factor_added(session, account, keep=seen.id_hash, now=browser.now)
    await note_change(session, account, "access.passkey_added", browser.now, called=name)
    if codes:
        response = await show_codes(page, account, codes)
    else:
        notice = Notice(text=lazy_gettext("The passkey is kept. You can sign in with it alone."))
        response = page.redirect(page.url("access:security"), notice=notice)
    renew_known(response, entrance, browser, await account_of(session, seen))
    return response


async def _read_made(
    entrance: Entrance, browser: Browser, party: RelyingParty, form: AddForm
) -> NewPasskey:
    ticket = read_ticket(
        entrance.config.secret_keys,
        TicketPurpose.PASSKEY_ADD,
        form.ticket,
        bound_to=browser.bound_to,
        now=browser.now,
    )
    if ticket is None:
        raise InputRefusedError("ticket", "has expired or is not of this browser")
    async with entrance.make_session() as own, own.begin():
        is_first_use = await spend_ticket(own, ticket, browser.now)
    if not is_first_use:
        raise InputRefusedError("ticket", "was used already")
    return read_new_passkey(party, form.credential, challenge=ticket.id)


def _name(typed: str) -> str:
    """Return a name as it is kept: on one line, visible, not too long; empty if it is none."""
    name = " ".join(typed.split())
    return name if name.isprintable() and len(name) <= MAX_PASSKEY_NAME else ""


@post("/security/passkeys/{passkey:str}/name", name="access:passkey.rename", opt=OWN)
async def rename(
    *,
    passkey: FromPath[str],
    data: URLEncodedBody[NameForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Call a passkey otherwise."""
    name = _name(data.name)
    if not name:
        raise InputRefusedError("name", "is missing or too long")
    account = await account_of(session, seen_by(browser))
    if not await rename_passkey(session, account, passkey, name):
        raise NotFoundError("no such passkey of this account")
    await note_change(session, account, "access.passkey_renamed", browser.now, called=name)
    return page.redirect(page.url("access:security"))


def _removal(page: Page, passkey: str, name: str) -> Question:
    return Question(
        title=lazy_gettext("Remove the passkey %(name)s", name=name),
        text=lazy_gettext("It opens nothing here any more. Delete it on the device too."),
        button=lazy_gettext("Remove the passkey"),
        url=page.url("access:passkey.remove", passkey=passkey),
        back_url=page.url("access:security"),
        is_danger=True,
    )


async def _ask_removal(
    page: Page,
    session: AsyncSession,
    entrance: Entrance,
    browser: Browser,
    *,
    passkey: str,
    error: InputRefusedError | None = None,
) -> Response[Any]:
    account = await account_of(session, seen_by(browser))
    for entry in await list_passkeys(session, account):
        if entry.id == passkey:
            return await ask_proof(
                page,
                entrance,
                browser,
                account,
                _removal(page, passkey, entry.name),
                errors=proof_errors(error) if error is not None else None,
            )
    raise NotFoundError("no such passkey of this account")


@get("/security/passkeys/{passkey:str}/remove", name="access:passkey.remove", opt=OWN)
async def show_remove(
    *,
    passkey: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Ask who it is before a passkey is removed."""
    return await _ask_removal(page, session, entrance, browser, passkey=passkey)


@post("/security/passkeys/{passkey:str}/remove", name="access:passkey.remove.post", opt=OWN)
async def remove(
    *,
    passkey: FromPath[str],
    data: URLEncodedBody[ProofForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Remove a passkey of whoever proves who it is."""
    try:
        account = await prove_again(
            entrance, session, browser, password=data.password, code=data.code
        )
    except InputRefusedError as error:
        return await _ask_removal(page, session, entrance, browser, passkey=passkey, error=error)
    if not await remove_passkey(session, account, passkey):
        raise NotFoundError("no such passkey of this account")
    await factors_changed(session, account)
    await note_change(session, account, "access.passkey_removed", browser.now)
    notice = Notice(text=lazy_gettext("The passkey is removed."))
    response = page.redirect(page.url("access:security"), notice=notice)
    renew_known(response, entrance, browser, await account_of(session, seen_by(browser)))
    return response


PASSKEY_ROUTES: Final = (
    ask,
    use,
    show_new,
    prepare,
    add,
    rename,
    show_remove,
    remove,
)
"""Routes of passkeys."""
