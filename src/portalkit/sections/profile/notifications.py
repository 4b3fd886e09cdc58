"""Which mails somebody wants: a switch for each kind that is not necessary."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Browser
from portalkit.access.choices import find_subscriber, list_choices, set_choice
from portalkit.context import PortalContext
from portalkit.errors import InputRefusedError
from portalkit.hooks import EmailTemplate
from portalkit.i18n import Translator
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Notice, Page
from portalkit.sections.profile.views import MailSwitch
from portalkit.web.portal import RunningPortal

__all__ = ("choose_mails", "mail_switches")


class MailsForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Kinds of mail that are switched on; those that are off are not sent by the browser."""

    on: str | list[str] = []


def _offered(portal: RunningPortal, context: PortalContext) -> Sequence[EmailTemplate]:
    """Return the sorts of mail that can be switched off, of the kernel and of active plugins."""
    owners = {
        declared.value.name: declared.plugin
        for declared in portal.registry.declarations.email_templates
    }
    return [
        template
        for template in portal.mail_templates.values()
        if template.choice is not None
        and template.is_sent
        and owners.get(template.name, "profile") in context.active_plugins
    ]


async def mail_switches(
    session: AsyncSession, portal: RunningPortal, context: PortalContext, translator: Translator
) -> tuple[MailSwitch, ...]:
    """Return the switches of whoever is signed in."""
    if context.person_id is None:
        return ()
    chosen: Mapping[str, bool] = await list_choices(session, context.person_id)
    return tuple(
        MailSwitch(
            kind=template.name,
            label=translator.text(template.choice or ""),
            is_on=chosen.get(template.name, True),
        )
        for template in _offered(portal, context)
    )


@post("/mails", name="profile:mails", opt={"stays_open": True})
async def choose_mails(
    *,
    data: URLEncodedBody[MailsForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    portal: NamedDependency[RunningPortal],
    context: NamedDependency[PortalContext],
    browser: NamedDependency[Browser],
) -> Response[Any]:
    """Keep the choices."""
    wanted = {data.on} if isinstance(data.on, str) else set(data.on)
    offered = {template.name for template in _offered(portal, context)}
    if unknown := sorted(wanted - offered):
        raise InputRefusedError("on", f"{unknown[0][:60]!r} is no sort of mail")
    for kind in sorted(offered):
        subscriber = await find_subscriber(
            session, business_id=context.business_id, kind=kind, person_id=context.person_id
        )
        if subscriber is not None:
            await set_choice(
                session,
                subscriber,
                is_on=kind in wanted,
                now=browser.now,
                contact_id=context.contact_id,
            )
    notice = Notice(text=lazy_gettext("Your choice of mails is saved."))
    return page.redirect(f"{page.url('profile:profile')}#mails", notice=notice)
