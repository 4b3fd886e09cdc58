"""UBL Catalogue, read as products."""

from portalkit_catalog.ubl.catalogue import CatalogueReader

__all__ = ("CatalogueReader",)
