"""Mails with made-up values: shown on the page, and sent to whoever edits their words."""

import base64
from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import URLEncodedBody
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import get_account
from portalkit.context import SessionKind, StaffContext
from portalkit.errors import NotFoundError
from portalkit.i18n import Translator
from portalkit.mail.delivery import mail_logo
from portalkit.mail.rendering import RenderedMail, render_mail, shown_values, words_of
from portalkit.mail.services import OwnWords, Recipient, send_mail
from portalkit.mail.words import WordsRefusedError
from portalkit.model import lazy_gettext
from portalkit.sections.backoffice.mail_desk import (
    DESK,
    WORDS_OPT,
    Desk,
    WordsForm,
    refusal_text,
)
from portalkit.web.portal import RunningPortal

__all__ = ("MAIL_PREVIEW_ROUTES",)

_SAMPLE_FOR: Final = timedelta(hours=1)
# Never anybody's (RFC 6761).
_NOWHERE: Final = "https://sample.invalid/"
# Mail programs know styles in the page only. Nothing else is let in, and nothing out.
_PREVIEW_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
        "sandbox"
    )
}


@get(
    "/mail-templates/{template:str}/{locale:str}/preview",
    name="backoffice:mail_template.stored",
    opt=WORDS_OPT,
    dependencies=DESK,
)
async def preview_stored(
    *,
    desk: NamedDependency[Desk],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Show the mail with made-up values, as it is sent now."""
    edited = await desk.stored()
    return _document(await _rendered(portal, desk, None if edited is None else edited.own))


@post(
    "/mail-templates/{template:str}/{locale:str}/preview",
    name="backoffice:mail_template.preview",
    opt=WORDS_OPT,
    dependencies=DESK,
)
async def preview_typed(
    *,
    data: URLEncodedBody[WordsForm],
    desk: NamedDependency[Desk],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Show the mail with made-up values, as it is typed; nothing is stored."""
    try:
        own = desk.check(data)
    except WordsRefusedError as error:
        label = {"subject": lazy_gettext("Subject"), "words": lazy_gettext("Words")}[error.field]
        return _plain(f"{translator.text(label)}: {translator.text(refusal_text(error))}")
    mail = await _rendered(portal, desk, own)
    return _plain(f"{mail.subject}\n\n{mail.text}") if data.part == "text" else _document(mail)


async def _rendered(portal: RunningPortal, desk: Desk, own: OwnWords | None) -> RenderedMail:
    logo = await mail_logo(portal, desk.paper.letterhead)
    address = None
    if logo is not None:
        # The preview is closed to everything outside, the portal's own pictures among it.
        address = f"data:image/{logo.subtype};base64,{base64.b64encode(logo.content).decode()}"
    text = words_of(desk.paper, desk.template, desk.values, own)
    return render_mail(desk.paper, desk.template, text, values=desk.values, logo_url=address)


def _document(mail: RenderedMail) -> Response[Any]:
    return Response(mail.html, media_type=MediaType.HTML, headers=_PREVIEW_HEADERS, status_code=200)


def _plain(text: str) -> Response[Any]:
    html = Markup(
        '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        '<pre style="margin:24px;font:15px/1.5 ui-monospace,monospace;white-space:pre-wrap;'
        'overflow-wrap:anywhere">{}</pre>'
    ).format(text)
    return Response(html, media_type=MediaType.HTML, headers=_PREVIEW_HEADERS, status_code=200)


@post(
    "/mail-templates/{template:str}/{locale:str}/sample",
    name="backoffice:mail_template.sample",
    opt=WORDS_OPT,
    dependencies=DESK,
)
async def send_sample(
    *,
    data: URLEncodedBody[WordsForm],
    desk: NamedDependency[Desk],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
) -> Response[Any]:
    """Send the mail as it is typed, with made-up values, to whoever asks for it."""
    try:
        own = desk.check(data)
    except WordsRefusedError as error:
        return await desk.answer(typed=data, wrong=error)
    email = await _send_sample(portal, session, staff, desk, own)
    await desk.note("mail.sample_sent")
    return desk.done(lazy_gettext("A sample is on its way to %(email)s.", email=email))


async def _send_sample(
    portal: RunningPortal, session: AsyncSession, staff: StaffContext, desk: Desk, own: OwnWords
) -> str:
    account = await get_account(
        session, SessionKind.STAFF, business_id=staff.business_id, account_id=staff.staff_id
    )
    if account is None:
        raise NotFoundError(f"staff {staff.staff_id}")
    variables = _leading_nowhere(desk.template.sample())
    values = shown_values(desk.paper, variables, account.name)
    text = words_of(desk.paper, desk.template, values, own)
    marked = desk.paper.translator.gettext("Sample: %(subject)s") % {"subject": text.subject}
    await send_mail(
        session,
        desk.template,
        business_id=staff.business_id,
        to=Recipient(email=account.email, name=account.name, locale=desk.locale),
        variables=variables,
        now=staff.now,
        own=OwnWords(subject=marked[:250], words=text.words),
        valid_until=staff.now + _SAMPLE_FOR,
        unsubscribe_url=None if desk.template.choice is None else _NOWHERE,
        keys=portal.config.secret_keys,
    )
    return account.email


def _leading_nowhere(sample: msgspec.Struct) -> msgspec.Struct:
    links = {
        name: _NOWHERE
        for name in sample.__struct_fields__
        if str(getattr(sample, name)).startswith(("https://", "http://"))
    }
    return msgspec.structs.replace(sample, **links)


MAIL_PREVIEW_ROUTES: Final = (preview_stored, preview_typed, send_sample)
"""Routes of what words look like, below ``/backoffice``."""
