"""Closed by default: a route is open only if its options say so (security R01, R02)."""

import logging
from collections.abc import Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from portalkit.context import Audience, PortalContext, SessionKind, StaffContext
from portalkit.errors import (
    KeyRequiredError,
    MaintenanceError,
    NotFoundError,
    PasswordChangeRequiredError,
    PermissionRefusedError,
    ReadOnlyError,
    ScopeMissingError,
    SecondFactorRequiredError,
    SignInRequiredError,
)
from portalkit.log import log_event
from portalkit.web.visit import Visit, visit_of

__all__ = ("require_entrance",)

_log = logging.getLogger("portalkit.web")

# Pages about whoever is signed in: nobody is, by a link or as somebody else.
_PERSONAL = frozenset({"profile"})


async def require_entrance(  # a plain function would be sent to a thread by Litestar
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Let a request in only where it belongs.

    Options of a route: ``public`` lifts the need to be signed in; ``audience`` says who it is
    for; ``plugin`` whose it is; ``permission`` what the role must allow; ``stays_open`` keeps
    it open while a guarding plugin fails; ``own_account`` is for whoever is signed in with an
    account, contacts and staff alike, also while a second factor is still to be set up;
    ``demo`` opens an address of the API to everybody while the portal is a demo;
    ``shared`` opens a document's page to its share link, ``confirms`` what leads from looking
    to acting there.

    Raises:
        SignInRequiredError: Nobody, or somebody of the other audience, is signed in.
        KeyRequiredError: No system of the business asks at its API.
        NotFoundError: The plugin is switched off for this business or contact.
        PermissionRefusedError: The role, or the scopes of the key, do not allow it.
        ReadOnlyError: It would change something, and whoever asks may only look.
        GuardFailedError: A plugin that guards access failed.
        MaintenanceError: The portal runs without broken plugins; contacts wait.
        PasswordChangeRequiredError: A one-time password was used.
        SecondFactorRequiredError: The business asks for a second factor, and there is none.
    """
    opt = handler.opt
    visit = visit_of(connection.scope)
    context = visit.context
    plugin = opt.get("plugin")
    if context is None and plugin is not None and opt.get("public"):
        _require_active(plugin, visit.portal.active_for(visit.business))
    if opt.get("public"):
        return
    if opt.get("own_account"):
        _require_account(visit)
    elif opt.get("audience") is Audience.API:
        _require_caller(visit, opt)
        if visit.caller is not None:
            log_event(_log, logging.INFO, "api.key_used", route=handler.name)
    else:
        _require_context(visit, opt)


def _require_context(visit: Visit, opt: Mapping[str, Any]) -> None:
    """Let in whom the page is for."""
    context, plugin = visit.context, opt.get("plugin")
    wanted = StaffContext if opt.get("audience") is Audience.STAFF else PortalContext
    if not isinstance(context, wanted):
        raise SignInRequiredError
    if wanted is PortalContext and visit.portal.registry.broken:
        # The missing plugin may have been a guard (decision 32).
        raise MaintenanceError
    if visit.guard_error is not None and not opt.get("stays_open"):
        raise visit.guard_error
    _require_finished(visit)
    if plugin is not None:
        _require_active(plugin, context.active_plugins)
    if isinstance(context, PortalContext):
        _require_kind(visit, context, opt)
    permission = opt.get("permission")
    if permission is not None and permission not in context.permissions:
        raise PermissionRefusedError(permission)


def _require_caller(visit: Visit, opt: Mapping[str, Any]) -> None:
    """Let in what sent a key of the business; no cookie and no account counts here."""
    caller = visit.caller
    if caller is None and not (opt.get("demo") and visit.portal.config.is_demo):
        raise KeyRequiredError
    if visit.portal.registry.broken:
        raise MaintenanceError
    if caller is None:
        return
    if opt.get("plugin") is not None:
        _require_active(opt["plugin"], caller.active_plugins)
    scope = opt.get("permission")
    if scope is not None and scope not in caller.permissions:
        raise ScopeMissingError(scope)


def _require_kind(visit: Visit, context: PortalContext, opt: Mapping[str, Any]) -> None:
    """Keep who came by a link to the one document, and who only looks from changing anything."""
    if context.kind is SessionKind.SHARE and not opt.get("shared"):
        raise SignInRequiredError
    if context.person_id is None and opt.get("plugin") in _PERSONAL:
        raise NotFoundError("there is no person whose page it could be")
    if visit.is_safe:
        return
    if context.is_read_only or (context.must_confirm and not opt.get("confirms")):
        raise ReadOnlyError


def _require_finished(visit: Visit) -> None:
    """Let nobody in who has something to do before anything else."""
    if visit.must_change_password:
        raise PasswordChangeRequiredError
    if visit.must_enrol:
        raise SecondFactorRequiredError


def _require_account(visit: Visit) -> None:
    if visit.seen is None or visit.seen.kind not in {SessionKind.PERSON, SessionKind.STAFF}:
        raise SignInRequiredError
    if visit.must_change_password:
        raise PasswordChangeRequiredError


def _require_active(plugin: str, active: frozenset[str]) -> None:
    if plugin not in active:
        raise NotFoundError(f"plugin {plugin} is switched off here")
