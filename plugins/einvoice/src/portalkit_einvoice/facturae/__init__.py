"""Facturae 3.2, the electronic invoice of Spain: read."""

from portalkit_einvoice.facturae.importer import FacturaeImporter

__all__ = ("FacturaeImporter",)
