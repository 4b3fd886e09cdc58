"""The mail that invites somebody to the portal."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from portalkit.hooks import EmailTemplate
from portalkit.model import lazy_gettext

__all__ = ("INVITATION", "Invitation")


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation to act for a contact.

    Attributes:
        contact: Whose documents they are.
        until: When the link ends.
    """

    link: str
    contact: str
    until: datetime


def _sample() -> Invitation:
    return Invitation(
        link="https://portal.example/i/eyJhbGciOiJIUzI1NiJ9",
        contact="Tienda Sol, S.L.",
        until=datetime(2026, 12, 8, 17, 30, tzinfo=UTC),
    )


INVITATION: Final = EmailTemplate(
    name="access.invitation",
    title=lazy_gettext("Invitation to the portal"),
    description=lazy_gettext("When somebody is invited to act for a contact."),
    template="mail/invitation",
    variables=Invitation,
    sample=_sample,
    action=(lazy_gettext("Open the portal"), "link"),
    reason=lazy_gettext("You get this mail because you were invited to our customer portal."),
    secrets=frozenset({"link"}),
)
