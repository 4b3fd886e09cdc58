"""Configuration: read once, checked at the start, passed explicitly.

Three sources, later ones win: Python, a TOML file, ``PORTALKIT_...`` in the environment.
A wrong or unknown setting stops the start and names its place. This is the only module
that looks at the environment.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeVar
from urllib.parse import urlsplit

import msgspec

from portalkit.errors import ConfigError
from portalkit.log import LogFormat
from portalkit.settings import (
    AccessConfig,
    BusinessConfig,
    JobsConfig,
    MailConfig,
    PasswordConfig,
    PdfConfig,
    Secret,
    SmtpServer,
    check_jobs,
    check_mail,
    read_smtp_server,
)

__all__ = (
    "AccessConfig",
    "BusinessConfig",
    "JobsConfig",
    "MailConfig",
    "PasswordConfig",
    "PdfConfig",
    "PortalConfig",
    "Secret",
    "SmtpServer",
    "child_environment",
)

_Settings = TypeVar("_Settings", bound=msgspec.Struct)

_PREFIX: Final = "PORTALKIT_"
# Read by the command line and the test suite, and no settings of the portal.
_NOT_SETTINGS: Final = frozenset({"APP", "CONFIG", "TEST_DATA", "TEST_POSTGRES_URL"})
# Written as text, and never shown again.
_SECRETS: Final = frozenset({"metrics_token", "smtp_url"})
_MIN_KEY_BYTES: Final = 32
_MIN_TOKEN_LETTERS: Final = 16
_MAX_IDLE_DAYS: Final = 14
_MAX_DAYS: Final = 30
# What a child process needs to find programs, libraries, fonts and a place for its own files.
_FOR_CHILDREN: Final = frozenset(
    {
        "DYLD_FALLBACK_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "FONTCONFIG_FILE",
        "FONTCONFIG_PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "LD_LIBRARY_PATH",
        "PATH",
        "TMPDIR",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_DIRS",
    }
)


class PortalConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a host can set.

    Attributes:
        database_url: SQLAlchemy URL; SQLite and PostgreSQL (psycopg) are supported.
        secret_keys: Newest first; the first signs, all verify. At least 32 bytes each.
        base_url: Public address, the only source of absolute links. Its path is the prefix
            under which the portal is mounted.
        smtp_url: Server that takes the mails: ``smtp://user:password@host:587`` (STARTTLS),
            ``smtps://...:465``, or ``smtp://host:25?tls=none``. Without one mails wait.
        storage_url: Folder (``file:///...``) or bucket (``s3://``, ``gs://``, ``az://``).
        plugins: ``"*"`` for every installed plugin, or an allow-list whose order breaks ties.
        plugin_settings: Settings of each plugin, by its name.
        template_dir: The host's own template layer, above all others.
        locale_dir: The host's own catalogues (``<language>/LC_MESSAGES/*.po``), above all others.
        session_idle_days: A session ends when it was not used for this long.
        session_max_days: A session ends after this long at the latest.
        allow_csrf_exempt: Plugins that may have public routes without a CSRF check.
        csp_sources: Further CSP sources by directive, for example ``{"img-src": [...]}``.
        trusted_hosts: Further host names (with port) that requests may name.
        metrics_token: Opens ``/-/metrics`` as a bearer token; without one only programs on the
            same machine may read it.
        log_format: How lines of ``portalkit serve`` and ``worker`` look: ``json``, ``text``, or
            ``auto`` for text at a terminal.
        trace_hooks: Write each call of a plugin to standard error, with arguments and result.
        is_demo: Demo sign-ins and pages; only on a loopback base URL.
    """

    database_url: str = "sqlite:///portalkit.db"
    secret_keys: tuple[Secret, ...] = ()
    base_url: str = "http://127.0.0.1:8000"
    smtp_url: Secret | None = None
    storage_url: str = "file:./portalkit-files"
    plugins: Literal["*"] | tuple[str, ...] = "*"
    plugin_settings: Mapping[str, Mapping[str, Any]] = {}
    safe_mode: bool = False
    business: tuple[BusinessConfig, ...] = ()
    locales: tuple[str, ...] = ("es", "en")
    template_dir: Path | None = None
    locale_dir: Path | None = None
    session_idle_days: int = 7
    session_max_days: int = 30
    session_same_site: Literal["lax", "none"] = "lax"
    access: AccessConfig = AccessConfig()
    password: PasswordConfig = PasswordConfig()
    pdf: PdfConfig = PdfConfig()
    jobs: JobsConfig = JobsConfig()
    mail: MailConfig = MailConfig()
    max_form_kib: int = 64
    max_upload_mib: int = 10
    max_import_mib: int = 32
    allow_csrf_exempt: tuple[str, ...] = ()
    csp_sources: Mapping[str, tuple[str, ...]] = {}
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    metrics_token: Secret | None = None
    log_format: LogFormat = "auto"
    trace_hooks: bool = False
    is_demo: bool = False
    debug: bool = False

    def __post_init__(self) -> None:
        _check_base_url(self.base_url)
        _check_keys(self.secret_keys)
        _check_database_url(self.database_url)
        _check_password(self.password)
        _check_proxies(self.trusted_proxies)
        _check_token(self.metrics_token)
        if not 1 <= self.session_idle_days <= _MAX_IDLE_DAYS:
            raise ConfigError("session_idle_days", f"must lie between 1 and {_MAX_IDLE_DAYS}")
        if not self.session_idle_days <= self.session_max_days <= _MAX_DAYS:
            raise ConfigError(
                "session_max_days", f"must lie between session_idle_days and {_MAX_DAYS}"
            )
        check_jobs(self.jobs)
        check_mail(self.mail, has_server=self.smtp_server is not None)
        if self.is_demo and not _is_loopback(self.base_url):
            raise ConfigError("is_demo", "the demo is for loopback addresses only")

    def require_keys(self) -> None:
        """Refuse to go on without a key.

        Raises:
            ConfigError: If there is none.
        """
        if not self.secret_keys:
            raise ConfigError(
                "secret_keys", "is missing: set PORTALKIT_SECRET_KEYS to 32 random bytes or more"
            )

    @property
    def smtp_server(self) -> SmtpServer | None:
        """The server that takes the mails; ``None`` lets them wait.

        Raises:
            ConfigError: If ``smtp_url`` is wrong or its password cannot be read.
        """
        if self.smtp_url is None:
            return None
        return read_smtp_server(self.smtp_url.value, self.mail.password_file)

    @property
    def base_path(self) -> str:
        """Path under which the portal is mounted, without a slash at its end."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def origin(self) -> str:
        """Scheme, host and port of the portal."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_secure(self) -> bool:
        """Whether the portal is reached by https."""
        return urlsplit(self.base_url).scheme == "https"

    def settings_for(self, plugin: str, settings: type[_Settings]) -> _Settings:
        """Return a plugin's settings, checked, as its own type.

        Raises:
            ConfigError: If one is wrong or unknown; the place names plugin and setting.
        """
        raw = self.plugin_settings.get(plugin, {})
        try:
            return msgspec.convert(raw, settings, strict=False)
        except msgspec.ValidationError as error:
            raise ConfigError(f"plugin_settings.{plugin}", str(error)) from error

    @classmethod
    def load(
        cls,
        path: Path | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        **overrides: Any,
    ) -> Self:
        """Read the configuration from a TOML file and the environment.

        Args:
            path: The file; ``portalkit.toml`` in the working folder if it exists.
            environ: The environment; that of the process when left out.
            overrides: Settings that win over both.

        Raises:
            ConfigError: If a setting is wrong or unknown.
        """
        variables = os.environ if environ is None else environ
        if path is None and (named := variables.get(f"{_PREFIX}CONFIG")):
            path = Path(named)
        raw = _from_toml(path)
        source = str(path or "portalkit.toml") if raw else "configuration"
        for name, value in _from_environment(variables, cls).items():
            _put(raw, name, value)
        raw.update(overrides)
        try:
            return msgspec.convert(raw, cls, strict=False, dec_hook=_decode)
        except msgspec.ValidationError as error:
            raise ConfigError(source, str(error)) from error


def child_environment() -> dict[str, str]:
    """Return the environment for a process of ours: no secret and no setting is in it."""
    return {name: text for name, text in os.environ.items() if name in _FOR_CHILDREN}


def _decode(type_: type, value: object) -> object:
    if type_ is Path and isinstance(value, str | Path):
        return Path(value)
    raise NotImplementedError(type_)


def _from_toml(path: Path | None) -> dict[str, Any]:
    explicit = path is not None
    path = path or Path("portalkit.toml")
    if not path.exists():
        if explicit:
            raise ConfigError(str(path), "there is no such file")
        return {}
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), str(error)) from error
    if isinstance(keys := raw.get("secret_keys"), list):
        raw["secret_keys"] = [{"value": key} for key in keys]
    for name in _SECRETS:
        if isinstance(value := raw.get(name), str):
            raw[name] = {"value": value}
    return raw


def _from_environment(variables: Mapping[str, str], config: type[PortalConfig]) -> dict[str, Any]:
    known = {field.name: field.type for field in msgspec.structs.fields(config)}
    found: dict[str, Any] = {}
    for variable, text in variables.items():
        name = variable.removeprefix(_PREFIX)
        if name == variable or name in _NOT_SETTINGS:
            continue
        setting, _, inner = name.lower().partition("__")
        if setting == "secret_keys":
            found[setting] = [{"value": key} for key in text.split(",") if key]
        elif setting in _SECRETS:
            found[setting] = {"value": text}
        elif setting in known and not inner:
            found[setting] = _split(setting, text)
        elif setting in known and isinstance(known[setting], type):
            found[f"{setting}.{inner}"] = text
        elif inner:
            found[f"plugin_settings.{setting}.{inner}"] = text
        else:
            raise ConfigError(variable, "is no setting of portalkit")
    return found


_LISTS: Final = frozenset(
    {"plugins", "locales", "allow_csrf_exempt", "trusted_hosts", "trusted_proxies"}
)


def _split(setting: str, text: str) -> object:
    if setting in _LISTS and text != "*":
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _put(raw: dict[str, Any], name: str, value: object) -> None:
    *parents, last = name.split(".")
    for parent in parents:
        raw = raw.setdefault(parent, {})
    raw[last] = value


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}


def _check_base_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
        raise ConfigError("base_url", f"{url!r} is no address like https://portal.example.com")
    if parts.scheme == "http" and not _is_loopback(url):
        raise ConfigError("base_url", "plain http is for loopback addresses only; use https")


def _check_keys(keys: tuple[Secret, ...]) -> None:
    for key in keys:
        if len(key.value.encode()) < _MIN_KEY_BYTES:
            raise ConfigError("secret_keys", f"a key has less than {_MIN_KEY_BYTES} bytes")


def _check_database_url(url: str) -> None:
    if not url.startswith(("sqlite:", "sqlite+", "postgresql:", "postgresql+", "postgres:")):
        raise ConfigError("database_url", "must be a SQLite or PostgreSQL URL")


def _check_proxies(proxies: tuple[str, ...]) -> None:
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError as error:
            raise ConfigError("trusted_proxies", f"{proxy!r} is no address or network") from error


def _check_token(token: Secret | None) -> None:
    if token is not None and len(token.value) < _MIN_TOKEN_LETTERS:
        raise ConfigError("metrics_token", f"has less than {_MIN_TOKEN_LETTERS} letters")


def _check_password(cost: PasswordConfig) -> None:
    floor = PasswordConfig()
    if cost.memory_kib * cost.time_cost < floor.memory_kib * floor.time_cost:
        raise ConfigError("password", "is below OWASP's minimum for argon2id")
    if cost.concurrency < 1:
        raise ConfigError("password.concurrency", "must be at least 1")
