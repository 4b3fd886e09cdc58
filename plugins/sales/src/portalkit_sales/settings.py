"""What a host may set."""

from datetime import date
from typing import Literal

import msgspec

from portalkit.config import PortalConfig

__all__ = ("SalesSettings", "settings_of")


class SalesSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings in ``plugin_settings.sales``.

    Attributes:
        delivery_note_prices: Where delivery notes show what the goods cost, if they state it:
            ``page`` shows it to who reads them in the portal, and leaves it out of the paper
            that travels with the goods.
        prepare_pdf: Print a document when its contact opens it, so that the download need not
            wait.
        visible_since: Documents issued before this day are not shown.
    """

    delivery_note_prices: Literal["never", "page", "always"] = "never"
    prepare_pdf: bool = False
    visible_since: date | None = None


def settings_of(config: PortalConfig) -> SalesSettings:
    """Return the settings of a host."""
    return config.settings_for("sales", SalesSettings)
