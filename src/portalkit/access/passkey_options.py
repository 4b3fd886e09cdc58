"""Whether passkeys can be used here, and what browsers are told to ask for."""

import ipaddress
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from portalkit.access.businesses import BusinessView, business_origin
from portalkit.config import PortalConfig

__all__ = ("RelyingParty", "creation_options", "relying_party", "request_options")

_TIMEOUT_MS: Final = 120_000


class RelyingParty(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a passkey is for: it works under this name of the host and nowhere else.

    Attributes:
        id: Name of the host, without scheme and port.
        name: Of the business; shown by the device.
        origin: What the browser must say it was on: scheme, host and port.
    """

    id: str
    name: str
    origin: str


@cache
def _is_installed() -> bool:
    return find_spec("webauthn") is not None


def relying_party(config: PortalConfig, business: BusinessView) -> RelyingParty | None:
    """Return whom passkeys of a business are for, or ``None`` where there can be none.

    Browsers make them by https and on ``localhost``, never for a number instead of a name;
    and the extra ``passkeys`` must be installed.
    """
    origin = business_origin(config, business.host)
    hostname = urlsplit(origin).hostname or ""
    if not hostname or _is_number(hostname) or not _is_installed():
        return None
    return RelyingParty(id=hostname, name=business.name, origin=origin)


def _is_number(hostname: str) -> bool:
    try:
        ipaddress.ip_address(hostname)
    except ValueError:
        return False
    return True


def creation_options(
    party: RelyingParty,
    *,
    challenge: str,
    user_id: str,
    email: str,
    name: str,
    known: Sequence[str],
) -> str:
    """Return what a browser is told to make a passkey with, as JSON.

    The device must check who holds it (user verification), so that the passkey alone is two
    factors; it is asked to be found without typing an address.
    """
    # Imported here: it is heavy, and an extra.
    import webauthn  # noqa: PLC0415
    from webauthn.helpers import structs  # noqa: PLC0415

    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=user_id.encode(),
        user_name=email,
        user_display_name=name,
        challenge=challenge.encode(),
        timeout=_TIMEOUT_MS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return webauthn.options_to_json(options)


def request_options(party: RelyingParty, *, challenge: str, known: Sequence[str]) -> str:
    """Return what a browser is told to use a passkey with, as JSON.

    Args:
        party: Whom the passkey is for.
        challenge: What it signs.
        known: Passkeys that will do; none for any that the device finds.
    """
    import webauthn  # noqa: PLC0415
    from webauthn.helpers import structs  # noqa: PLC0415

    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge.encode(),
        timeout=_TIMEOUT_MS,
        allow_credentials=_descriptors(known),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def _descriptors(known: Sequence[str]) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes, structs  # noqa: PLC0415

    return [structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known]
