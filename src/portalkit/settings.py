"""Parts of the configuration: what a host sets for one thing, with its limits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from portalkit.errors import ConfigError
from portalkit.model import is_mailbox

__all__ = (
    "AccessConfig",
    "BusinessConfig",
    "JobsConfig",
    "MailConfig",
    "PasswordConfig",
    "PdfConfig",
    "Secret",
    "SmtpServer",
    "check_jobs",
    "check_mail",
    "read_smtp_server",
)

Tls = Literal["starttls", "implicit", "none"]

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PORTS: Final[Mapping[Tls, int]] = {"starttls": 587, "implicit": 465, "none": 25}


class Secret(msgspec.Struct, frozen=True):
    """A value that never shows itself in a log, a trace or a page."""

    value: str

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__


class BusinessConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A business to create at the first start; its row is never overwritten afterwards."""

    slug: str
    name: str
    host: str | None = None
    currency: str = "EUR"
    timezone: str = "Europe/Madrid"
    locale: str = "es"
    locales: tuple[str, ...] = ("es", "en")
    brand_colour: str = "#3b5bdb"


class AccessConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How people get in.

    Attributes:
        password_sign_in: Whether passwords let in, contacts and staff alike. Without them
            there are links, the host's own sign-in, auth providers and passkeys.
        invitation_days: How long an invitation works; a week is the most (security R10).
    """

    password_sign_in: bool = True
    invitation_days: Annotated[int, msgspec.Meta(ge=1, le=7)] = 7


class PasswordConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cost of argon2id; the defaults are OWASP's minimum and lower ones are refused.

    Attributes:
        memory_kib: Memory of one hash, in KiB.
        concurrency: Hashes at a time; more sign-ins wait, then are told to come back.
    """

    memory_kib: int = 19_456
    time_cost: int = 2
    parallelism: int = 1
    concurrency: int = 2


class PdfConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of rendering documents as PDF.

    Attributes:
        workers: Processes; 0 renders nothing and answers 503.
        timeout: Seconds after which a process is ended.
        memory_mib: Address space of a process.
        max_lines: Documents with more lines are refused politely.
        max_output_mib: Larger PDFs are refused.
        queue: Documents that may wait; more are told to come back.
        jobs_per_worker: Documents after which a process makes room for a fresh one.
    """

    workers: int = 2
    timeout: float = 60.0
    memory_mib: int = 1_536
    max_lines: int = 10_000
    max_output_mib: int = 64
    queue: int = 50
    jobs_per_worker: int = 200


class JobsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Background work.

    Attributes:
        embedded: Work inside the web process too; ``portalkit worker`` works in any case.
        concurrency: Jobs at a time in one process.
        poll_seconds: How often to look for what another process has left; what this process
            leaves is begun at once.
        lease_seconds: After this long without a sign of life another worker takes a job over.
        first_retry_seconds: Wait after the first failure; it doubles with each further one.
        longest_retry_seconds: The longest wait between two tries.
        stop_seconds: What running jobs get to finish when the process is asked to stop.
        keep_dead_days: Jobs that were given up are kept for so long.
    """

    embedded: bool = True
    concurrency: int = 4
    poll_seconds: float = 5.0
    lease_seconds: float = 60.0
    first_retry_seconds: float = 30.0
    longest_retry_seconds: float = 21_600.0
    stop_seconds: float = 20.0
    keep_dead_days: int = 90


class MailConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mail to people.

    Attributes:
        from_address: Sender of all mails; its domain must be allowed to send by the server.
        from_addresses: Other senders, by the slug of a business.
        password_file: File with the password of ``smtp_url``, instead of one inside it.
        timeout: Seconds for each answer of the server.
        data_timeout: Seconds for its answer to a whole mail; RFC 5321 advises ten minutes.
        pause_seconds: Wait after the server could not be reached; all mails wait then.
        connections: Mails that are handed over at a time, in one process.
        keep_days: Mails that were sent are kept for so long.
        announce_documents: People hear by mail of documents that were published for them.
    """

    from_address: str = ""
    from_addresses: Mapping[str, str] = {}
    password_file: Path | None = None
    timeout: float = 30.0
    data_timeout: float = 300.0
    pause_seconds: float = 60.0
    connections: int = 3
    keep_days: int = 90
    announce_documents: bool = False


class SmtpServer(msgspec.Struct, frozen=True, kw_only=True):
    """The server that takes the mails."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: Secret | None = None


def read_smtp_server(url: str, password_file: Path | None = None) -> SmtpServer:
    """Return the server that an address names.

    Args:
        url: ``smtp://user:password@host:587`` (STARTTLS is insisted on), ``smtps://...``, or
            ``smtp://host:25?tls=none``.
        password_file: Where the password stands, if it is not in the address.

    Raises:
        ConfigError: If the address cannot be used, or would send a password in the clear.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError("smtp_url", "has no proper port") from error
    tls = _tls(parts.scheme, parts.query)
    if not parts.hostname or parts.path.strip("/"):
        raise ConfigError("smtp_url", "must be like smtp://user:password@host:587")
    password = unquote(parts.password) if parts.password is not None else None
    if password is None and password_file is not None:
        try:
            password = password_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError("mail.password_file", str(error)) from error
    if password is not None and tls == "none" and parts.hostname not in _LOOPBACK:
        raise ConfigError("smtp_url", "would send its password in the clear")
    return SmtpServer(
        host=parts.hostname,
        port=port or _PORTS[tls],
        tls=tls,
        user=unquote(parts.username) if parts.username else None,
        password=None if password is None else Secret(password),
    )


def _tls(scheme: str, query: str) -> Tls:
    wanted = parse_qs(query)
    if scheme == "smtps" and not wanted:
        return "implicit"
    if scheme == "smtp" and not wanted:
        return "starttls"
    if scheme == "smtp" and wanted == {"tls": ["none"]}:
        return "none"
    raise ConfigError("smtp_url", "must begin with smtp:// or smtps://, with ?tls=none at most")


def check_jobs(jobs: JobsConfig) -> None:
    """Refuse limits that cannot work.

    Raises:
        ConfigError: With the place of the setting.
    """
    if jobs.concurrency < 1:
        raise ConfigError("jobs.concurrency", "must be at least 1")
    for name in ("poll_seconds", "lease_seconds", "first_retry_seconds", "stop_seconds"):
        if getattr(jobs, name) <= 0:
            raise ConfigError(f"jobs.{name}", "must be more than 0")
    if jobs.longest_retry_seconds < jobs.first_retry_seconds:
        raise ConfigError("jobs.longest_retry_seconds", "is shorter than first_retry_seconds")


def check_mail(mail: MailConfig, *, has_server: bool) -> None:
    """Refuse senders that are no addresses, and a server without a sender.

    Raises:
        ConfigError: With the place of the setting.
    """
    if has_server and not mail.from_address:
        raise ConfigError("mail.from_address", "is missing: who sends the mails of smtp_url?")
    senders = {f"from_addresses.{slug}": text for slug, text in mail.from_addresses.items()}
    for name, address in {"from_address": mail.from_address, **senders}.items():
        if address and not is_mailbox(address):
            raise ConfigError(f"mail.{name}", f"{address!r} is no e-mail address")
    if mail.connections < 1:
        raise ConfigError("mail.connections", "must be at least 1")
    for name in ("timeout", "data_timeout", "pause_seconds"):
        if getattr(mail, name) <= 0:
            raise ConfigError(f"mail.{name}", "must be more than 0")
