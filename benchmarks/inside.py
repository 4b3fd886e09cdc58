"""Figures from inside one process: statements a page, publishing, rendering."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from msgspec import structs

from benchmarks.documents import publications
from benchmarks.figures import Figure, at_least, at_most, for_information
from benchmarks.pages import LIST
from benchmarks.site import NOW, PASSWORD, Owner, Site
from portalkit.app import create_app
from portalkit.documents.publish import publish
from portalkit.model import Publication
from portalkit.testing.client import PortalClient, open_portal

__all__ = ("measure_publishing", "measure_statements")

_PUBLISHED = 10_000


def measure_statements(site: Site, owner: Owner) -> Iterator[Figure]:
    """Yield how many SQL statements the pages take, the session's included."""
    counts = asyncio.run(_count(site, owner))
    for name, goal in (("list", 4), ("home", 5), ("document", 8)):
        yield at_most(f"SQL statements, {name}", counts[name], goal, "statements")


async def _count(site: Site, owner: Owner) -> dict[str, int]:
    app = create_app(site.config)
    counts: dict[str, int] = {}
    async with open_portal(app), PortalClient(app) as client:
        await client.sign_in(owner.email, PASSWORD)
        rows = await client.get(LIST)
        document = rows.text.partition(f'href="{LIST}/')[2].partition('"')[0]
        paths = {"list": LIST, "home": "/home", "document": f"{LIST}/{document}"}
        for name, path in paths.items():
            # The first visit of a day also notes that somebody was there.
            (await client.get(path)).raise_for_status()
            with _counting(app.portal.engine.sync_engine) as statements:
                (await client.get(path)).raise_for_status()
            counts[name] = len(statements)
    return counts


@contextmanager
def _counting(engine: sa.Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statement = str(arguments[2])
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def measure_publishing(site: Site, label: str) -> Iterator[Figure]:
    """Yield how many documents a second are published in one transaction."""
    owner = site.add_owner(f"published-{label.lower()}")
    paid = list(publications(owner.contact_id, _PUBLISHED, prefix="P"))
    plain = [
        structs.replace(p, payments=())
        for p in publications(owner.contact_id, _PUBLISHED, prefix="D")
    ]
    yield at_least(f"publish, {label}", _publish_rate(site, plain), 3_000, "documents/s")
    yield for_information(
        f"publish with payments, {label}", _publish_rate(site, paid), "documents/s"
    )


def _publish_rate(site: Site, batch: Sequence[Publication]) -> float:
    began = time.perf_counter()
    with site.engine.begin() as connection:
        publish(
            connection,
            site.business_id,
            batch,
            kinds=site.portal.kinds,
            storage=site.portal.storage,
            now=NOW,
        )
    return len(batch) / (time.perf_counter() - began)
