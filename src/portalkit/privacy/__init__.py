"""Handing out what is kept about somebody, and forgetting it."""

from portalkit.privacy.answers import SendingPortal, send_personal_data
from portalkit.privacy.erasing import Erasure, erase_personal_data, find_erasure
from portalkit.privacy.exporting import (
    ExportOrder,
    PrivacyPortal,
    documents_of_contact,
    stream_personal_data,
)
from portalkit.privacy.staff import erase_staff
from portalkit.privacy.subjects import Subject, find_subject, get_subject

__all__ = (
    "Erasure",
    "ExportOrder",
    "PrivacyPortal",
    "SendingPortal",
    "Subject",
    "documents_of_contact",
    "erase_personal_data",
    "erase_staff",
    "find_erasure",
    "find_subject",
    "get_subject",
    "send_personal_data",
    "stream_personal_data",
)
