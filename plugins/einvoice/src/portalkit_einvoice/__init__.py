"""Electronic documents for the portal: read, written, and looked at."""

from collections.abc import Iterable

import click

from portalkit.config import PortalConfig
from portalkit.hooks.calls import PluginCalls
from portalkit.hooks.manifest import HOOK_API, Manifest
from portalkit.hooks.markers import hookimpl
from portalkit.hooks.types import DocumentExporter, DocumentImporter
from portalkit.model import lazy_gettext
from portalkit_einvoice.cii import CiiImporter
from portalkit_einvoice.cii.writing import CiiExporter
from portalkit_einvoice.facturae import FacturaeImporter
from portalkit_einvoice.facturae.writing import FacturaeExporter
from portalkit_einvoice.facturx import FacturXExporter
from portalkit_einvoice.hookspecs import EinvoiceSpecs
from portalkit_einvoice.pdf import PdfImporter
from portalkit_einvoice.ubl import UblImporter
from portalkit_einvoice.ubl.writing import UblExporter

__all__ = ("manifest",)

manifest = Manifest(
    name="einvoice",
    title=lazy_gettext("Electronic invoices"),
    api=HOOK_API,
    hookspecs=EinvoiceSpecs,
)


@hookimpl
def portalkit_register_importers(
    config: PortalConfig, hooks: PluginCalls
) -> Iterable[DocumentImporter]:
    """Register the importers of each syntax, and of PDFs with one of the first two inside."""
    max_mib = config.max_import_mib
    found = hooks.collect("einvoice_register_ubl_readers", active=None, expected=(list, tuple))
    readers = [reader for each in found for reader in each]
    xml = (CiiImporter(max_mib), UblImporter(max_mib, readers))
    return (*xml, FacturaeImporter(max_mib), PdfImporter(max_mib, xml))


@hookimpl
def portalkit_register_commands(cli: click.Group) -> None:
    """Register ``portalkit einvoice inspect``."""
    # What paints on terminals is for the command line only.
    from portalkit_einvoice.inspection import inspect_command  # noqa: PLC0415

    cli.add_command(inspect_command)


@hookimpl
def portalkit_register_document_exporters() -> Iterable[DocumentExporter]:
    """Register the formats that documents can be downloaded in."""
    return (FacturXExporter(), CiiExporter(), FacturaeExporter(), UblExporter())
