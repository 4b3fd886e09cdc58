"""The page of the staff: who they are, what they may do, what can be done with them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from litestar import Response
from litestar.di import NamedDependency, Provide
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import Account
from portalkit.access.businesses import BusinessView
from portalkit.access.passwords import MIN_PASSWORD
from portalkit.access.permissions import StaffRole
from portalkit.access.role_words import STAFF_ROLE_WORDS
from portalkit.access.staff import StaffEntry, list_staff
from portalkit.access.staff_links import invite_staff, make_staff_link
from portalkit.audit import Actor
from portalkit.context import Audience, StaffContext
from portalkit.hooks import Tone
from portalkit.i18n import Translator
from portalkit.model import LazyText, Text, lazy_gettext
from portalkit.rendering.page import Crumb, Notice, Page
from portalkit.rendering.ui import FormState, Pill
from portalkit.sections.backoffice.staff_views import MemberView, StaffRoleView, StaffView
from portalkit.web.portal import RunningPortal

__all__ = ("STAFF_PAGE", "StaffPage")

_WITHDRAWN: Final = lazy_gettext("Withdrawn")
_INVITED: Final = lazy_gettext("Invited")
_IN: Final = lazy_gettext("Has access")
_SECOND: Final = lazy_gettext("Second step")
_NO_SECOND: Final = lazy_gettext("No second step")


class StaffPage:
    """Puts the page of the staff together and answers with it."""

    def __init__(
        self,
        page: NamedDependency[Page],
        session: NamedDependency[AsyncSession],
        staff: NamedDependency[StaffContext],
        portal: NamedDependency[RunningPortal],
        translator: NamedDependency[Translator],
    ) -> None:
        self._page = page
        self._session = session
        self._staff = staff
        self._portal = portal
        self._translator = translator

    async def answer(
        self,
        *,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, Text] | None = None,
        new_link: tuple[str, str] | None = None,
    ) -> Response[Any]:
        """Read the members of staff and answer with the page.

        Args:
            typed: What was typed into the form of somebody new.
            errors: What is wrong with it, by field.
            new_link: Name of a member and the link that was just made for them.
        """
        text, config = self._translator.text, self._portal.config
        members = await list_staff(self._session, business_id=self._staff.business_id)
        view = StaffView(
            crumbs=(Crumb(label=self._translator.gettext("Staff")),),
            members=tuple(self._member(each) for each in members),
            roles=tuple(self._role(role) for role in StaffRole),
            add=FormState(
                url=self._page.url("backoffice:staff.add"),
                values=typed or {"role": StaffRole.READER.value},
                errors={field: text(wrong) for field, wrong in (errors or {}).items()},
            ),
            min_password=MIN_PASSWORD,
            has_passwords=config.access.password_sign_in,
            sends_mail=config.smtp_url is not None,
            new_link=new_link,
        )
        status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
        return await self._page.render("backoffice/staff.html", status=status, staff=view)

    async def let_in(self, account: Account, business: BusinessView) -> Response[Any]:
        """Send a link by mail; where there is no mail server it is shown, this once."""
        staff = self._staff
        inviter = await self._portal.inviter(self._session, business, Actor.of(staff), staff.now)
        if self._portal.config.smtp_url is None:
            link = await make_staff_link(self._session, inviter, account)
            return await self.answer(new_link=(account.name, link))
        await invite_staff(self._session, inviter, account)
        text = lazy_gettext("The link for %(email)s is on its way.", email=account.email)
        return self.done(text)

    def done(self, text: LazyText) -> Response[Any]:
        """Go back to the page and say what was done."""
        return self._page.redirect(self._page.url("backoffice:staff"), notice=Notice(text=text))

    def _role(self, role: StaffRole) -> StaffRoleView:
        text = self._translator.text
        allowed = self._portal.roles[Audience.STAFF, role.value]
        allows = tuple(
            text(permission.label)
            for manifest in self._portal.manifests
            if manifest.name in self._staff.active_plugins
            for permission in manifest.permissions
            # What contacts' people may do as well says nothing about staff.
            if permission.name in allowed and permission.roles == frozenset()
        )
        return StaffRoleView(value=role.value, label=text(STAFF_ROLE_WORDS[role]), allows=allows)

    def _member(self, member: StaffEntry) -> MemberView:
        translator, seen_at = self._translator, member.signed_in_at
        is_known = member.role in set(StaffRole)
        role = STAFF_ROLE_WORDS[StaffRole(member.role)] if is_known else member.role
        seen = translator.gettext("never signed in")
        if seen_at is not None:
            ago = translator.formats.ago(seen_at, self._staff.now)
            seen = translator.gettext("last sign-in %(ago)s") % {"ago": ago}
        second = _SECOND if member.has_second_factor else _NO_SECOND
        return MemberView(
            id=member.id,
            name=member.name,
            email=member.email,
            role=member.role,
            note=f"{translator.text(role)} · {translator.text(second)} · {seen}",
            exact=translator.formats.moment(seen_at, self._page.zone) if seen_at else "",
            access=self._access(member),
            is_self=member.id == self._staff.staff_id,
            **self._acts(member),
        )

    def _access(self, member: StaffEntry) -> Pill:
        text = self._translator.text
        if not member.is_enabled:
            return Pill(label=text(_WITHDRAWN), icon="ban", is_calm=True)
        if member.signed_in_at is None:
            return Pill(label=text(_INVITED), icon="mail", tone=Tone.INFO)
        return Pill(label=text(_IN), icon="circle-check", tone=Tone.POSITIVE, is_calm=True)

    def _acts(self, member: StaffEntry) -> dict[str, str | None]:
        """Return where each act on a member posts; nobody acts on themselves here."""

        def url(act: str) -> str:
            return self._page.url(f"backoffice:staff.{act}", member=member.id)

        if member.id == self._staff.staff_id:
            return {}
        if not member.is_enabled:
            return {"enable_url": url("enable")}
        return {
            "role_url": url("role"),
            "link_url": url("link"),
            "factors_url": url("factors") if member.has_second_factor else None,
            "disable_url": url("disable"),
        }


STAFF_PAGE: Final = {"office": Provide(StaffPage, sync_to_thread=False)}
"""Hands a route the page that it answers with."""
