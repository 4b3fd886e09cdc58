"""What a plugin imports, and how the kernel calls plugins."""

from portalkit.context import Audience, PortalContext, SessionKind, StaffContext
from portalkit.hooks.actions import ActionContext, ActionResult, DocumentAction, always
from portalkit.hooks.background import EmailTemplate, Job, JobContext
from portalkit.hooks.declarations import Declarations, Declared
from portalkit.hooks.events import (
    CommentPosted,
    ContactInvited,
    ContactSignedIn,
    DocumentDownloaded,
    DocumentPublished,
    DocumentTransitioned,
    DocumentViewed,
    PaymentReceived,
    PluginSwitched,
    PortalEvent,
)
from portalkit.hooks.facade import Hooks
from portalkit.hooks.manifest import HOOK_API, Manifest, Permission
from portalkit.hooks.markers import hookimpl, hookspec
from portalkit.hooks.plugins import ENTRY_POINT_GROUP, KERNEL_PLUGINS, LoadedPlugin
from portalkit.hooks.privacy import DataFile
from portalkit.hooks.registry import PluginRegistry, inspect_plugins, load_plugins
from portalkit.hooks.sign_in import AuthProvider, Identity, SignInAttempt
from portalkit.hooks.specs import PortalSpecs
from portalkit.hooks.types import (
    Column,
    DocumentExporter,
    DocumentImporter,
    DocumentKind,
    ExportContext,
    Filter,
    HomeWidget,
    NavItem,
    PdfPrinter,
    PluginRoute,
    Portal,
    Purpose,
    Section,
    Slot,
    SlotRenderer,
    Status,
    Tone,
    Transition,
)

__all__ = (
    "ENTRY_POINT_GROUP",
    "HOOK_API",
    "KERNEL_PLUGINS",
    "ActionContext",
    "ActionResult",
    "Audience",
    "AuthProvider",
    "Column",
    "CommentPosted",
    "ContactInvited",
    "ContactSignedIn",
    "DataFile",
    "Declarations",
    "Declared",
    "DocumentAction",
    "DocumentDownloaded",
    "DocumentExporter",
    "DocumentImporter",
    "DocumentKind",
    "DocumentPublished",
    "DocumentTransitioned",
    "DocumentViewed",
    "EmailTemplate",
    "ExportContext",
    "Filter",
    "HomeWidget",
    "Hooks",
    "Identity",
    "Job",
    "JobContext",
    "LoadedPlugin",
    "Manifest",
    "NavItem",
    "PaymentReceived",
    "PdfPrinter",
    "Permission",
    "PluginRegistry",
    "PluginRoute",
    "PluginSwitched",
    "Portal",
    "PortalContext",
    "PortalEvent",
    "PortalSpecs",
    "Purpose",
    "Section",
    "SessionKind",
    "SignInAttempt",
    "Slot",
    "SlotRenderer",
    "StaffContext",
    "Status",
    "Tone",
    "Transition",
    "always",
    "hookimpl",
    "hookspec",
    "inspect_plugins",
    "load_plugins",
)
