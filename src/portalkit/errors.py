"""Every exception of portalkit: what went wrong, with the HTTP status and a stable code.

The message is for the log and names the thing; what a contact reads is translated from
``code`` in :mod:`portalkit.web.errors`. An error keeps what is needed to explain it.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import ClassVar

__all__ = (
    "ArchiveRunningError",
    "ConfigError",
    "ConflictError",
    "ContactClosedError",
    "DocumentConflictError",
    "DocumentRefusedError",
    "ExportRefusedError",
    "GuardFailedError",
    "ImportRefusedError",
    "InputRefusedError",
    "JobRetryError",
    "KeyRequiredError",
    "MaintenanceError",
    "MigrationsPendingError",
    "NotFoundError",
    "PasswordChangeRequiredError",
    "PermissionRefusedError",
    "PluginLoadError",
    "PortalError",
    "ReadOnlyError",
    "RenderingBusyError",
    "RenderingError",
    "RenderingTimeoutError",
    "ScopeMissingError",
    "SecondFactorRequiredError",
    "SignInRequiredError",
    "StorageError",
    "ThrottledError",
    "TransitionRefusedError",
)


class PortalError(Exception):
    """Base of all errors that portalkit raises on purpose."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    code: ClassVar[str] = "internal"


class ConfigError(PortalError, ValueError):
    """A setting is wrong or unknown; ``place`` says which one and where it was read."""

    code = "config"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class PluginLoadError(PortalError):
    """A plugin cannot be used; the start fails with one of these for each broken plugin."""

    code = "plugin_load"

    def __init__(self, plugin: str, reason: str, *, package: str | None = None) -> None:
        owner = f"{plugin} ({package})" if package else plugin
        super().__init__(f"plugin {owner}: {reason}")
        self.plugin = plugin
        self.package = package
        self.reason = reason


class MigrationsPendingError(PortalError):
    """The database is older than the code; ``owners`` are the kernel and plugins to upgrade."""

    code = "migrations_pending"

    def __init__(self, owners: Sequence[str]) -> None:
        super().__init__(
            f"migrations are pending for {', '.join(owners)}: run 'portalkit db upgrade'"
        )
        self.owners = tuple(owners)


class NotFoundError(PortalError, LookupError):
    """It does not exist, or it is somebody else's: the two look the same from outside."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"


class SignInRequiredError(PortalError):
    """Nobody is signed in, or the session has ended."""

    status = HTTPStatus.UNAUTHORIZED
    code = "sign_in_required"


class KeyRequiredError(PortalError):
    """The API was asked without a key of this business that works."""

    status = HTTPStatus.UNAUTHORIZED
    code = "key_required"


class PasswordChangeRequiredError(PortalError):
    """A one-time password was used: only the page that sets a new one is open."""

    status = HTTPStatus.FORBIDDEN
    code = "password_change_required"


class SecondFactorRequiredError(PortalError):
    """The business asks for a second factor: only the page that sets one up is open."""

    status = HTTPStatus.FORBIDDEN
    code = "second_factor_required"


class PermissionRefusedError(PortalError):
    """The person is known and the thing is theirs, but their role does not allow the act."""

    status = HTTPStatus.FORBIDDEN
    code = "permission_refused"

    def __init__(self, permission: str) -> None:
        super().__init__(f"permission {permission!r} is missing")
        self.permission = permission


class ScopeMissingError(PermissionRefusedError):
    """The key of the API works, and does not open this."""

    code = "scope_missing"


class ReadOnlyError(PortalError):
    """Whoever asks may look, and change nothing: staff as a contact, a link before its code."""

    status = HTTPStatus.FORBIDDEN
    code = "read_only"


class InputRefusedError(PortalError, ValueError):
    """What was sent cannot be accepted; ``field`` names the place."""

    status = HTTPStatus.BAD_REQUEST
    code = "input_refused"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class ConflictError(PortalError):
    """The thing has changed meanwhile, or the same act is already running."""

    status = HTTPStatus.CONFLICT
    code = "conflict"


class ContactClosedError(PortalError):
    """The contact is disabled, or was erased: nobody is let in for it."""

    status = HTTPStatus.CONFLICT
    code = "contact_closed"

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"contact {contact_id} is disabled: nobody is let in for it")
        self.contact_id = contact_id


class TransitionRefusedError(ConflictError):
    """A rule or a plugin refused a status change; ``reasons`` may be shown to the contact."""

    code = "transition_refused"

    def __init__(self, transition: str, reasons: Sequence[object]) -> None:
        super().__init__(f"{transition} refused: {'; '.join(str(r) for r in reasons)}")
        self.transition = transition
        self.reasons = tuple(reasons)


class DocumentRefusedError(InputRefusedError):
    """A document that cannot be stored as it was given: ``field`` and ``reason`` say why."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "document_refused"


class DocumentConflictError(ConflictError):
    """The same document is already stored with other figures (see ``replace``)."""

    code = "document_conflict"

    def __init__(self, number: str, document_id: str) -> None:
        super().__init__(
            f"document {number!r} is already stored with other figures: replace it on purpose"
        )
        self.number = number
        self.document_id = document_id


class ImportRefusedError(PortalError, ValueError):
    """A file cannot be imported; the message is the one line a person reads."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "import_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ExportRefusedError(PortalError, ValueError):
    """A document cannot be expressed in a format.

    Args:
        reasons: Why: one sentence each, a ``Text`` that is shown in the reader's language.
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "export_refused"

    def __init__(self, *reasons: object) -> None:
        super().__init__(" ".join(str(reason) for reason in reasons))
        self.reasons = reasons


class JobRetryError(PortalError):
    """A job cannot be done now, which is no fault of its own; it is tried again.

    Attributes:
        after: Seconds until then; ``None`` for the usual wait, which grows with each try.
        pauses: Jobs of the same name would fare no better and are left alone until then.
    """

    code = "job_retry"

    def __init__(self, reason: str, *, after: float | None = None, pauses: bool = False) -> None:
        super().__init__(reason)
        self.after = after
        self.pauses = pauses


class ThrottledError(PortalError):
    """Too many tries; ``retry_after`` is in seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "throttled"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many tries: again in {retry_after} s")
        self.retry_after = retry_after


class ArchiveRunningError(ThrottledError):
    """The reader is being sent an archive already, or too many others are."""

    code = "archive_running"


class GuardFailedError(PortalError):
    """A plugin that guards access failed, so access is refused until it works again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "guard_failed"

    def __init__(self, plugin: str, hook: str) -> None:
        super().__init__(f"plugin {plugin} failed in {hook}: access is refused")
        self.plugin = plugin
        self.hook = hook


class MaintenanceError(PortalError):
    """The portal runs in safe mode; contacts are asked to come back later."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "maintenance"


class RenderingError(PortalError):
    """A document could not be rendered."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "rendering"


class RenderingTimeoutError(RenderingError):
    """Rendering took longer than allowed and its process was ended."""

    code = "rendering_timeout"


class RenderingBusyError(RenderingError):
    """Too many documents wait to be rendered; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many documents wait to be rendered: again in {retry_after} s")
        self.retry_after = retry_after


class StorageError(PortalError):
    """The store of files cannot be read or written, or a file in it was damaged."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "storage"
