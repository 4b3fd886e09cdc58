"""Cross Industry Invoice and Order of UN/CEFACT: Factur-X, ZUGFeRD 1 and 2, XRechnung, Order-X."""

from portalkit_einvoice.cii.importer import CiiImporter

__all__ = ("CiiImporter",)
