"""What: kinds of documents, publishing them, lists and pages of them, money due on them."""

from portalkit.documents.canonical import canonical, check_body, digest, read_body
from portalkit.documents.columns import LIST_COLUMNS, OFFER_COLUMNS, PLAIN_COLUMNS
from portalkit.documents.controllers import document_routes
from portalkit.documents.exports import ExportedFile, export_document
from portalkit.documents.publish import PublishOutcome, PublishResult, publish
from portalkit.documents.sessions import gather_events, publish_in, publish_in_sync
from portalkit.documents.tallies import rebuild_totals
from portalkit.documents.totals import compute, compute_line

__all__ = (
    "LIST_COLUMNS",
    "OFFER_COLUMNS",
    "PLAIN_COLUMNS",
    "ExportedFile",
    "PublishOutcome",
    "PublishResult",
    "canonical",
    "check_body",
    "compute",
    "compute_line",
    "digest",
    "document_routes",
    "export_document",
    "gather_events",
    "publish",
    "publish_in",
    "publish_in_sync",
    "read_body",
    "rebuild_totals",
)
