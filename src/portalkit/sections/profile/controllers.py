"""The pages of the profile."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser, Entrance, session_cookie
from portalkit.access.businesses import BusinessView
from portalkit.access.controllers import PasswordForm, answer_sign_out
from portalkit.access.credentials import account_of, change_password
from portalkit.access.device_names import device_name
from portalkit.access.devices import SessionEntry, list_sessions
from portalkit.access.doors import password_errors, renew_known
from portalkit.access.passwords import MIN_PASSWORD
from portalkit.access.sessions import (
    SessionView,
    close_session,
    close_sessions_of,
)
from portalkit.audit import Actor, record
from portalkit.context import PortalContext
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.hooks.types import Slot
from portalkit.i18n import Translator
from portalkit.model import Text, lazy_gettext
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.rendering.ui import FormState
from portalkit.sections.profile.data import DATA_ROUTES
from portalkit.sections.profile.log import LOG_ROUTES
from portalkit.sections.profile.notifications import choose_mails, mail_switches
from portalkit.sections.profile.views import Device, MailSwitch, ProfileView
from portalkit.web.portal import RunningPortal

__all__ = ("PROFILE_ROUTES",)

# The profile stays open when a guarding plugin fails (decision 32).
_STAYS_OPEN: Final = {"stays_open": True}


def _person(browser: Browser) -> SessionView:
    """Return the session of the person whose profile it is."""
    seen = browser.seen
    if seen is None or seen.person_id is None:
        raise NotFoundError("a session without a person has no profile")
    return seen


@get("/", name="profile:profile", opt=_STAYS_OPEN)
async def show_profile(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    browser: NamedDependency[Browser],
    portal: NamedDependency[RunningPortal],
    context: NamedDependency[PortalContext],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Show the profile."""
    return await _show(
        page=page,
        session=session,
        entrance=entrance,
        browser=browser,
        mails=await mail_switches(session, portal, context, translator),
        translator=translator,
        errors={},
    )


@post("/password", name="profile:password", opt=_STAYS_OPEN)
async def set_password(
    *,
    data: URLEncodedBody[PasswordForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    portal: NamedDependency[RunningPortal],
    context: NamedDependency[PortalContext],
    browser: NamedDependency[Browser],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Change the password, or set the first one; all other sessions end."""
    seen = _person(browser)
    try:
        session_id = await change_password(
            entrance,
            session,
            browser=browser,
            current=data.current_password,
            new=data.new_password,
            words=(business.name, business.slug, context.contact_name),
        )
    except InputRefusedError as error:
        return await _show(
            page=page,
            session=session,
            entrance=entrance,
            browser=browser,
            mails=await mail_switches(session, portal, context, translator),
            translator=translator,
            errors=password_errors(error),
        )
    response = page.redirect(
        page.url("profile:profile"),
        notice=Notice(text=lazy_gettext("Your new password is set.")),
    )
    response.cookies.append(session_cookie(entrance.config, browser.cookie, session_id))
    renew_known(response, entrance, browser, await account_of(session, seen))
    return response


@post("/devices/{device:str}/close", name="profile:device.close", opt=_STAYS_OPEN)
async def close_device(
    *,
    device: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """End one session of one's own."""
    seen = _person(browser)
    was_open = await close_session(
        session, device, business_id=seen.business_id, person_id=seen.person_id
    )
    if not was_open:
        raise NotFoundError("no such session of this person")
    await _note(session, seen, browser, closed=1)
    notice = Notice(text=lazy_gettext("The session is ended."))
    return page.redirect(page.url("profile:profile"), notice=notice)


@post("/devices/close-others", name="profile:devices.close", opt=_STAYS_OPEN)
async def close_other_devices(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """End every session of one's own but this one."""
    seen = _person(browser)
    closed = await close_sessions_of(
        session, business_id=seen.business_id, person_id=seen.person_id, keep=seen.id_hash
    )
    await _note(session, seen, browser, closed=closed)
    notice = Notice(text=lazy_gettext("All other sessions are ended."))
    return page.redirect(page.url("profile:profile"), notice=notice)


@post("/devices/close-all", name="profile:devices.leave", opt=_STAYS_OPEN)
async def leave_everywhere(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    entrance: NamedDependency[Entrance],
    business: NamedDependency[BusinessView],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """End every session of one's own, this one too."""
    seen = _person(browser)
    closed = await close_sessions_of(
        session, business_id=seen.business_id, person_id=seen.person_id, keep=seen.id_hash
    )
    if closed:
        await _note(session, seen, browser, closed=closed)
    return await answer_sign_out(page, session, entrance, business=business, browser=browser)


async def _note(session: AsyncSession, seen: SessionView, browser: Browser, *, closed: int) -> None:
    await record(
        session,
        business_id=seen.business_id,
        contact_id=seen.contact_id,
        name="access.sessions_closed",
        actor=Actor(kind=seen.kind.value, id=seen.person_id, name=seen.name),
        at=browser.now,
        data={"closed": closed},
    )


async def _show(
    *,
    page: Page,
    session: AsyncSession,
    entrance: Entrance,
    browser: Browser,
    mails: tuple[MailSwitch, ...],
    translator: Translator,
    errors: dict[str, Text],
) -> Response[Any]:
    seen = _person(browser)
    account = await account_of(session, seen)
    entries = await list_sessions(
        session,
        business_id=seen.business_id,
        person_id=seen.person_id,
        now=browser.now,
        idle=timedelta(days=entrance.config.session_idle_days),
    )
    return await page.render(
        "profile/profile.html",
        slots=(Slot.PROFILE_PANEL,),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        profile=ProfileView(
            name=account.name,
            email=account.email,
            contact_name=seen.contact_name,
            crumbs=(
                Crumb(label=translator.gettext("Home"), url=page.url("home:home")),
                Crumb(label=translator.gettext("Profile")),
            ),
            may_have_password=entrance.config.access.password_sign_in,
            has_password=account.password_hash is not None,
            has_second=account.has_second_factor,
            security_url=page.url("access:security"),
            password=FormState(
                url=page.url("profile:password"),
                errors={field: translator.text(text) for field, text in errors.items()},
            ),
            min_password=MIN_PASSWORD,
            mails=mails,
            mails_url=page.url("profile:mails"),
            devices=tuple(
                _device(entry, page, translator, seen=seen, now=browser.now) for entry in entries
            ),
            close_others_url=page.url("profile:devices.close") if len(entries) > 1 else None,
        ),
    )


def _device(
    entry: SessionEntry, page: Page, translator: Translator, *, seen: SessionView, now: datetime
) -> Device:
    name = device_name(entry.user_agent)
    is_current = entry.id_hash == seen.id_hash
    return Device(
        name=translator.text(name.text),
        note=translator.formats.ago(entry.seen_at, now),
        exact=translator.formats.moment(entry.seen_at, page.zone),
        icon=name.icon,
        is_current=is_current,
        close_url=None if is_current else page.url("profile:device.close", device=entry.id_hash),
    )


PROFILE_ROUTES: Final = (
    show_profile,
    set_password,
    choose_mails,
    *LOG_ROUTES,
    *DATA_ROUTES,
    close_device,
    close_other_devices,
    leave_everywhere,
)
"""Routes of the section, below ``/profile``."""
