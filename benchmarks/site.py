"""A portal to measure: one business, contacts, documents, and somebody who can sign in."""

import asyncio
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import sqlalchemy as sa

from benchmarks.documents import publications
from benchmarks.floor import FloorBase, FloorInvoice
from benchmarks.servers import Server, free_port, serve
from portalkit.access.models import Business, Contact, Membership, Person, Staff
from portalkit.config import PortalConfig, Secret
from portalkit.db import sync_url
from portalkit.db.migrate import upgrade
from portalkit.documents.keys import fold
from portalkit.documents.publish import publish
from portalkit.hooks import load_plugins
from portalkit.model import new_id
from portalkit.web.portal import RunningPortal

__all__ = (
    "NOW",
    "PASSWORD",
    "TOKEN",
    "Owner",
    "Site",
    "serve_floor",
    "serve_portal",
    "sign_in",
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PASSWORD = secrets.token_urlsafe(12)
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Owner(msgspec.Struct, frozen=True):
    """A contact with documents, and the address its person signs in by."""

    contact_id: str
    email: str


class Site:
    """A portal's database and files, and what is needed to fill them."""

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.config = PortalConfig(
            database_url=database_url or f"sqlite:///{folder / 'bench.db'}",
            storage_url=f"file://{folder / 'files'}",
            secret_keys=(Secret(secrets.token_hex(32)),),
            base_url=f"http://127.0.0.1:{self.port}",
            plugins=("sales", "einvoice"),
        )
        self.engine = sa.create_engine(sync_url(self.config.database_url))
        upgrade(self.config.database_url, load_plugins(self.config))
        self.portal = RunningPortal.load(self.config)
        self.business_id = new_id()
        self._password_hash = asyncio.run(self.portal.passwords.hash(PASSWORD))
        with self.engine.begin() as connection:
            connection.execute(
                sa.insert(Business).values(
                    id=self.business_id,
                    slug="bench",
                    name="Almazara de prueba",
                    tax_id="B00123456",
                    currency="EUR",
                    timezone="Europe/Madrid",
                    locale="es",
                    locales=["es", "en"],
                    brand_colour="#4a6317",
                    settings={},
                    version=1,
                    created_at=NOW,
                )
            )

    @property
    def environ(self) -> dict[str, str]:
        """The variables by which a server finds this site."""
        config = self.config
        return {
            "PORTALKIT_DATABASE_URL": config.database_url,
            "PORTALKIT_STORAGE_URL": config.storage_url,
            "PORTALKIT_SECRET_KEYS": config.secret_keys[0].value,
            "PORTALKIT_BASE_URL": config.base_url,
            "PORTALKIT_PLUGINS": ",".join(config.plugins),
        }

    def add_staff(self, name: str) -> str:
        """Add somebody who works for the business, and return their address."""
        email = f"{name}@bench.example"
        with self.engine.begin() as connection:
            connection.execute(
                sa.insert(Staff).values(
                    id=new_id(),
                    business_id=self.business_id,
                    email=email,
                    name=name,
                    role="reader",
                    password_hash=self._password_hash,
                    password_set_at=NOW,
                    created_at=NOW,
                )
            )
        return email

    def add_owner(self, name: str) -> Owner:
        """Add a contact whose person can sign in."""
        contact_id, person_id = new_id(), new_id()
        email = f"{name}@bench.example"
        common = {"business_id": self.business_id, "created_at": NOW}
        with self.engine.begin() as connection:
            connection.execute(
                sa.insert(Contact).values(id=contact_id, name=name, name_key=fold(name), **common)
            )
            connection.execute(
                sa.insert(Person).values(
                    id=person_id,
                    email=email,
                    name=name,
                    password_hash=self._password_hash,
                    password_set_at=NOW,
                    **common,
                )
            )
            connection.execute(
                sa.insert(Membership).values(
                    person_id=person_id,
                    contact_id=contact_id,
                    business_id=self.business_id,
                    role="owner",
                )
            )
        return Owner(contact_id, email)

    def publish(
        self, contact_id: str, count: int, *, kind: str = "invoice", prefix: str = "F"
    ) -> None:
        """Publish documents of a contact, in transactions of five thousand."""
        waiting = publications(contact_id, count, kind=kind, prefix=prefix)
        while batch := [p for _, p in zip(range(5_000), waiting, strict=False)]:
            with self.engine.begin() as connection:
                results = publish(
                    connection,
                    self.business_id,
                    batch,
                    kinds=self.portal.kinds,
                    storage=self.portal.storage,
                    now=NOW,
                )
            if refused := [result.message for result in results if result.error]:
                raise RuntimeError(f"refused: {refused[0]}")

    def fill_floor(self, own: int, others: int) -> None:
        """Make the floor's table beside the portal's, with as many rows."""
        FloorBase.metadata.create_all(self.engine)
        rows = [
            {
                "contact_id": "own" if place < own else f"c{place % 100}",
                "number": publication.body.number,
                "description": publication.body.description,
                "status": "paid" if publication.payments else "pending",
                "issued_on": publication.body.issued_on,
                "total": publication.body.totals.payable,
                "currency": "EUR",
            }
            for place, publication in enumerate(publications("", own + others))
        ]
        with self.engine.begin() as connection:
            connection.execute(sa.insert(FloorInvoice), rows)

    def settle(self) -> None:
        """Let PostgreSQL gather its statistics, as it does by itself overnight."""
        if self.engine.dialect.name == "postgresql":
            with self.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
                    "VACUUM ANALYZE"
                )

    def close(self) -> None:
        """Close what is open."""
        asyncio.run(self.portal.close())
        self.engine.dispose()


@contextmanager
def serve_portal(
    site: Site, workers: int, *, environ: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run the portal of a site, with further variables of the environment."""
    with serve(
        "portalkit.app:create_app",
        workers=workers,
        ready="/-/live",
        environ=site.environ | dict(environ or {}),
        port=site.port,
    ) as server:
        yield server


@contextmanager
def serve_floor(site: Site, workers: int) -> Iterator[Server]:
    """Run the floor on the same database."""
    environ = {"BENCH_DATABASE_URL": site.config.database_url}
    with serve(
        "benchmarks.floor:create", workers=workers, ready="/invoices", environ=environ
    ) as server:
        yield server


def sign_in(url: str, email: str) -> dict[str, str]:
    """Sign somebody in as a browser does and return the headers of further requests."""
    with httpx.Client(base_url=url) as client:
        token = TOKEN.search(client.get("/login").text)
        if token is None:
            raise RuntimeError("the sign-in page has no form")
        answer = client.post(
            "/login",
            data={"email": email, "password": PASSWORD, "csrf_token": token[1]},
            headers={"origin": url, "sec-fetch-site": "same-origin"},
        )
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise RuntimeError(f"sign-in answered {answer.status_code}")
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
