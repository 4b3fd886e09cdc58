"""A contact's page: its people, their access, its plugins."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.accounts import canonical_email, is_email
from portalkit.access.invitation_pills import invitation_pill
from portalkit.access.invitations import InvitationState, list_invitations
from portalkit.access.passwords import MIN_PASSWORD
from portalkit.access.people import PersonEntry, list_people
from portalkit.access.permissions import PersonRole, active_plugins
from portalkit.access.role_words import ROLE_WORDS
from portalkit.access.switches import list_contact_switches
from portalkit.context import StaffContext
from portalkit.hooks.types import Slot, Tone
from portalkit.i18n import Translator, language_name
from portalkit.model import LazyText, Text, lazy_gettext
from portalkit.rendering.page import Crumb, Page
from portalkit.rendering.ui import FormState, Pill
from portalkit.sections.backoffice.contacts import access_pill, owed_kinds
from portalkit.sections.backoffice.permissions import (
    GIVE_ACCESS,
    HANDLE_DATA,
    SWITCH_PLUGINS,
    VIEW_AS,
)
from portalkit.sections.backoffice.queries import (
    ContactEntry,
    ContactFigures,
    get_contact,
    list_figures,
)
from portalkit.sections.backoffice.views import ContactView, PersonView, SwitchView
from portalkit.web.portal import RunningPortal

__all__ = ("CONTACT_PAGE", "CONTACT_ROUTES", "ContactPage", "FormErrors", "initials_of")


class FormErrors(msgspec.Struct, frozen=True, kw_only=True):
    """What was wrong with a form of the page.

    Attributes:
        form: ``give``, or the id of the person whose password was to be set.
        errors: Sentences by field.
        values: What was typed, without passwords.
    """

    form: str
    errors: Mapping[str, Text]
    values: Mapping[str, str] = {}


class ContactPage:
    """Puts a contact's page together and answers with it."""

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
        contact_id: str,
        *,
        wrong: FormErrors | None = None,
        new_link: tuple[str, str] | None = None,
    ) -> Response[Any]:
        """Read the contact and answer with its page.

        Args:
            contact_id: Which contact.
            wrong: A form that is shown again, with what is wrong in it.
            new_link: Name of a person and the link that was just made for them.

        Raises:
            NotFoundError: If the business has no such contact.
        """
        business_id = self._staff.business_id
        contact = await get_contact(self._session, business_id=business_id, contact_id=contact_id)
        people = await list_people(self._session, business_id=business_id, contact_id=contact.id)
        states = await list_invitations(
            self._session, business_id=business_id, contact_id=contact.id, now=self._staff.now
        )
        figures = await list_figures(
            self._session,
            [contact.id],
            business_id=business_id,
            owed_kinds=owed_kinds(self._portal),
        )
        return await self._page.render(
            "backoffice/contact.html",
            slots=(Slot.BACKOFFICE_CONTACT_PANEL,),
            subject=contact,
            status=HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY,
            contact=self._view(
                contact,
                people,
                states,
                figures.get(contact.id, ContactFigures()),
                switches=await self._switches(contact.id),
                wrong=wrong,
                new_link=new_link,
            ),
        )

    def _view(
        self,
        contact: ContactEntry,
        people: Sequence[PersonEntry],
        states: Mapping[str, InvitationState],
        figures: ContactFigures,
        *,
        switches: tuple[SwitchView, ...],
        wrong: FormErrors | None,
        new_link: tuple[str, str] | None,
    ) -> ContactView:
        formats = self._translator.formats
        # For a contact that is disabled or erased nobody is let in, whoever asks.
        may_give = contact.is_enabled and self._page.may(GIVE_ACCESS)
        return ContactView(
            name=contact.name,
            initials=initials_of(contact.name),
            crumbs=(
                Crumb(
                    label=self._translator.gettext("Contacts"),
                    url=self._page.url("backoffice:contacts"),
                ),
                Crumb(label=contact.name),
            ),
            access=access_pill(contact, _furthest(people, states), self._translator),
            min_password=MIN_PASSWORD,
            has_passwords=self._portal.config.access.password_sign_in,
            subtitle=contact.email or "",
            facts=self._facts(contact),
            due=tuple(formats.money(due, currency) for currency, due in figures.due.items()),
            is_closed=not contact.is_enabled,
            people=tuple(
                self._person(person, states[person.id], wrong, may_give=may_give)
                for person in people
            ),
            own_address=self._own_address(contact, people) if may_give else None,
            give_access=self._give_form(contact, people, wrong) if may_give else None,
            roles=tuple(
                (role.value, self._translator.text(label)) for role, label in ROLE_WORDS.items()
            ),
            new_link=new_link,
            switches=switches,
            view_url=self._page.url("backoffice:view_as", contact=contact.id)
            if contact.is_enabled and self._page.may(VIEW_AS)
            else None,
            privacy_url=self._page.url("backoffice:privacy", contact=contact.id)
            if self._page.may(HANDLE_DATA)
            else None,
            documents_url=self._documents_url(contact),
            documents_count=formats.number(figures.documents),
        )

    def _own_address(
        self, contact: ContactEntry, people: Sequence[PersonEntry]
    ) -> tuple[str, str] | None:
        email = canonical_email(contact.email or "")
        is_known = email in {person.email for person in people}
        if is_known or not is_email(email):
            return None
        return email, self._page.url("backoffice:contact.own_address", contact=contact.id)

    def _documents_url(self, contact: ContactEntry) -> str | None:
        route = "backoffice:documents"
        if route not in self._portal.routes.formats:
            return None
        return self._page.url(route, contact=contact.id)

    def _facts(self, contact: ContactEntry) -> tuple[tuple[str, str], ...]:
        language = contact.locale and language_name(contact.locale)
        facts = (
            (self._translator.gettext("Tax id"), contact.tax_id),
            (self._translator.gettext("E-mail"), contact.email),
            (self._translator.gettext("Language"), language),
            (self._translator.gettext("Number in your system"), contact.external_id),
        )
        return tuple((label, value) for label, value in facts if value)

    def _give_form(
        self, contact: ContactEntry, people: Sequence[PersonEntry], wrong: FormErrors | None
    ) -> FormState:
        url = self._page.url("backoffice:contact.give", contact=contact.id)
        if wrong is not None and wrong.form == "give":
            return FormState(url=url, values=wrong.values, errors=self._sentences(wrong))
        is_first = contact.email not in {person.email for person in people}
        return FormState(url=url, values={"email": contact.email or ""} if is_first else {})

    def _sentences(self, wrong: FormErrors) -> dict[str, str]:
        return {field: self._translator.text(text) for field, text in wrong.errors.items()}

    def _person(
        self,
        person: PersonEntry,
        state: InvitationState,
        wrong: FormErrors | None,
        *,
        may_give: bool,
    ) -> PersonView:
        translator, seen_at = self._translator, person.signed_in_at
        role = ROLE_WORDS.get(PersonRole(person.role)) if person.role in set(PersonRole) else None
        seen = (
            translator.gettext("last sign-in %(ago)s")
            % {"ago": translator.formats.ago(seen_at, self._staff.now)}
            if seen_at is not None
            else translator.gettext("never signed in")
        )
        return PersonView(
            id=person.id,
            name=person.name,
            initials=initials_of(person.name),
            email=person.email,
            role=person.role,
            note=f"{translator.text(role or person.role)} · {seen}",
            exact=translator.formats.moment(seen_at, self._page.zone) if seen_at else "",
            access=self._person_pill(person, state),
            view_url=self._page.url(
                "backoffice:person.view_as", contact=person.contact_id, person=person.id
            )
            if person.may_enter and self._page.may(VIEW_AS)
            else None,
            **(self._acts(person, state, wrong) if may_give else {}),
        )

    def _acts(
        self, person: PersonEntry, state: InvitationState, wrong: FormErrors | None
    ) -> dict[str, Any]:
        """Return where each act on a person posts."""
        route = {"contact": person.contact_id, "person": person.id}
        url = self._page.url
        if not person.may_enter:
            return {"restore_url": url("backoffice:person.restore", **route)}
        is_wrong = wrong is not None and wrong.form == person.id
        is_in = state is InvitationState.ACCEPTED
        return {
            "set_password": FormState(
                url=url("backoffice:person.password", **route),
                errors=self._sentences(wrong) if is_wrong and wrong is not None else {},
            ),
            "role_url": url("backoffice:person.role", **route),
            "link_url": url("backoffice:person.link", **route),
            "invite_url": None if is_in else url("backoffice:person.invite", **route),
            "revoke_url": url("backoffice:person.invite.revoke", **route)
            if state in {InvitationState.INVITED, InvitationState.OPENED}
            else None,
            "mail_link_url": url("backoffice:person.mail_link", **route) if is_in else None,
            "forget_url": url("backoffice:person.factors", **route)
            if person.has_second_factor
            else None,
            "withdraw_url": url("backoffice:person.withdraw", **route),
        }

    def _person_pill(self, person: PersonEntry, state: InvitationState) -> Pill:
        label, pill = _pill_of(person)
        if label is _IN_USE and state is not InvitationState.ACCEPTED:
            return invitation_pill(state, self._translator)
        return msgspec.structs.replace(pill, label=self._translator.text(label))

    async def _switches(self, contact_id: str) -> tuple[SwitchView, ...]:
        manifests = [
            manifest
            for manifest in self._portal.manifests
            if manifest.activation == "contact" and manifest.name in self._staff.active_plugins
        ]
        if not manifests:
            return ()
        own = await list_contact_switches(
            self._session, business_id=self._staff.business_id, contact_id=contact_id
        )
        active = active_plugins(manifests, {}, own)
        may_switch = self._page.may(SWITCH_PLUGINS)
        return tuple(
            SwitchView(
                name=manifest.name,
                title=self._translator.text(manifest.title),
                description=self._translator.text(manifest.description),
                is_on=manifest.name in active,
                url=self._page.url(
                    "backoffice:contact.switch", contact=contact_id, plugin=manifest.name
                )
                if may_switch
                else None,
            )
            for manifest in manifests
        )


_IN_USE: Final = lazy_gettext("Has access")


def _pill_of(person: PersonEntry) -> tuple[LazyText, Pill]:
    """Return how a person's access stands: what it is called, and how it looks."""
    if not person.may_enter:
        return lazy_gettext("Withdrawn"), Pill(label="", icon="ban", is_calm=True)
    if person.must_change_password and person.has_password:
        return lazy_gettext("First password set"), Pill(label="", icon="key", tone=Tone.INFO)
    if person.signed_in_at is not None and not person.has_password:
        return lazy_gettext("No password"), Pill(label="", icon="circle-dashed", is_calm=True)
    pill = Pill(label="", icon="circle-check", tone=Tone.POSITIVE, is_calm=True)
    return _IN_USE, pill


def _furthest(
    people: Sequence[PersonEntry], states: Mapping[str, InvitationState]
) -> InvitationState:
    """Return how far the invitations of a contact have come, over its people."""
    order = list(InvitationState)
    # Who has signed in counts even after access was withdrawn, as in the list of contacts.
    counted = [
        states[each.id]
        for each in people
        if each.may_enter or states[each.id] is InvitationState.ACCEPTED
    ]
    return max(counted, key=order.index, default=InvitationState.NOT_INVITED)


def initials_of(name: str) -> str:
    """Return the first letters of the first two words of a name."""
    return "".join(word[0] for word in name.split()[:2]).upper()


CONTACT_PAGE: Final = {"contact_page": Provide(ContactPage, sync_to_thread=False)}
"""Hands a route the page that it answers with."""


@get("/contacts/{contact:str}", name="backoffice:contact", dependencies=CONTACT_PAGE)
async def show_contact(
    *, contact: FromPath[str], contact_page: NamedDependency[ContactPage]
) -> Response[Any]:
    """Show a contact."""
    return await contact_page.answer(contact)


CONTACT_ROUTES: Final = (show_contact,)
"""Routes of the page, below ``/backoffice``."""
