"""Invoices, quotes, proformas, delivery notes and sales orders in the portal."""

from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.model import lazy_gettext

__all__ = ("manifest",)

manifest = Manifest(name="sales", title=lazy_gettext("Sales"), api=HOOK_API)
