"""Puts the page of a contact's people together."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.colleagues import Colleague, list_colleagues
from portalkit.access.invitation_pills import invitation_pill
from portalkit.access.invitations import InvitationState
from portalkit.access.permissions import PersonRole
from portalkit.access.role_words import ROLE_WORDS
from portalkit.context import Audience, PortalContext
from portalkit.i18n import Translator
from portalkit.model import LazyText, Text, lazy_gettext
from portalkit.rendering.page import Crumb, Page
from portalkit.rendering.ui import FormState, Pill
from portalkit.sections.profile.people_views import ColleagueView, PeopleView
from portalkit.web.portal import RunningPortal

__all__ = ("PeoplePage",)

# Among colleagues somebody was let in, by whatever way, or is not in the list.
_IN: LazyText = lazy_gettext("Has access")
_REMOVED: LazyText = lazy_gettext("Removed")


class PeoplePage:
    """Reads who acts for the contact, and answers with the page."""

    def __init__(
        self,
        page: Page,
        session: AsyncSession,
        context: PortalContext,
        portal: RunningPortal,
        translator: Translator,
    ) -> None:
        self._page = page
        self._session = session
        self._context = context
        self._portal = portal
        self._translator = translator

    async def answer(
        self,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        values: Mapping[str, str] | None = None,
        errors: Mapping[str, Text] | None = None,
        problem: Text = "",
    ) -> Response[Any]:
        """Answer with the page.

        Args:
            status: Of the answer.
            values: What was typed to invite somebody.
            errors: What is wrong with it, by field.
            problem: Why something else was refused.
        """
        context, page, translator = self._context, self._page, self._translator
        people = await list_colleagues(
            self._session,
            business_id=context.business_id,
            contact_id=context.contact_id,
            now=context.now,
        )
        owners = [each for each in people if each.is_enabled and each.role == PersonRole.OWNER]
        view = PeopleView(
            contact_name=context.contact_name,
            crumbs=(
                Crumb(label=translator.gettext("Profile"), url=page.url("profile:profile")),
                Crumb(label=translator.gettext("People")),
            ),
            people=tuple(self._colleague(each, is_last=owners == [each]) for each in people),
            invite=FormState(
                url=page.url("profile:people.invite"),
                values=values or {},
                errors={name: translator.text(text) for name, text in (errors or {}).items()},
            ),
            roles=tuple(self._role(role) for role in ROLE_WORDS),
            problem=translator.text(problem),
        )
        return await page.render("profile/people.html", status=status, people=view)

    def _role(self, role: PersonRole) -> tuple[str, str, tuple[str, ...]]:
        """Return a role's value, its name and what it may do here."""
        allowed = self._portal.roles[Audience.CONTACT, role.value]
        labels = {
            permission.name: self._translator.text(permission.label)
            for manifest in self._portal.manifests
            if manifest.name in self._context.active_plugins
            for permission in manifest.permissions
            if permission.name in allowed
        }
        return role.value, self._translator.text(ROLE_WORDS[role]), tuple(labels.values())

    def _colleague(self, person: Colleague, *, is_last: bool) -> ColleagueView:
        translator, seen_at = self._translator, person.seen_at
        role = PersonRole(person.role)
        notes = [translator.text(ROLE_WORDS[role])]
        if seen_at is not None:
            ago = translator.formats.ago(seen_at, self._context.now)
            notes.append(translator.gettext("last here %(ago)s") % {"ago": ago})
        return ColleagueView(
            id=person.id,
            name=person.name or person.email,
            email=person.email if person.name else "",
            role=role.value,
            note=" · ".join(notes),
            exact=translator.formats.moment(seen_at, self._page.zone) if seen_at else "",
            state=self._pill(person),
            is_self=person.id == self._context.person_id,
            was_invited=person.state is not InvitationState.NOT_INVITED,
            **self._acts(person, is_last=is_last),
        )

    def _pill(self, person: Colleague) -> Pill:
        if not person.is_enabled:
            return Pill(label=self._translator.text(_REMOVED), icon="ban", is_calm=True)
        words = _IN if person.state is InvitationState.NOT_INVITED else None
        return invitation_pill(person.state, self._translator, words)

    def _acts(self, person: Colleague, *, is_last: bool) -> dict[str, str | None]:
        """Return where each act on somebody posts; the last owner stays, and stays one."""
        url = self._page.url
        if not person.is_enabled:
            return {"restore_url": url("profile:person.restore", person=person.id)}
        is_in = person.state is InvitationState.ACCEPTED
        return {
            "role_url": None if is_last else url("profile:person.role", person=person.id),
            "invite_url": None if is_in else url("profile:person.invite", person=person.id),
            "remove_url": None if is_last else url("profile:person.remove", person=person.id),
        }
