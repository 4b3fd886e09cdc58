"""What a host calls: its customers, their documents, who is let in, and who is not any more."""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Unpack

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.access.business_data import BusinessChanges, update_business
from portalkit.access.businesses import Businesses, BusinessView, list_addresses, load_business
from portalkit.access.colleagues import change_role
from portalkit.access.host_entry import end_host_visit, make_host_link
from portalkit.access.invitations import Inviter, invite_contact
from portalkit.access.people import (
    find_person,
    give_access,
    restore_access,
    withdraw_access,
)
from portalkit.access.permissions import PersonRole, RoleTable
from portalkit.audit import Actor
from portalkit.config import PortalConfig
from portalkit.context import SessionKind
from portalkit.documents.publish import PublishResult
from portalkit.documents.sessions import publish_in
from portalkit.errors import ConflictError, NotFoundError
from portalkit.exchange.contacts import Stated, upsert_contact
from portalkit.exchange.owners import find_forced_contact
from portalkit.hooks import DocumentKind
from portalkit.model import Publication
from portalkit.rendering.logo import prepare_logo
from portalkit.storage import Storage, content_key

__all__ = ("HostCalls",)


class HostCalls:
    """The part of the running portal that is for the host's own code.

    What takes a ``session`` runs in that session's transaction, and its caller commits;
    without one it has a transaction of its own. ``by`` is what the history calls the host,
    ``business`` the slug of one of several.
    """

    config: PortalConfig
    kinds: Mapping[str, DocumentKind]
    roles: RoleTable
    storage: Storage
    businesses: Businesses
    now: Callable[[], datetime]

    @abstractmethod
    def writing(self) -> AsyncSession:
        """Open a session that writes."""

    @abstractmethod
    def schedule_events(self, session: AsyncSession) -> None:
        """Hand what has happened in a committed session to the plugins, in the background."""

    @abstractmethod
    async def address_of(self, session: AsyncSession, business: BusinessView) -> str:
        """Return the address of a business's portal, without a slash at its end."""

    @abstractmethod
    async def inviter(
        self, session: AsyncSession, business: BusinessView, actor: Actor, now: datetime
    ) -> Inviter:
        """Return who invites to a business's portal at this moment, and where it lies."""

    async def business_id(self, business: str | None = None) -> str:
        """Return the id of a business by its slug, or of the only one.

        Raises:
            NotFoundError: If there is no such business, or which is not clear.
        """
        async with self.writing() as session:
            return (await self._business(session, business)).id

    async def upsert_contact(
        self,
        external_id: str,
        *,
        name: str,
        email: Stated = UNSET,
        tax_id: Stated = UNSET,
        locale: Stated = UNSET,
        currency: Stated = UNSET,
        business: str | None = None,
        by: str = "host",
        session: AsyncSession | None = None,
    ) -> str:
        """Add a contact, or change the one of this external id, and return its id.

        What is left out stays as it is, ``None`` removes it; the same again writes nothing.

        Args:
            external_id: The host's own key of the customer.
            name: Name that the portal shows.
            email: Where the first invitation goes.
            tax_id: What imported documents find it by.
            locale: Language of its documents and mails.
            currency: ISO 4217, if it is not the business's own.
            business: Its slug.
            by: Who says so.
            session: The host's own session.

        Raises:
            InputRefusedError: ``field`` is the argument that cannot be stored.
            NotFoundError: If there is no such business.
        """
        async with self._transaction(session, business) as (own, found):
            return await own.run_sync(
                lambda sync: upsert_contact(
                    sync.connection(),
                    found.id,
                    external_id,
                    name=name,
                    email=email,
                    tax_id=tax_id,
                    locale=locale,
                    currency=currency,
                    actor=Actor(kind="host", name=by),
                    now=self.now(),
                )
            )

    async def give_access(
        self,
        contact: str,
        email: str,
        *,
        name: str | None = None,
        role: str | None = None,
        business: str | None = None,
        by: str = "host",
        session: AsyncSession | None = None,
    ) -> str:
        """Let somebody act for a contact and return the person's id; nothing is mailed.

        Whose access was withdrawn gets it back; who has it already keeps it.

        Args:
            contact: Id or external id of the contact.
            email: Of the person, by which they sign in.
            name: Theirs, if they are new (else the first part of the address).
            role: ``owner`` for who is new, if left out; others keep theirs.
            business: Its slug.
            by: Who says so.
            session: The host's own session.

        Raises:
            InputRefusedError: ``field`` is ``email``, ``name`` or ``role``.
            NotFoundError: If there is no such business or contact.
            ConflictError: If somebody else gives the same access at this moment.
        """
        async with self._transaction(session, business) as (own, found):
            actor, now = Actor(kind="host", name=by), self.now()
            contact_id = await _contact_id(own, found.id, contact)
            known = await find_person(own, email, business_id=found.id, contact_id=contact_id)
            if known is None:
                return await give_access(
                    own,
                    business_id=found.id,
                    contact_id=contact_id,
                    email=email,
                    name=name or email.partition("@")[0],
                    role=role or PersonRole.OWNER.value,
                    actor=actor,
                    now=now,
                )
            if role not in {None, known.role}:
                await change_role(
                    own,
                    known,
                    str(role),
                    business_id=found.id,
                    roles=self.roles,
                    actor=actor,
                    now=now,
                )
            with suppress(ConflictError):  # they have it
                await restore_access(own, known, business_id=found.id, actor=actor, now=now)
            return known.id

    async def withdraw_access(
        self,
        contact: str,
        who: str,
        *,
        business: str | None = None,
        by: str = "host",
        session: AsyncSession | None = None,
    ) -> None:
        """Shut somebody out of a contact at once; a second time changes nothing.

        ``contact`` is an id or external id, ``who`` an e-mail address or an id.

        Raises:
            NotFoundError: If nobody of the contact's people is known by this.
        """
        async with self._transaction(session, business) as (own, found):
            contact_id = await _contact_id(own, found.id, contact)
            known = await find_person(own, who, business_id=found.id, contact_id=contact_id)
            if known is None:
                raise NotFoundError(f"nobody acts for contact {contact!r} as {who!r}")
            with suppress(ConflictError):  # it is withdrawn
                await withdraw_access(
                    own,
                    known,
                    business_id=found.id,
                    actor=Actor(kind="host", name=by),
                    now=self.now(),
                )

    async def sign_out(
        self,
        who: str,
        *,
        business: str | None = None,
        is_staff: bool = False,
        by: str = "host",
        session: AsyncSession | None = None,
    ) -> int:
        """End all sessions of somebody, on all devices, and return how many there were.

        ``who`` is an e-mail address or an id; whoever is not known has none.

        Raises:
            NotFoundError: If there is no such business.
        """
        async with self._transaction(session, business) as (own, found):
            return await end_host_visit(
                own,
                who,
                business_id=found.id,
                kind=SessionKind.STAFF if is_staff else SessionKind.PERSON,
                by=by,
                now=self.now(),
            )

    async def publish(
        self,
        publications: Iterable[Publication],
        *,
        business: str | None = None,
        by: str = "host",
        session: AsyncSession | None = None,
    ) -> list[PublishResult]:
        """Publish documents: see :func:`portalkit.documents.publish`.

        Plugins hear of it after the commit; with a session of the host's own, once it calls
        ``schedule_events(session)``.

        Raises:
            NotFoundError: If there is no such business.
        """
        async with self._transaction(session, business) as (own, found):
            return await publish_in(
                own,
                found.id,
                publications,
                kinds=self.kinds,
                storage=self.storage,
                now=self.now(),
                actor=Actor(kind="host", name=by),
            )

    async def update_business(
        self,
        *,
        business: str | None = None,
        by: str = "host",
        picture: bytes | None = None,
        **changes: Unpack[BusinessChanges],
    ) -> None:
        """Change what a business says of itself: name, address, bank account, colour, logo.

        Args:
            business: Its slug.
            by: Who says so.
            picture: A new logo: PNG, JPEG, or SVG of plain shapes.
            changes: What is to change; what is left out stays.

        Raises:
            InputRefusedError: ``field`` is what cannot be stored.
        """
        logo = await asyncio.to_thread(prepare_logo, picture) if picture is not None else None
        async with self._transaction(None, business) as (session, found):
            if logo is not None:
                key = content_key(found.id, logo)
                await self.storage.put(key, logo)
                changes["logo"] = key.rpartition("/")[2]
            await update_business(
                session, found.id, changes, actor=Actor(kind="host", name=by), now=self.now()
            )
        self.businesses.forget()

    async def sign_in_url(
        self,
        who: str,
        *,
        business: str | None = None,
        is_staff: bool = False,
        contact: str | None = None,
        next: str = "",  # noqa: A002 - the word of every address
        valid: timedelta = timedelta(seconds=60),
        by: str = "host",
        has_two_factors: bool = False,
    ) -> str:
        """Return an address that signs in somebody whom the host knows, once and within seconds.

        Send the browser there right away; the portal then asks for a second factor if there
        is one and the host does not vouch for it.

        Args:
            who: E-mail address, or id of the person or member of staff.
            business: Its slug; may be left out where there is one business.
            is_staff: It is a member of staff, who comes into the back office.
            contact: Id or external id of the contact to act for; of several
                the one chosen last if left out.
            next: Path below the portal to go to, ``/sales/invoices``.
            valid: How long the address works, ten minutes at most.
            by: Who says so: what the history calls the host.
            has_two_factors: The host has asked for a second factor itself.

        Raises:
            NotFoundError: If there is no such business, or nobody with access is known by
                this or acts for this contact.
            InputRefusedError: ``field`` is ``valid`` or ``next``.
        """
        async with self._transaction(None, business) as (session, found):
            return await make_host_link(
                session,
                self.config,
                who,
                business_id=found.id,
                address=await self.address_of(session, found),
                kind=SessionKind.STAFF if is_staff else SessionKind.PERSON,
                contact_id=contact and await _contact_id(session, found.id, contact),
                wish=next,
                valid=valid,
                by=by,
                has_two_factors=has_two_factors,
                now=self.now(),
            )

    async def invite(
        self, contact: str, *, business: str | None = None, by: str = "host"
    ) -> Sequence[str]:
        """Invite a contact by mail, and return the addresses that are written to.

        Whoever of its people never signed in is invited; without people its own address becomes
        the first one. An earlier invitation ends.

        Args:
            contact: Id or external id of the contact.
            business: Its slug.
            by: Who says so.

        Raises:
            NotFoundError: If there is no such business or contact.
        """
        async with self._transaction(None, business) as (session, found):
            actor = Actor(kind="host", name=by)
            inviter = await self.inviter(session, found, actor, self.now())
            contact_id = await _contact_id(session, found.id, contact)
            invited = await invite_contact(session, inviter, contact_id)
        return [account.email for account in invited]

    @asynccontextmanager
    async def _transaction(
        self, session: AsyncSession | None, business: str | None
    ) -> AsyncIterator[tuple[AsyncSession, BusinessView]]:
        """Work in the session of the host, which commits it, or in one that is made for this."""
        if session is not None:
            yield session, await self._business(session, business)
            return
        async with self.writing() as own:
            async with own.begin():
                yield own, await self._business(own, business)
            self.schedule_events(own)

    async def _business(self, session: AsyncSession, slug: str | None) -> BusinessView:
        addresses = await list_addresses(session)
        fitting = [each.id for each in addresses if slug in {None, each.slug}]
        business = await load_business(session, fitting[0]) if len(fitting) == 1 else None
        if business is None:
            raise NotFoundError(f"business {slug!r}: which one?")
        return business


async def _contact_id(session: AsyncSession, business_id: str, contact: str) -> str:
    return await session.run_sync(
        lambda sync: find_forced_contact(sync.connection(), business_id, contact)
    )
