"""Universal Business Language 2.0 and 2.1, read."""

from portalkit_einvoice.ubl.importer import ROOTS, UblImporter

__all__ = ("ROOTS", "UblImporter")
