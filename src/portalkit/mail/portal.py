"""What mail needs of the running portal."""

from collections.abc import Mapping
from typing import Protocol

import msgspec
from jinja2 import Environment
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.hooks import EmailTemplate
from portalkit.i18n import Translator
from portalkit.jobs import JobPortal
from portalkit.mail.letterhead import Letterhead
from portalkit.storage import Storage

__all__ = ("MailChoice", "MailPortal")


class MailChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever gets a mail says of its kind.

    Attributes:
        stop_path: Where they say otherwise, below the portal's address.
    """

    is_wanted: bool
    stop_path: str


class MailPortal(JobPortal, Protocol):
    """The running portal, as far as mail is concerned."""

    environments: Mapping[str, Environment]
    translators: Mapping[str, Translator]
    storage: Storage

    @property
    def mail_templates(self) -> Mapping[str, EmailTemplate]:
        """The sorts of mail of kernel and plugins by name."""
        ...

    async def letterhead(self, session: AsyncSession, business_id: str) -> Letterhead:
        """Return how a business looks in its mails.

        Raises:
            NotFoundError: If there is no such business.
        """
        ...

    async def mail_choice(
        self, session: AsyncSession, *, business_id: str, email: str, kind: str
    ) -> MailChoice | None:
        """Return what somebody says of mails of a kind; ``None`` if nobody has this address."""
        ...
