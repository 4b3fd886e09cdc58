"""A contact's personal data: handed out as a file, or forgotten for good."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser
from portalkit.access.proving import confirm_first
from portalkit.audit import Actor, record
from portalkit.context import StaffContext
from portalkit.documents.keys import fold
from portalkit.errors import ConflictError, MaintenanceError, NotFoundError
from portalkit.i18n import Translator
from portalkit.model import is_id, lazy_gettext
from portalkit.privacy import (
    Erasure,
    ExportOrder,
    Subject,
    documents_of_contact,
    erase_personal_data,
    find_erasure,
    get_subject,
    send_personal_data,
)
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.sections.backoffice.permissions import HANDLE_DATA
from portalkit.sections.backoffice.queries import ContactEntry, get_contact
from portalkit.web.portal import RunningPortal

__all__ = ("PRIVACY_ROUTES",)

_OPT: Final = {"permission": HANDLE_DATA}
_PATH: Final = "/contacts/{contact:str}/privacy"
_WRONG: Final = lazy_gettext("Type the name or the number as it stands above.")


class EraseForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contact's name or number, typed by whoever means it."""

    typed: str = ""


class PrivacyView(msgspec.Struct, frozen=True, kw_only=True):
    """A contact's personal data.

    Attributes:
        number: The contact's number in the business's own system.
        people: How many people act for it, and how many of them for nobody else.
        erased: When it was forgotten; empty if it was not.
        is_safe: The portal runs without a plugin that may keep personal data.
        error: What is wrong with what was typed.
    """

    name: str
    number: str
    people: str
    crumbs: tuple[Crumb, ...]
    file_url: str
    erase_url: str
    erased: str = ""
    is_safe: bool = False
    error: str | None = None


@get(_PATH, name="backoffice:privacy", opt=_OPT)
async def show_privacy(
    *,
    contact: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    browser: NamedDependency[Browser],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Say what can be handed out and forgotten, to whoever has just proven who it is."""
    entry = await get_contact(session, business_id=staff.business_id, contact_id=contact)
    asked = confirm_first(page, browser, page.url("backoffice:privacy", contact=entry.id))
    if asked is not None:
        return asked
    return await _show(page, session, staff, portal, translator, entry=entry)


@post(f"{_PATH}/file", name="backoffice:privacy.file", opt=_OPT)
async def send_file(
    *,
    contact: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    browser: NamedDependency[Browser],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Answer with all that is kept about the contact, and note that it was handed out."""
    asked = confirm_first(page, browser, page.url("backoffice:privacy", contact=contact))
    if asked is not None:
        return asked
    _require_whole(portal)
    async with portal.reading() as reading:
        subject = await _subject(reading, staff, contact)
    order = ExportOrder(
        subject=subject,
        documents=documents_of_contact(subject),
        translator=translator,
        now=staff.now.astimezone(ZoneInfo(staff.zone)),
    )
    await record(
        session,
        business_id=staff.business_id,
        contact_id=subject.contact_id,
        name="contact.exported",
        actor=Actor.of(staff),
        at=staff.now,
    )
    return await send_personal_data(portal, order, reader=staff.staff_id, title=subject.name)


@post(f"{_PATH}/erase", name="backoffice:privacy.erase", opt=_OPT)
async def erase(
    *,
    contact: FromPath[str],
    data: URLEncodedBody[EraseForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    browser: NamedDependency[Browser],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Forget the contact if its name or number was typed; again only if anything has come."""
    asked = confirm_first(page, browser, page.url("backoffice:privacy", contact=contact))
    if asked is not None:
        return asked
    _require_whole(portal)
    # The contact is locked from here on: of two who do this at once the second comes too late.
    subject = await _subject(session, staff, contact)
    if await _erased_at(session, subject) is not None:
        raise ConflictError(f"contact {subject.contact_id} is erased already")
    entry = await get_contact(session, business_id=staff.business_id, contact_id=contact)
    if not _is_meant(entry, data.typed):
        error = translator.text(_WRONG)
        return await _show(page, session, staff, portal, translator, entry=entry, error=error)
    erasure = await erase_personal_data(
        session, portal.hooks, subject, actor=Actor.of(staff), now=staff.now
    )
    notice = Notice(text=_said(erasure, translator))
    return page.redirect(page.url("backoffice:contact", contact=subject.contact_id), notice)


def _require_whole(portal: RunningPortal) -> None:
    """Refuse while a plugin is left out that may keep personal data too."""
    if portal.config.safe_mode:
        raise MaintenanceError


def _is_meant(entry: ContactEntry, typed: str) -> bool:
    return fold(typed.strip()) in {fold(word) for word in (entry.name, entry.external_id) if word}


async def _subject(session: AsyncSession, staff: StaffContext, contact_id: str) -> Subject:
    if not is_id(contact_id):
        raise NotFoundError(f"contact {contact_id[:60]!r}")
    return await get_subject(session, staff.business_id, contact_id, None)


async def _erased_at(session: AsyncSession, subject: Subject) -> datetime | None:
    """Return when the contact was erased, unless somebody or something has come since."""
    if not subject.is_blank:
        return None
    return await find_erasure(
        session, business_id=subject.business_id, contact_id=subject.contact_id
    )


def _said(erasure: Erasure, translator: Translator) -> str:
    people = translator.ngettext("%(num)s person", "%(num)s people", erasure.people)
    mails = translator.ngettext("%(num)s mail", "%(num)s mails", erasure.mails)
    return translator.gettext("Forgotten: %(people)s and %(mails)s.") % {
        "people": people % {"num": translator.formats.number(erasure.people)},
        "mails": mails % {"num": translator.formats.number(erasure.mails)},
    }


async def _show(
    page: Page,
    session: AsyncSession,
    staff: StaffContext,
    portal: RunningPortal,
    translator: Translator,
    *,
    entry: ContactEntry,
    error: str | None = None,
) -> Response[Any]:
    subject = await _subject(session, staff, entry.id)
    erased_at = await _erased_at(session, subject)
    gettext = translator.gettext
    view = PrivacyView(
        name=entry.name,
        number=entry.external_id or "",
        people=_people(subject, translator),
        crumbs=(
            Crumb(label=gettext("Contacts"), url=page.url("backoffice:contacts")),
            Crumb(label=entry.name, url=page.url("backoffice:contact", contact=entry.id)),
            Crumb(label=gettext("Personal data")),
        ),
        file_url=page.url("backoffice:privacy.file", contact=entry.id),
        erase_url=page.url("backoffice:privacy.erase", contact=entry.id),
        erased=translator.formats.moment(erased_at, staff.zone) if erased_at else "",
        is_safe=portal.config.safe_mode,
        error=error,
    )
    status = HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return await page.render("backoffice/privacy.html", status=status, privacy=view)


def _people(subject: Subject, translator: Translator) -> str:
    number = translator.formats.number
    going = translator.ngettext(
        "%(num)s person who acts for it alone, with everything that lets in",
        "%(num)s people who act for it alone, with everything that lets in",
        len(subject.leaving),
    )
    return going % {"num": number(len(subject.leaving))}


PRIVACY_ROUTES: Final = (show_privacy, send_file, erase)
"""Routes of personal data, below ``/backoffice``."""
