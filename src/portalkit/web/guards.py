"""Closed by default: a route is open only if its options say so (security R01, R02)."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from portalkit.context import Audience, PortalContext, StaffContext
from portalkit.errors import (
    MaintenanceError,
    NotFoundError,
    PasswordChangeRequiredError,
    PermissionRefusedError,
    SignInRequiredError,
)
from portalkit.web.visit import visit_of

__all__ = ("require_entrance",)


async def require_entrance(  # a plain function would be sent to a thread by Litestar
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Let a request in only where it belongs.

    Options of a route: ``public`` lifts the need to be signed in; ``audience`` says who it is
    for; ``plugin`` whose it is; ``permission`` what the role must allow; ``stays_open`` keeps
    it open while a guarding plugin fails or a password must be changed.

    Raises:
        SignInRequiredError: Nobody, or somebody of the other audience, is signed in.
        NotFoundError: The plugin is switched off for this business or contact.
        PermissionRefusedError: The role does not allow it.
        GuardFailedError: A plugin that guards access failed.
        MaintenanceError: The portal runs without broken plugins; contacts wait.
        PasswordChangeRequiredError: A one-time password was used.
    """
    opt = handler.opt
    visit = visit_of(connection.scope)
    context = visit.context
    plugin = opt.get("plugin")
    if context is None and plugin is not None and opt.get("public"):
        _require_active(plugin, visit.portal.active_for(visit.business))
    if opt.get("public"):
        return
    wanted = StaffContext if opt.get("audience") is Audience.STAFF else PortalContext
    if not isinstance(context, wanted):
        raise SignInRequiredError
    if wanted is PortalContext and visit.portal.registry.broken:
        # The missing plugin may have been a guard (decision 32).
        raise MaintenanceError
    if not opt.get("stays_open"):
        if visit.guard_error is not None:
            raise visit.guard_error
        if visit.seen is not None and visit.seen.must_change_password:
            raise PasswordChangeRequiredError
    if plugin is not None:
        _require_active(plugin, context.active_plugins)
    permission = opt.get("permission")
    if permission is not None and permission not in context.permissions:
        raise PermissionRefusedError(permission)


def _require_active(plugin: str, active: frozenset[str]) -> None:
    if plugin not in active:
        raise NotFoundError(f"plugin {plugin} is switched off here")
