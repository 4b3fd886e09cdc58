"""Mail: what waits, what was sent, what failed and why; and sending it once more."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.audit import Actor, record
from portalkit.context import StaffContext
from portalkit.hooks.types import Tone
from portalkit.i18n import Translator
from portalkit.mail.queries import MailEntry, MailFilter, count_mails, list_mails
from portalkit.mail.services import resend_failed, resend_mail
from portalkit.model import LazyText, lazy_gettext, lazy_pgettext
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.rendering.ui import Chip, EmptyState, LinkButton, Pill, SearchBox
from portalkit.sections.backoffice.mail_views import MailRowView, MailsView
from portalkit.sections.backoffice.paging import numbered_pager
from portalkit.sections.backoffice.permissions import EDIT_MAILS, SEE_MAILS
from portalkit.web.portal import RunningPortal

__all__ = ("MAIL_ROUTES",)

_PAGE_SIZE: Final = 25
_MAX_PAGE: Final = 400

_FILTERS: Final[Mapping[MailFilter, LazyText]] = {
    "": lazy_gettext("All"),
    "waiting": lazy_pgettext("mail", "Waiting"),
    "sent": lazy_pgettext("mail", "Sent"),
    "failed": lazy_pgettext("mail", "Failed"),
}
_PILLS: Final[Mapping[str, tuple[LazyText, Pill]]] = {
    "waiting": (_FILTERS["waiting"], Pill(label="", icon="hourglass", tone=Tone.INFO)),
    "sent": (
        _FILTERS["sent"],
        Pill(label="", icon="circle-check", tone=Tone.POSITIVE, is_calm=True),
    ),
    "failed": (_FILTERS["failed"], Pill(label="", icon="alert-triangle", tone=Tone.CRITICAL)),
}


class _Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is asked for."""

    q: str
    status: MailFilter
    number: int

    def url(self, page: Page, **changes: Any) -> str:
        """Return the address of the list with some of it changed; page 1 unless it says so."""
        wish = msgspec.structs.replace(self, **({"number": 1} | changes))
        return page.url(
            "backoffice:mails",
            q=wish.q or None,
            status=wish.status or None,
            page=wish.number if wish.number > 1 else None,
        )


@get("/outbox", name="backoffice:mails", opt={"permission": SEE_MAILS})
async def show_mails(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    portal: NamedDependency[RunningPortal],
    translator: NamedDependency[Translator],
    q: FromQuery[str] = "",
    status: FromQuery[MailFilter] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=_MAX_PAGE)] = 1,
) -> Response[Any]:
    """List the mails of the business, newest first."""
    wish = _Wish(q=q, status=status, number=number)
    counts = await count_mails(session, business_id=staff.business_id, query=q)
    entries = await list_mails(
        session,
        business_id=staff.business_id,
        state=status,
        query=q,
        offset=(number - 1) * _PAGE_SIZE,
        limit=_PAGE_SIZE,
    )
    rows = tuple(
        _row(entry, page=page, staff=staff, portal=portal, translator=translator)
        for entry in entries
    )
    view = _view(page, portal, translator, wish=wish, counts=counts, rows=rows)
    return await page.render("backoffice/mails.html", mails=view)


def _row(
    entry: MailEntry,
    *,
    page: Page,
    staff: StaffContext,
    portal: RunningPortal,
    translator: Translator,
) -> MailRowView:
    formats = translator.formats
    label, pill = _PILLS[entry.state]
    at = entry.finished_at or entry.created_at
    template = portal.mail_templates.get(entry.template)
    what = entry.subject or (translator.text(template.title) if template else entry.template)
    can_be_resent = entry.can_be_resent(staff.now)
    return MailRowView(
        name=entry.to_name,
        email=entry.to_email,
        what=what,
        state=msgspec.structs.replace(pill, label=translator.text(label)),
        note=_note(entry, translator),
        ago=formats.ago(at, staff.now),
        exact=formats.moment(at, page.zone),
        resend_url=page.url("backoffice:mail.resend", mail=entry.id) if can_be_resent else None,
    )


def _note(entry: MailEntry, translator: Translator) -> str:
    if entry.error is None:
        return ""
    # What we say ourselves is in the catalogues; what a server says is not, and stays as it is.
    reason = translator.gettext(entry.error)
    if entry.state != "waiting":
        return reason
    tries = translator.ngettext("%(num)s try", "%(num)s tries", entry.tries)
    return f"{tries % {'num': translator.formats.number(entry.tries)}} · {reason}"


def _view(
    page: Page,
    portal: RunningPortal,
    translator: Translator,
    *,
    wish: _Wish,
    counts: Mapping[MailFilter, int],
    rows: tuple[MailRowView, ...],
) -> MailsView:
    formats = translator.formats
    return MailsView(
        subtitle=translator.ngettext("%(num)s mail", "%(num)s mails", counts[""])
        % {"num": formats.number(counts[""])},
        crumbs=(Crumb(label=translator.gettext("Mail")),),
        rows=rows,
        chips=tuple(
            Chip(
                label=translator.text(label),
                url=wish.url(page, status=name),
                count=formats.number(counts[name]),
                is_current=name == wish.status,
            )
            for name, label in _FILTERS.items()
        ),
        search=SearchBox(
            url=page.url("backoffice:mails"),
            label=translator.gettext("Search mails"),
            placeholder=translator.gettext("Name or e-mail"),
            query=wish.q,
            hidden=(("status", wish.status),) if wish.status else (),
        ),
        has_server=portal.config.smtp_url is not None,
        pager=numbered_pager(
            translator,
            lambda number: wish.url(page, number=number),
            number=wish.number,
            size=_PAGE_SIZE,
            most=_MAX_PAGE,
            shown=len(rows),
            total=counts[wish.status],
        ),
        empty=None if rows else _empty(page, translator, wish),
        templates=_words(page, translator) if page.may(EDIT_MAILS) else None,
        resend_failed_url=page.url("backoffice:mails.resend")
        if counts["failed"] and not wish.q
        else None,
    )


def _words(page: Page, translator: Translator) -> LinkButton:
    return LinkButton(
        label=translator.gettext("Words of mails"),
        url=page.url("backoffice:mail_templates"),
        icon="pencil",
    )


def _empty(page: Page, translator: Translator, wish: _Wish) -> EmptyState:
    if wish.q or wish.status:
        return EmptyState(
            title=translator.gettext("No mail fits"),
            text=translator.gettext("Search for less, or look at all mails."),
            icon="search",
            clear_url=page.url("backoffice:mails"),
        )
    return EmptyState(
        title=translator.gettext("No mails yet"),
        text=translator.gettext("What the portal writes to your contacts will stand here."),
        icon="mail",
    )


@post("/outbox/{mail:str}/resend", name="backoffice:mail.resend", opt={"permission": SEE_MAILS})
async def resend(
    *,
    mail: FromPath[str],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
) -> Response[Any]:
    """Send a mail once more."""
    address = await resend_mail(session, mail, business_id=staff.business_id, now=staff.now)
    await record(
        session,
        business_id=staff.business_id,
        name="mail.resent",
        actor=Actor.of(staff),
        at=staff.now,
        data={"mail": mail},
    )
    text = lazy_gettext("The mail to %(email)s is on its way again.", email=address)
    return page.redirect(page.url("backoffice:mails"), notice=Notice(text=text))


@post("/outbox/resend-failed", name="backoffice:mails.resend", opt={"permission": SEE_MAILS})
async def resend_all_failed(
    *,
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Send all that has failed once more."""
    count = await resend_failed(session, business_id=staff.business_id, now=staff.now)
    if count:
        await record(
            session,
            business_id=staff.business_id,
            name="mail.failed_resent",
            actor=Actor.of(staff),
            at=staff.now,
            data={"mails": count},
        )
    text = translator.ngettext(
        "%(num)s mail is on its way again.", "%(num)s mails are on their way again.", count
    )
    text %= {"num": translator.formats.number(count)}
    return page.redirect(page.url("backoffice:mails"), notice=Notice(text=text))


MAIL_ROUTES: Final = (show_mails, resend, resend_all_failed)
"""Routes of the list, below ``/backoffice``."""
