"""Signing in by OpenID Connect."""

from collections.abc import Iterable

from acme_oidc.provider import OidcProvider
from acme_oidc.settings import OidcSettings
from portalkit.config import PortalConfig
from portalkit.hooks import HOOK_API, AuthProvider, Manifest, hookimpl
from portalkit.model import lazy_gettext

__all__ = ("manifest",)

manifest = Manifest(
    name="acme_oidc",
    title=lazy_gettext("Acme ID"),
    description=lazy_gettext("People and staff sign in with their account at Acme."),
    api=HOOK_API,
    settings=OidcSettings,
    activation="business",
)


@hookimpl
def portalkit_register_auth_providers(config: PortalConfig) -> Iterable[AuthProvider]:
    """Offer the issuer that the host has set."""
    settings = config.settings_for("acme_oidc", OidcSettings)
    if settings.issuer:
        yield OidcProvider(settings)
