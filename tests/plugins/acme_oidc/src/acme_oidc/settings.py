"""What a host may set."""

import msgspec

__all__ = ("OidcSettings",)


class OidcSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings in ``plugin_settings.acme_oidc``.

    Attributes:
        issuer: Address of the issuer, as it stands in the claim ``iss``; without one nothing
            is offered.
        for_staff: Whether staff may use it too.
    """

    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""
    for_staff: bool = True
