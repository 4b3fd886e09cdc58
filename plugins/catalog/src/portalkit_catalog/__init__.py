"""A catalogue and shop in the portal."""

from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.hooks.markers import hookimpl
from portalkit.model import lazy_gettext
from portalkit_catalog.ubl import CatalogueReader

__all__ = ("einvoice_register_ubl_readers", "manifest")

manifest = Manifest(name="catalog", title=lazy_gettext("Catalog"), api=HOOK_API)


@hookimpl(optionalhook=True)
def einvoice_register_ubl_readers() -> tuple[CatalogueReader, ...]:
    """Read UBL catalogues as products, where the plugin that parses UBL is there."""
    return (CatalogueReader(),)
