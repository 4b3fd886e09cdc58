"""PDFs with the document as XML inside: Factur-X, ZUGFeRD and Order-X."""

from portalkit_einvoice.pdf.importer import PdfImporter

__all__ = ("PdfImporter",)
