"""``make bench``: measure everything, print it beside its goals, write it down."""

import argparse
import secrets
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa
from rich.console import Console

from benchmarks.commands import measure_commands
from benchmarks.enumeration import measure_enumeration
from benchmarks.figures import Figure, show, write
from benchmarks.inside import measure_publishing, measure_statements
from benchmarks.outage import measure_outage
from benchmarks.pages import measure_growth, measure_pages
from benchmarks.paper import measure_paper
from benchmarks.postgres import postgres
from benchmarks.signing_in import measure_signing_in
from benchmarks.site import Site
from benchmarks.weight import measure_weight
from portalkit.db import sync_url

__all__ = ("main",)

_RESULTS = Path(__file__).parent / "results.json"
_OWN, _OWN_QUOTES, _OTHERS = 1_000, 200, 50
_TRIES = 300
_console = Console(stderr=True)


def main() -> int:
    """Measure and return 1 if a part could not be measured."""
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--soak", action="store_true", help="the large numbers")
    parser.add_argument("--only", help="parts whose name contains this")
    parser.add_argument("--results", type=Path, default=_RESULTS)
    options = parser.parse_args()
    # A terminated run still stops the servers it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures: list[Figure] = []
    failed = False
    with postgres() as server:
        for name, part in _parts(server, soak=options.soak):
            if options.only and options.only not in name:
                continue
            began = time.perf_counter()
            try:
                figures += part()
            except Exception:  # noqa: BLE001  # one part that breaks must not hide the others
                traceback.print_exc()
                failed = True
            _console.print(f"{name}: {time.perf_counter() - began:.0f} s")
    show(figures)
    write(figures, options.results)
    return int(failed)


def _parts(
    server: str | None, *, soak: bool
) -> Iterator[tuple[str, Callable[[], Iterable[Figure]]]]:
    large = 1_000_000 if soak else 100_000
    yield "pages SQLite", lambda: _with_site("SQLite", _ordinary)
    yield "growth SQLite", lambda: _with_site("SQLite", lambda s, n: _growth(s, n, large))
    yield "paper", lambda: list(measure_paper())
    yield "commands", lambda: list(measure_commands(files=50_000 if soak else 3_000))
    yield (
        "outage of mail SQLite",
        lambda: _with_site("SQLite", lambda s, n: _outage(s, n, soak=soak)),
    )
    yield "who is known SQLite", lambda: _with_site("SQLite", _known)
    storm = 60.0 if soak else 8.0
    yield "signing in SQLite", lambda: _with_site("SQLite", lambda s, n: _signing_in(s, n, storm))
    if server:
        yield "who is known PostgreSQL", lambda: _with_site("PostgreSQL", _known, server)
        yield (
            "outage of mail PostgreSQL",
            lambda: _with_site("PostgreSQL", lambda s, n: _outage(s, n, soak=soak), server),
        )
        yield (
            "signing in PostgreSQL",
            lambda: _with_site("PostgreSQL", lambda s, n: _signing_in(s, n, storm), server),
        )
        yield "pages PostgreSQL", lambda: _with_site("PostgreSQL", _ordinary, server)
        if soak:
            yield (
                "growth PostgreSQL",
                lambda: _with_site("PostgreSQL", lambda s, n: _growth(s, n, large), server),
            )


def _outage(site: Site, label: str, *, soak: bool) -> Iterator[Figure]:
    owner = site.add_owner("own")
    site.publish(owner.contact_id, 100)
    site.settle()
    yield from measure_outage(
        site,
        owner,
        label=label,
        workers=1 if label == "SQLite" else 2,
        mails=550 if soak else 66,
        seconds=60.0 if soak else 10.0,
    )


def _with_site(
    label: str, measure: Callable[[Site, str], Iterator[Figure]], server: str | None = None
) -> list[Figure]:
    """Make a site in a folder of its own, measure it, and remove it."""
    with tempfile.TemporaryDirectory(prefix="portalkit-bench-") as folder:
        url = _new_database(server) if server else None
        site = Site(Path(folder), url)
        try:
            return list(measure(site, label))
        finally:
            site.close()
            if server and url:
                _drop_database(server, url)


def _ordinary(site: Site, label: str) -> Iterator[Figure]:
    """One contact with 1,000 invoices and 200 quotes, a hundred others with 5,000."""
    owner = site.add_owner("own")
    site.publish(owner.contact_id, _OWN)
    site.publish(owner.contact_id, _OWN_QUOTES, kind="quote", prefix="Q")
    for place in range(100):
        other = site.add_owner(f"other-{place}")
        site.publish(other.contact_id, _OTHERS, prefix=f"F{place}")
    site.fill_floor(_OWN, 100 * _OTHERS)
    site.settle()
    is_embedded = label == "SQLite"
    yield from measure_pages(site, owner, label=label, workers=1 if is_embedded else 2)
    if is_embedded:
        yield from measure_statements(site, owner)
        yield from measure_weight(site, owner)
    yield from measure_publishing(site, label)


def _growth(site: Site, label: str, large: int) -> Iterator[Figure]:
    few, many = site.add_owner("few"), site.add_owner("many")
    site.publish(few.contact_id, 100, prefix="S")
    site.publish(many.contact_id, large)
    site.settle()
    workers = 1 if label == "SQLite" else 2
    yield from measure_growth(site, few, many, label=label, workers=workers)


def _signing_in(site: Site, label: str, seconds: float) -> Iterator[Figure]:
    owners = [site.add_owner(f"person-{place}") for place in range(200)]
    site.publish(owners[0].contact_id, 100)
    site.settle()
    workers = 1 if label == "SQLite" else 2
    yield from measure_signing_in(site, owners, label=label, workers=workers, seconds=seconds)


def _known(site: Site, label: str) -> Iterator[Figure]:
    workers = 1 if label == "SQLite" else 2
    yield from measure_enumeration(site, label=label, workers=workers, tries=_TRIES)


def _new_database(server: str) -> str:
    name = f"bench_{secrets.token_hex(4)}"
    with _administer(server) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


def _drop_database(server: str, url: str) -> None:
    with _administer(server) as connection:
        connection.exec_driver_sql(f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")


def _administer(server: str) -> sa.Connection:
    engine = sa.create_engine(sync_url(server), isolation_level="AUTOCOMMIT")
    return engine.connect()


if __name__ == "__main__":
    sys.exit(main())
