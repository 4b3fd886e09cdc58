"""EN 16931, whatever the syntax: what it can express of a document, and how that must look."""

from portalkit_einvoice.en16931.conform import conform
from portalkit_einvoice.en16931.glance import glance
from portalkit_einvoice.en16931.texts import cleaned

__all__ = ("cleaned", "conform", "glance")
