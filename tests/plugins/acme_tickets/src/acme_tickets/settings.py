"""What a host may set."""

import msgspec

__all__ = ("TicketSettings",)


class TicketSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings in ``plugin_settings.acme_tickets``.

    Attributes:
        max_open: Tickets a contact may have open at a time.
    """

    max_open: int = 20
