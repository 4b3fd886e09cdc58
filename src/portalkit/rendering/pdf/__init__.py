"""PDFs, rendered by processes of their own that can reach nothing but what they are given."""

from portalkit.rendering.pdf.renderer import PdfRenderer
from portalkit.rendering.pdf.wire import ASSET_ROOT

__all__ = ("ASSET_ROOT", "PdfRenderer")
