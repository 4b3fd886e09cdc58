"""What a host may set."""

from typing import Annotated

import msgspec

from portalkit.config import PortalConfig

__all__ = ("PurchaseSettings", "settings_of")


class PurchaseSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings in ``plugin_settings.purchases``.

    Attributes:
        hold_after_days: A contact with an invoice that is overdue for more days than this
            cannot place orders; ``None`` lets everybody order.
    """

    hold_after_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] | None = None


def settings_of(config: PortalConfig) -> PurchaseSettings:
    """Return the settings of a host."""
    return config.settings_for("purchases", PurchaseSettings)
