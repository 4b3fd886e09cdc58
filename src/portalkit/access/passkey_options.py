"""Whether passkeys can be used, and under which name of the host."""

import ipaddress
from functools import cache
from importlib.util import find_spec
from urllib.parse import urlsplit

from portalkit.access.businesses import business_origin
from portalkit.config import PortalConfig

__all__ = ("has_passkeys_here", "rp_id_of")


@cache
def _is_installed() -> bool:
    return find_spec("webauthn") is not None


def rp_id_of(config: PortalConfig, host: str | None) -> str:
    """Return the name of the host that a passkey belongs to; it works nowhere else.

    Args:
        config: The host's configuration.
        host: That of the business, where it has one of its own.
    """
    return urlsplit(business_origin(config, host)).hostname or ""


def has_passkeys_here(config: PortalConfig, host: str | None) -> bool:
    """Say whether browsers make passkeys for this address and we can check them.

    They do by https, and on ``localhost``; never for a number instead of a name.
    """
    name = rp_id_of(config, host)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        is_name = True
    else:
        is_name = False
    return is_name and _is_installed()
