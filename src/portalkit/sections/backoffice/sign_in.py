"""What the business asks of everybody who signs in."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.browser import Entrance
from portalkit.access.businesses import BusinessView
from portalkit.access.rules import SignInRules, sign_in_rules, store_sign_in_rules
from portalkit.access.share_rules import MAX_HOURS, ShareRules, share_rules, store_share_rules
from portalkit.audit import Actor
from portalkit.context import StaffContext
from portalkit.i18n import Translator
from portalkit.model import lazy_gettext
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.sections.backoffice.permissions import SET_SIGN_IN

__all__ = ("SIGN_IN_ROUTES",)

_MAY_SET: Final = {"permission": SET_SIGN_IN}


class RulesForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules; a box that is not ticked is not sent."""

    staff_need_second: bool = False
    contacts_need_second: bool = False
    providers_match_email: bool = False


class ShareForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a link to a document works, in hours."""

    hours: Annotated[int, msgspec.Meta(ge=1, le=MAX_HOURS)]


@get("/sign-in", name="backoffice:sign_in", opt=_MAY_SET)
async def show_rules(
    *,
    page: NamedDependency[Page],
    business: NamedDependency[BusinessView],
    entrance: NamedDependency[Entrance],
    translator: NamedDependency[Translator],
) -> Response[Any]:
    """Show what is asked of everybody who signs in."""
    return await page.render(
        "backoffice/sign_in.html",
        crumbs=(Crumb(label=translator.gettext("Sign-in")),),
        rules=sign_in_rules(business.settings),
        has_providers=bool(entrance.providers),
        form_url=page.url("backoffice:sign_in"),
        sharing=share_rules(business.settings),
        max_hours=MAX_HOURS,
        sharing_url=page.url("backoffice:sharing"),
    )


@post("/sign-in", name="backoffice:sign_in.post", opt=_MAY_SET)
async def set_rules(
    *,
    data: URLEncodedBody[RulesForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
) -> Response[Any]:
    """Set what is asked of everybody who signs in; it holds from the next request on."""
    rules = SignInRules(
        staff_need_second=data.staff_need_second,
        contacts_need_second=data.contacts_need_second,
        providers_match_email=data.providers_match_email,
    )
    await store_sign_in_rules(
        session, rules, business_id=staff.business_id, actor=Actor.of(staff), now=staff.now
    )
    notice = Notice(text=lazy_gettext("It is kept, and holds from now on."))
    return page.redirect(page.url("backoffice:sign_in"), notice=notice)


@post("/sign-in/sharing", name="backoffice:sharing", opt=_MAY_SET)
async def set_sharing(
    *,
    data: URLEncodedBody[ShareForm],
    page: NamedDependency[Page],
    session: NamedDependency[AsyncSession],
    staff: NamedDependency[StaffContext],
) -> Response[Any]:
    """Set how long links to documents work that are made from now on."""
    await store_share_rules(
        session,
        ShareRules(hours=data.hours),
        business_id=staff.business_id,
        actor=Actor.of(staff),
        now=staff.now,
    )
    notice = Notice(text=lazy_gettext("It is kept, and holds for new links."))
    return page.redirect(page.url("backoffice:sign_in"), notice=notice)


SIGN_IN_ROUTES: Final = (show_rules, set_rules, set_sharing)
"""Routes of the rules, below ``/backoffice``."""
