"""Invoices and credit notes as Facturae 3.2.2, unsigned."""

from portalkit_einvoice.facturae.writing.exporter import FacturaeExporter, obstacles_of, write

__all__ = ("FacturaeExporter", "obstacles_of", "write")
