"""The hook that this plugin offers to others."""

from collections.abc import Sequence

from portalkit.hooks.markers import hookspec
from portalkit_einvoice.ubl.node import UblReader

__all__ = ("EinvoiceSpecs",)


class EinvoiceSpecs:
    """Hook specifications of the plugin."""

    @hookspec
    def einvoice_register_ubl_readers(self) -> Sequence[UblReader]:
        """Add readers of UBL roots that this plugin does not read itself.

        Called once while the portal is loaded. An implementation says
        ``hookimpl(optionalhook=True)``, unless its plugin requires this one.

        Returns:
            The readers, as a list or tuple; one for each root.

        Failure:
            This plugin counts as broken and the start fails.
        """
        raise NotImplementedError
