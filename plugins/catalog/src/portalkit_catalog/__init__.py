"""A catalogue and shop in the portal."""

from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.model import lazy_gettext

__all__ = ("manifest",)

manifest = Manifest(name="catalog", title=lazy_gettext("Catalog"), api=HOOK_API)
