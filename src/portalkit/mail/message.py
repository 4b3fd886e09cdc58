"""The bytes of a mail, as RFC 5322 and MIME want them."""

from datetime import datetime
from typing import Any, Final

import msgspec

from portalkit.mail.rendering import RenderedMail
from portalkit.mail.services import one_line
from portalkit.model import wire_mailbox

__all__ = ("LOGO_CID", "Envelope", "MailLogo", "build_message")

LOGO_CID: Final = "logo"


class MailLogo(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that travels with the mail; ``subtype`` is ``png`` or ``jpeg``."""

    content: bytes
    subtype: str


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the headers beside the subject."""

    message_id: str
    sender_name: str
    sender: str
    to_name: str
    to_email: str
    reply_to: str | None
    locale: str
    unsubscribe_url: str | None
    date: datetime

    @property
    def is_utf8(self) -> bool:
        """Whether an address has letters beyond ASCII before its ``@`` (RFC 6532)."""
        addresses = (self.sender, self.to_email, self.reply_to or "")
        return not all(address.rpartition("@")[0].isascii() for address in addresses)


def build_message(envelope: Envelope, mail: RenderedMail, logo: MailLogo | None) -> bytes:
    """Return a mail with a text and an HTML part, and the logo beside the latter.

    Raises:
        ValueError: If an address cannot be written in a header.
    """
    from email.message import EmailMessage  # noqa: PLC0415 - only where a mail is made
    from email.policy import SMTP, SMTPUTF8  # noqa: PLC0415
    from email.utils import format_datetime  # noqa: PLC0415

    message = EmailMessage(policy=SMTPUTF8 if envelope.is_utf8 else SMTP)
    message["Message-ID"] = envelope.message_id
    message["Date"] = format_datetime(envelope.date)
    message["From"] = _mailbox(envelope.sender_name, envelope.sender)
    message["To"] = _mailbox(envelope.to_name, envelope.to_email)
    if envelope.reply_to is not None:
        message["Reply-To"] = _mailbox("", envelope.reply_to)
    message["Subject"] = one_line(mail.subject)
    # Nobody's automatic reply should answer to it (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    if envelope.unsubscribe_url is not None:
        # RFC 8058: one click, by POST, without a page in between.
        message["List-Unsubscribe"] = f"<{one_line(envelope.unsubscribe_url)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    # Last, or it would move into the text part, as all that begins with Content does.
    message["Content-Language"] = envelope.locale
    if logo is not None:
        part: Any = message.get_payload(1)
        part.add_related(
            logo.content,
            "image",
            logo.subtype,
            cid=f"<{LOGO_CID}>",
            disposition="inline",
            filename=f"logo.{logo.subtype}",
        )
    return message.as_bytes()


def _mailbox(name: str, address: str) -> Any:
    from email.headerregistry import Address  # noqa: PLC0415 - only where a mail is made

    local, _, domain = wire_mailbox(address).rpartition("@")
    return Address(display_name=one_line(name), username=local, domain=domain)
