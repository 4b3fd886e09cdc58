"""Where the demo lives and what day it is: read once, from four variables."""

import os
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final, Self
from zoneinfo import ZoneInfo

import msgspec

from portalkit import PortalConfig
from portalkit.config import Secret

__all__ = ("DEMO_PASSWORD", "DemoSettings")

DEMO_PASSWORD: Final = "portalkit-demo"  # noqa: S105  # everybody knows it: it is on the screen
_HERE: Final = Path(__file__).parent


class DemoSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What ``PORT``, ``DEMO_DIR``, ``DEMO_HOST`` and ``DEMO_TODAY`` say.

    Attributes:
        host: In the portal's address: ``127.0.0.1``, or ``localhost``, for which browsers
            make passkeys too.
        folder: Holds the database, the files, a secret key and the anchor date.
        anchor: The day of the demo data: ``DEMO_TODAY``, else that of the first start.
    """

    port: int
    host: str
    folder: Path
    anchor: date
    key: Secret

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the variables, and what an earlier start left in the folder.

        Raises:
            SystemExit: If one of them is wrong; the message names it.
        """
        variables = os.environ if environ is None else environ
        folder = Path(variables.get("DEMO_DIR") or ".demo").resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            port = int(variables.get("PORT") or 8000)
            today = variables.get("DEMO_TODAY") or _kept(folder / "anchor", _today)
            anchor = date.fromisoformat(today)
        except ValueError as error:
            raise SystemExit(f"PORT or DEMO_TODAY: {error}") from error
        host = variables.get("DEMO_HOST") or "127.0.0.1"
        if host not in {"127.0.0.1", "localhost"}:
            raise SystemExit(f"DEMO_HOST: {host!r} is not 127.0.0.1 or localhost")
        key = _kept(folder / "key", secrets.token_hex)
        return cls(port=port, host=host, folder=folder, anchor=anchor, key=Secret(key))

    @property
    def config(self) -> PortalConfig:
        """The portal's configuration: SQLite and files in the folder, on loopback."""
        return PortalConfig(
            database_url=f"sqlite:///{self.folder / 'portal.db'}",
            storage_url=f"file://{self.folder / 'files'}",
            secret_keys=(self.key,),
            base_url=f"http://{self.host}:{self.port}",
            plugins=("sales", "purchases", "catalog", "einvoice"),
            locales=("es", "en", "ca", "fr", "pt-PT"),
            template_dir=_HERE / "templates",
            locale_dir=_HERE / "locale",
            is_demo=True,
        )


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Return what a file holds; written at the first start."""
    if not path.exists():
        path.write_text(make(), "ascii")
        path.chmod(0o600)
    return path.read_text("ascii").strip()


def _today() -> str:
    return datetime.now(ZoneInfo("Europe/Madrid")).date().isoformat()
