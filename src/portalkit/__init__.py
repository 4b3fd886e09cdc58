"""portalkit: a customer portal that a business embeds in its own application.

``create_app`` and ``PortalPlugin`` are loaded when they are first used, so that importing
the package for its values stays quick.
"""

from importlib import import_module
from typing import Any

from portalkit.config import PortalConfig
from portalkit.errors import PortalError
from portalkit.log import log_config

__all__ = (
    "PortalApp",
    "PortalConfig",
    "PortalError",
    "PortalPlugin",
    "create_app",
    "log_config",
    "publish",
)

_LATER = {
    "PortalApp": "portalkit.app",
    "PortalPlugin": "portalkit.app",
    "create_app": "portalkit.app",
    "publish": "portalkit.documents",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
