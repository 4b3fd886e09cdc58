"""Tables of who: businesses, contacts, people, staff, sessions, links, plugin switches."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portalkit.access.proofs import BoundIdentity, Passkey, RecoveryCode, RememberedDevice, Totp
from portalkit.db import Base, Id

__all__ = (
    "ApiKey",
    "BoundIdentity",
    "Business",
    "Contact",
    "ContactIdentifier",
    "EmailCode",
    "Link",
    "Membership",
    "NotificationChoice",
    "Passkey",
    "Person",
    "PluginSwitch",
    "RecoveryCode",
    "RememberedDevice",
    "SessionRow",
    "Staff",
    "Throttle",
    "Totp",
)


class Business(Base):
    """The company that runs a portal.

    ``version`` grows whenever brand, settings or plugin switches change, so that what a
    process keeps in memory about a business is known to be stale.
    """

    __tablename__ = "portalkit_business"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    host: Mapped[str | None] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    legal_name: Mapped[str | None] = mapped_column(String(200))
    tax_id: Mapped[str | None] = mapped_column(String(40))
    imprint: Mapped[str | None] = mapped_column(String(500))
    address: Mapped[str | None] = mapped_column(String(500))
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(40))
    website: Mapped[str | None] = mapped_column(String(255))
    iban: Mapped[str | None] = mapped_column(String(34))
    bic: Mapped[str | None] = mapped_column(String(11))
    currency: Mapped[str] = mapped_column(String(3))
    timezone: Mapped[str] = mapped_column(String(60))
    locale: Mapped[str] = mapped_column(String(20))
    locales: Mapped[list[str]] = mapped_column(JSON)
    brand_colour: Mapped[str] = mapped_column(String(30))
    logo: Mapped[str | None] = mapped_column(String(64))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class Contact(Base):
    """A customer (or supplier) of a business."""

    __tablename__ = "portalkit_contact"
    __table_args__ = (
        UniqueConstraint("business_id", "external_id"),
        Index("ix_portalkit_contact_list", "business_id", "name_key", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    external_id: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    tax_id: Mapped[str | None] = mapped_column(String(40))
    locale: Mapped[str | None] = mapped_column(String(20))
    currency: Mapped[str | None] = mapped_column(String(3))
    is_enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class ContactIdentifier(Base):
    """What a contact is known by in documents: tax ids, GLN, customer number."""

    __tablename__ = "portalkit_contact_identifier"

    business_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_business.id"), primary_key=True
    )
    scheme: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    contact_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_contact.id", ondelete="CASCADE"), index=True
    )


class Person(Base):
    """Somebody who signs in for one or several contacts of a business."""

    __tablename__ = "portalkit_person"
    __table_args__ = (UniqueConstraint("business_id", "email"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str | None] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_set_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    # Kept with the rows of the factors, in the same transaction: asked at every request.
    has_second_factor: Mapped[bool] = mapped_column(default=False)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    signed_in_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Membership(Base):
    """A person may act for a contact, in a role (owner, buyer, accountant, reader)."""

    __tablename__ = "portalkit_membership"

    person_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_person.id", ondelete="CASCADE"), primary_key=True
    )
    contact_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_contact.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    role: Mapped[str] = mapped_column(String(20))
    # Withdrawn access keeps its row, so that staff see it and can give it back.
    is_enabled: Mapped[bool] = mapped_column(default=True)


class Staff(Base):
    """Somebody who works for the business."""

    __tablename__ = "portalkit_staff"
    __table_args__ = (UniqueConstraint("business_id", "email"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    locale: Mapped[str | None] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_set_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    # Kept with the rows of the factors, in the same transaction: asked at every request.
    has_second_factor: Mapped[bool] = mapped_column(default=False)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    signed_in_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class SessionRow(Base):
    """A signed-in browser; only a hash of its id is stored."""

    __tablename__ = "portalkit_session"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    kind: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_person.id", ondelete="CASCADE"), index=True
    )
    staff_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_staff.id", ondelete="CASCADE"), index=True
    )
    contact_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_contact.id", ondelete="CASCADE"), index=True
    )
    document_id: Mapped[str | None] = mapped_column(Id)
    # The link that opened it, where the session lives no longer than the link.
    link_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_link.id", ondelete="CASCADE"), index=True
    )
    # With which role staff look as the contact.
    view_role: Mapped[str | None] = mapped_column(String(20))
    # How the first factor was proven, and whether a second one was.
    signed_in_by: Mapped[str] = mapped_column(String(40), default="")
    is_strong: Mapped[bool] = mapped_column(default=False)
    user_agent: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Link(Base):
    """A link that lets somebody in: expiry, uses and revocation stand here and only here."""

    __tablename__ = "portalkit_link"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_person.id", ondelete="CASCADE"), index=True
    )
    staff_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_staff.id", ondelete="CASCADE"), index=True
    )
    contact_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_contact.id", ondelete="CASCADE"), index=True
    )
    document_id: Mapped[str | None] = mapped_column(Id, index=True)
    # Who made it, for those who list and revoke it.
    actor_kind: Mapped[str] = mapped_column(String(10), default="")
    actor_id: Mapped[str | None] = mapped_column(Id)
    actor_name: Mapped[str] = mapped_column(String(200), default="")
    landing: Mapped[str | None] = mapped_column(String(2_000))
    is_strong: Mapped[bool] = mapped_column(default=False)
    secret_hash: Mapped[str] = mapped_column(String(64))
    max_uses: Mapped[int | None]
    uses: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiKey(Base):
    """What a system of the business proves itself with at the API; only a hash is stored.

    ``prefix`` is the part of the key that is no secret, by which it is told from others.
    """

    __tablename__ = "portalkit_api_key"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(20))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str | None] = mapped_column(Id)
    actor_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class EmailCode(Base):
    """Six digits that were sent to an address; a row without an owner is nobody's."""

    __tablename__ = "portalkit_email_code"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_person.id", ondelete="CASCADE"), index=True
    )
    staff_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_staff.id", ondelete="CASCADE"), index=True
    )
    link_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_link.id", ondelete="CASCADE"), index=True
    )
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class NotificationChoice(Base):
    """Whether a person wants mails of one kind; without a row the kind's own default holds."""

    __tablename__ = "portalkit_notification_choice"

    person_id: Mapped[str] = mapped_column(
        Id, ForeignKey("portalkit_person.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(60), primary_key=True)
    is_on: Mapped[bool]


class Throttle(Base):
    """How much of a limit is used up, by what is limited (account, address)."""

    __tablename__ = "portalkit_throttle"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    # Generic cell rate algorithm: the moment at which the limit is wholly free again, in
    # milliseconds of Unix time: both databases then count it up in one statement.
    free_at_ms: Mapped[int] = mapped_column(BigInteger, index=True)


class PluginSwitch(Base):
    """A plugin switched on or off for a business, or for one of its contacts."""

    __tablename__ = "portalkit_plugin_switch"
    __table_args__ = (
        UniqueConstraint("business_id", "plugin", "contact_id"),
        # NULL differs from NULL, so the business's own switches need a rule of their own.
        Index(
            "uq_portalkit_plugin_switch_business",
            "business_id",
            "plugin",
            unique=True,
            sqlite_where=text("contact_id IS NULL"),
            postgresql_where=text("contact_id IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    plugin: Mapped[str] = mapped_column(String(31))
    contact_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_contact.id", ondelete="CASCADE"), index=True
    )
    is_enabled: Mapped[bool]
