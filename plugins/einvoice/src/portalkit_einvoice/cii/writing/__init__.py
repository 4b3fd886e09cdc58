"""Invoices and credit notes as UN/CEFACT Cross Industry Invoice D16B, profile EN 16931."""

from portalkit_einvoice.cii.writing.document import PROFILE
from portalkit_einvoice.cii.writing.exporter import CiiExporter, obstacles_of, write

__all__ = ("PROFILE", "CiiExporter", "obstacles_of", "write")
