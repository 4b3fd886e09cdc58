"""Factur-X (ZUGFeRD 2): the PDF of a document that carries the same figures as XML."""

from portalkit_einvoice.facturx.exporter import FacturXExporter

__all__ = ("FacturXExporter",)
