"""The mail with the code by which whoever has a link to a document may act."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from portalkit.hooks import EmailTemplate
from portalkit.model import lazy_gettext

__all__ = ("SHARE_CODE", "ShareCode")


class ShareCode(msgspec.Struct, frozen=True, kw_only=True):
    """Six digits for the browser that asked.

    Attributes:
        document: Number of the document that was shared.
        until: When the code ends.
    """

    code: str
    document: str
    until: datetime


def _sample() -> ShareCode:
    return ShareCode(
        code="407316", document="P-2026-0042", until=datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
    )


SHARE_CODE: Final = EmailTemplate(
    name="access.share_code",
    title=lazy_gettext("Code for a shared document"),
    description=lazy_gettext("When somebody with the link to a document wants to answer it."),
    template="mail/share_code",
    variables=ShareCode,
    sample=_sample,
    reason=lazy_gettext("You get this mail because a document of yours was shared by link."),
    secrets=frozenset({"code"}),
)
