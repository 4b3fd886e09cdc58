"""Universal Business Language 2.1, written as EN 16931 wants it."""

from portalkit_einvoice.ubl.writing.exporter import UblExporter, obstacles_of, write

__all__ = ("UblExporter", "obstacles_of", "write")
