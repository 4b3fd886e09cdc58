"""The sheet: a document as it is printed, and as it is shown on a page."""

from portalkit.rendering.sheet.issuer import Acceptance, Issuer
from portalkit.rendering.sheet.labels import document_label
from portalkit.rendering.sheet.parts import SheetView
from portalkit.rendering.sheet.view import FISCAL_URL, sheet_view

__all__ = ("FISCAL_URL", "Acceptance", "Issuer", "SheetView", "document_label", "sheet_view")
