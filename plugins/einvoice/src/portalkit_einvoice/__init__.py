"""Electronic documents for the portal: UBL in."""

from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.model import lazy_gettext

__all__ = ("manifest",)

manifest = Manifest(name="einvoice", title=lazy_gettext("Electronic invoices"), api=HOOK_API)
