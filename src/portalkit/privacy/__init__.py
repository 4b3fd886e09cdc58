"""Handing out what is kept about somebody, and forgetting it."""

from portalkit.privacy.erasing import Erasure, erase_personal_data
from portalkit.privacy.exporting import (
    ExportOrder,
    PrivacyPortal,
    documents_of_contact,
    stream_personal_data,
)
from portalkit.privacy.subjects import Subject, find_subject, get_subject

__all__ = (
    "Erasure",
    "ExportOrder",
    "PrivacyPortal",
    "Subject",
    "documents_of_contact",
    "erase_personal_data",
    "find_subject",
    "get_subject",
    "stream_personal_data",
)
