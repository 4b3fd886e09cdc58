"""Tables of what proves who somebody is, beside a password.

Each row belongs to a person or to a member of staff, and to nobody else.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portalkit.db import Base, Id

__all__ = ("BoundIdentity", "Passkey", "RecoveryCode", "RememberedDevice", "Totp")


class _Owned:
    """Whose it is: exactly one of the two."""

    business_id: Mapped[str] = mapped_column(Id, ForeignKey("portalkit_business.id"))
    person_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_person.id", ondelete="CASCADE"), index=True
    )
    staff_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("portalkit_staff.id", ondelete="CASCADE"), index=True
    )


class Totp(_Owned, Base):
    """An app that shows a six-digit code; its secret is sealed (see :mod:`.seals`)."""

    __tablename__ = "portalkit_totp"
    __table_args__ = (UniqueConstraint("person_id"), UniqueConstraint("staff_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    secret: Mapped[str] = mapped_column(String(200))
    # The newest period of 30 seconds whose code was used: each code counts once.
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


class RecoveryCode(_Owned, Base):
    """A code on paper for whoever has lost the second factor; only its hash is stored."""

    __tablename__ = "portalkit_recovery_code"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Passkey(_Owned, Base):
    """A key pair of a device; the public half and its counter.

    ``credential_id`` and ``public_key`` are base64url without padding.
    """

    __tablename__ = "portalkit_passkey"
    __table_args__ = (UniqueConstraint("business_id", "credential_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    # 1,023 bytes at most (WebAuthn, 5.8.3).
    credential_id: Mapped[str] = mapped_column(String(1_364))
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class RememberedDevice(_Owned, Base):
    """A browser that is not asked for the second factor; only a hash of its token is stored."""

    __tablename__ = "portalkit_remembered_device"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class BoundIdentity(_Owned, Base):
    """Whom somebody is known as by an auth provider (issuer and subject of OpenID Connect)."""

    __tablename__ = "portalkit_identity"
    __table_args__ = (UniqueConstraint("business_id", "kind", "provider", "issuer", "subject"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    provider: Mapped[str] = mapped_column(String(31))
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    # As the provider said when it was bound; shown to its owner, compared with nothing.
    email: Mapped[str] = mapped_column(String(254))
    used_at: Mapped[datetime]
    created_at: Mapped[datetime]
