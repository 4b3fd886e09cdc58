"""The headers that every answer carries, whatever went right or wrong (security R31)."""

from collections.abc import Mapping, Sequence
from typing import Final

from portalkit.config import PortalConfig
from portalkit.errors import ConfigError

__all__ = ("content_security_policy", "security_headers")

_POLICY: Final[Mapping[str, tuple[str, ...]]] = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:"),
    "font-src": ("'self'",),
    "connect-src": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'self'",),
    "base-uri": ("'none'",),
    "object-src": ("'none'",),
    "frame-src": ("'none'",),
}


def content_security_policy(extra: Mapping[str, Sequence[str]]) -> str:
    """Return the policy: no inline script or style, nothing from elsewhere but what is configured.

    Raises:
        ConfigError: If a further source would allow inline code, or its directive is unknown.
    """
    policy = dict(_POLICY)
    for directive, sources in extra.items():
        if directive not in policy:
            raise ConfigError(f"csp_sources.{directive}", "is no directive of the policy")
        if any("unsafe" in source or source == "*" for source in sources):
            raise ConfigError(f"csp_sources.{directive}", "may not open the policy to everything")
        kept = [source for source in policy[directive] if source != "'none'"]
        policy[directive] = (*kept, *sources)
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items())


def security_headers(config: PortalConfig) -> list[tuple[bytes, bytes]]:
    """Return the headers of every answer, in ASGI form."""
    headers = {
        "content-security-policy": content_security_policy(config.csp_sources),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "x-frame-options": "SAMEORIGIN",
    }
    if config.is_secure:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return [(name.encode(), value.encode()) for name, value in headers.items()]
