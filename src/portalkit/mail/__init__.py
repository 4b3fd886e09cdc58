"""Mail: written in the caller's transaction, sent by a job, never lost."""

from portalkit.mail.letterhead import Letterhead
from portalkit.mail.services import OwnWords, Recipient, resend_mail, send_mail

__all__ = ("Letterhead", "OwnWords", "Recipient", "resend_mail", "send_mail")
