"""Purchase orders in the portal."""

from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.model import lazy_gettext

__all__ = ("manifest",)

manifest = Manifest(name="purchases", title=lazy_gettext("Purchases"), api=HOOK_API)
