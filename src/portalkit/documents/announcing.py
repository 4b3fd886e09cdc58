"""*New documents for you*: one mail for each person and batch, to those who want it.

Nothing of it happens while a document is published: a job looks every ten minutes for what is
new. Each document is told of once, which its event sees to, in the transaction of the mails.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, cast

import msgspec
from sqlalchemy import String, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from portalkit.access.businesses import BusinessView, list_addresses, load_business
from portalkit.access.models import Contact, Membership, Person, PluginSwitch
from portalkit.access.permissions import RoleTable, active_plugins, permissions_for
from portalkit.audit import Actor, Event, record_once
from portalkit.config import PortalConfig
from portalkit.context import Audience, PortalContext, SessionKind
from portalkit.documents.models import DocumentRow
from portalkit.documents.visibility import ViewerPortal, restrictions_of, visible_documents
from portalkit.documents.write import PUBLISHED
from portalkit.hooks import EmailTemplate, Hooks, Job, JobContext, Manifest
from portalkit.i18n import Translator, closest_locale
from portalkit.mail.portal import MailPortal
from portalkit.mail.services import Recipient, send_mail
from portalkit.model import lazy_gettext

__all__ = ("ANNOUNCE", "DOCUMENTS_ANNOUNCED", "DocumentsAnnounced", "announcing_mails")

ANNOUNCED: Final = "document.announced"
# What was published before that is old by now, also if it was never told.
_LOOK_BACK: Final = timedelta(days=1)
# A document from the books of last year is no news.
_NEWS_FOR: Final = timedelta(days=31)
_LISTED: Final = 10
_BATCH: Final = 2_000
# Imports are by the system: they bring the past.
_PUBLISHERS: Final = ("staff", "host")
_PORTAL: Final = Actor(kind="system")


class DocumentsAnnounced(msgspec.Struct, frozen=True, kw_only=True):
    """What is new for a contact.

    Attributes:
        documents: Kind and number of each, a line each.
    """

    contact: str
    count: int
    documents: str
    link: str


def _sample() -> DocumentsAnnounced:
    return DocumentsAnnounced(
        contact="Tienda Sol",
        count=2,
        documents="F26-0412\nA26-0733",
        link="https://portal.example/",
    )


DOCUMENTS_ANNOUNCED: Final = EmailTemplate(
    name="documents.announced",
    title=lazy_gettext("New documents"),
    description=lazy_gettext("To a contact's people, at most every ten minutes."),
    template="mail/documents_announced",
    variables=DocumentsAnnounced,
    sample=_sample,
    action=(lazy_gettext("Open the portal"), "link"),
    reason=lazy_gettext("You get this mail because you have access to our customer portal."),
    choice=lazy_gettext("When there are new documents for us"),
)


def announcing_mails(config: PortalConfig) -> tuple[EmailTemplate, ...]:
    """Return the mails of this module, as a host has set whether they leave."""
    is_sent = config.mail.announce_documents
    return (msgspec.structs.replace(DOCUMENTS_ANNOUNCED, is_sent=is_sent),)


class AnnouncingPortal(MailPortal, ViewerPortal, Protocol):
    """The running portal, as far as this job is concerned."""

    hooks: Hooks
    roles: RoleTable
    manifests: Sequence[Manifest]
    translators: Mapping[str, Translator]

    def offered_locales(self, wanted: Sequence[str]) -> Sequence[str]:
        """Return those of the languages that the portal has."""
        ...


class _Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may be written to."""

    person_id: str
    contact_id: str
    email: str
    name: str
    role: str
    locale: str | None
    contact_name: str
    currency: str | None


async def _announce(context: JobContext, _: None) -> None:
    """Tell the people of each contact what is new and what they may see."""
    portal = cast("AnnouncingPortal", context.portal)
    if not portal.config.mail.announce_documents:
        return
    async with portal.reading() as session:
        letters = []
        for address in await list_addresses(session):
            business = await load_business(session, address.id)
            if business is not None:
                letters += await _letters(portal, session, business, context.now)
    for letter in letters:
        await letter.send(context)


class _Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What is new for one contact, and who is told what of it."""

    business_id: str
    contact_id: str
    documents: tuple[str, ...]
    mails: tuple[tuple[Recipient, DocumentsAnnounced], ...]

    async def send(self, context: JobContext) -> None:
        """Write the mails, unless somebody else has told of one of the documents meanwhile."""
        news = [
            await record_once(
                context.session,
                business_id=self.business_id,
                contact_id=self.contact_id,
                document_id=document_id,
                name=ANNOUNCED,
                actor=_PORTAL,
                at=context.now,
                once_key=f"announced:{document_id}",
            )
            for document_id in self.documents
        ]
        if not any(news):
            return
        for recipient, variables in self.mails:
            await send_mail(
                context.session,
                DOCUMENTS_ANNOUNCED,
                business_id=self.business_id,
                to=recipient,
                variables=variables,
                now=context.now,
                # Of each contact, so of each document too: one mail tells of several.
                thread=self.contact_id,
            )


async def _letters(
    portal: AnnouncingPortal, session: AsyncSession, business: BusinessView, now: datetime
) -> list[_Letter]:
    fresh = await _fresh(session, business.id, now)
    if not fresh:
        return []
    link = (await portal.letterhead(session, business.id)).portal_url
    letters = []
    for contact_id, documents in fresh.items():
        switches = await _switches(session, contact_id)
        readers = await _readers(session, contact_id)
        people = [_context(portal, business, switches, reader, now) for reader in readers]
        mails = [
            (
                Recipient(email=reader.email, name=reader.name, locale=who.locale),
                DocumentsAnnounced(
                    contact=who.contact_name,
                    count=len(lines),
                    documents="\n".join(lines[:_LISTED]),
                    link=link,
                ),
            )
            for reader, who in zip(readers, people, strict=True)
            if (lines := await _lines(portal, session, who, documents))
        ]
        letters.append(
            _Letter(
                business_id=business.id,
                contact_id=contact_id,
                documents=tuple(documents),
                mails=tuple(mails),
            )
        )
    return letters


async def _fresh(
    session: AsyncSession, business_id: str, now: datetime
) -> Mapping[str, Collection[str]]:
    """Return the documents that nobody was told of, by contact."""
    told = aliased(Event)
    key = literal("announced:", String) + Event.document_id
    since = f"{int((now - _LOOK_BACK).timestamp() * 1_000):012x}"
    rows = await session.execute(
        select(DocumentRow.contact_id, DocumentRow.id)
        .join(Event, Event.document_id == DocumentRow.id)
        .where(
            Event.business_id == business_id,
            # Ids begin with their moment, so that the index finds the newest ones.
            Event.id >= f"{since[:8]}-{since[8:]}",
            Event.name == PUBLISHED,
            Event.actor_kind.in_(_PUBLISHERS),
            DocumentRow.issued_on >= (now - _NEWS_FOR).date(),
            ~exists().where(told.once_key == key),
        )
        .order_by(DocumentRow.contact_id, DocumentRow.id)
        .limit(_BATCH)
    )
    fresh: dict[str, dict[str, None]] = {}
    for contact_id, document_id in rows.all():
        fresh.setdefault(contact_id, {})[document_id] = None
    return fresh


async def _switches(session: AsyncSession, contact_id: str) -> Mapping[str, bool]:
    rows = await session.execute(
        select(PluginSwitch.plugin, PluginSwitch.is_enabled).where(
            PluginSwitch.contact_id == contact_id
        )
    )
    return {row[0]: row[1] for row in rows.all()}


async def _readers(session: AsyncSession, contact_id: str) -> Sequence[_Reader]:
    """Return who may enter, and has done so before: nobody hears of a portal by such a mail."""
    rows = await session.execute(
        select(
            Person.id.label("person_id"),
            Person.email,
            Person.name,
            Membership.role,
            func.coalesce(Person.locale, Contact.locale).label("locale"),
            Membership.contact_id,
            Contact.name.label("contact_name"),
            Contact.currency,
        )
        .join(Membership, Membership.person_id == Person.id)
        .join(Contact, Contact.id == Membership.contact_id)
        .where(
            Membership.contact_id == contact_id,
            Membership.is_enabled,
            Contact.is_enabled,
            Person.is_enabled,
            Person.signed_in_at.is_not(None),
        )
        .order_by(Person.id)
    )
    return [_Reader(**row) for row in rows.mappings()]


def _context(
    portal: AnnouncingPortal,
    business: BusinessView,
    switches: Mapping[str, bool],
    reader: _Reader,
    now: datetime,
) -> PortalContext:
    """Return the eyes with which a person would look, so that no mail says more than a page."""
    active = active_plugins(portal.manifests, business.switches, switches)
    offered = portal.offered_locales((business.locale, *business.locales))
    return PortalContext(
        business_id=business.id,
        contact_id=reader.contact_id,
        person_id=reader.person_id,
        kind=SessionKind.PERSON,
        name=reader.name,
        contact_name=reader.contact_name,
        role=reader.role,
        locale=closest_locale(reader.locale or "", offered) or offered[0],
        zone=business.timezone,
        currency=reader.currency or business.currency,
        now=now,
        permissions=permissions_for(portal.roles, Audience.CONTACT, reader.role, active=active),
        active_plugins=active,
    )


async def _lines(
    portal: AnnouncingPortal,
    session: AsyncSession,
    who: PortalContext,
    documents: Collection[str],
) -> list[str]:
    denied = await portal.hooks.deny_permissions(session, who)
    who = msgspec.structs.replace(who, permissions=who.permissions - denied)
    translator = portal.translators[who.locale]
    seen = visible_documents(who, restrictions_of(portal, who))
    rows: Any = await session.execute(
        select(DocumentRow.kind, DocumentRow.number)
        .where(seen, DocumentRow.id.in_(documents))
        .order_by(DocumentRow.issued_on, DocumentRow.number_key, DocumentRow.id)
    )
    return [f"{translator.text(portal.kinds[kind].title)} {number}" for kind, number in rows.all()]


ANNOUNCE: Final = Job(name="documents.announce", run=_announce, cron="*/10 * * * *")
"""Comes by the clock; it does nothing unless ``mail.announce_documents`` is set."""
