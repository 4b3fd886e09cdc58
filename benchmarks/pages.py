"""Pages against the floor, in the same run: lists, documents, home, stored PDFs, memory."""

import re
import statistics
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import httpx

from benchmarks.figures import Figure, at_least, at_most, for_information
from benchmarks.load import requests_per_second
from benchmarks.servers import Server
from benchmarks.site import Owner, Site, serve_floor, serve_portal, sign_in

__all__ = ("first_document", "measure_growth", "measure_pages")

_CLIENTS = 8
_ROUNDS = 3
LIST = "/sales/invoices"


def measure_pages(site: Site, owner: Owner, *, label: str, workers: int) -> Iterator[Figure]:
    """Yield how the portal's pages do against the floor on one database.

    The two take turns, so that a busy machine is busy for both; the median turn counts.
    """
    with ExitStack() as stack:
        floor = stack.enter_context(serve_floor(site, workers))
        portal = stack.enter_context(serve_portal(site, workers))
        cookie = sign_in(portal.url, owner.email)
        document = first_document(portal.url, cookie)
        goals = {"list": (LIST, 0.6), "document": (document, 0.6), "home": ("/home", 0.5)}
        for _ in range(workers):
            requests_per_second(f"{floor.url}/invoices", clients=_CLIENTS, seconds=1)
        rates: dict[str, list[float]] = {name: [] for name in ("floor", *goals)}
        for _ in range(_ROUNDS):
            rates["floor"].append(_rate(floor, "/invoices"))
            for name, (path, _) in goals.items():
                rates[name].append(_rate(portal, path, cookie))
        middle = {name: statistics.median(values) for name, values in rates.items()}
        yield for_information(f"floor, {label}", middle["floor"], "req/s")
        for name, (_, goal) in goals.items():
            yield for_information(f"{name}, {label}", middle[name], "req/s")
            yield at_least(
                f"{name} / floor, {label}", middle[name] / middle["floor"], goal, "ratio"
            )
        yield from _stored_pdf(portal, document, cookie, label)
        yield at_most(
            f"worker's memory over the floor's, {label}",
            portal.worker_mib() - floor.worker_mib(),
            40,
            "MiB PSS",
        )
        yield for_information(f"process that renders PDFs, {label}", portal.helper_mib(), "MiB PSS")


def _rate(server: Server, path: str, headers: Mapping[str, str] | None = None) -> float:
    return requests_per_second(f"{server.url}{path}", clients=_CLIENTS, headers=headers)


def first_document(url: str, cookie: Mapping[str, str]) -> str:
    """Return the path of the first document in the list of invoices."""
    page = httpx.get(f"{url}{LIST}", headers=dict(cookie), timeout=30)
    found = re.search(rf'href="({LIST}/[0-9a-f-]{{36}})"', page.text)
    if page.status_code != httpx.codes.OK or found is None:
        raise RuntimeError(f"{LIST} answered {page.status_code} and shows no document")
    return found[1]


def _stored_pdf(
    server: Server, document: str, cookie: Mapping[str, str], label: str
) -> Iterator[Figure]:
    url = f"{server.url}{document}/pdf"
    answer = httpx.get(url, headers=dict(cookie), timeout=120)
    if answer.status_code != httpx.codes.OK:
        raise RuntimeError(f"the PDF answered {answer.status_code}")
    again = {**cookie, "If-None-Match": answer.headers["etag"]}
    whole = requests_per_second(url, clients=_CLIENTS, headers=cookie)
    yield at_least(f"stored PDF, {label}", whole, 1_500, "req/s")
    unchanged = requests_per_second(url, clients=_CLIENTS, headers=again)
    yield for_information(f"stored PDF not modified, {label}", unchanged, "req/s")


def measure_growth(
    site: Site, small: Owner, large: Owner, *, label: str, workers: int
) -> Iterator[Figure]:
    """Yield how a contact with many documents does against one with a hundred.

    One client at a time: the time of a page, database included.
    """
    with serve_portal(site, workers) as portal:
        yield at_most(f"start to the first answer, {label}", portal.started_in, 1.5, "s")
        few, many = sign_in(portal.url, small.email), sign_in(portal.url, large.email)
        for name, path in (("list", LIST), ("home", "/home")):
            ratio = _ratio(portal, (path, many), (path, few))
            yield at_most(f"{name}: many documents / 100, {label}", ratio, 1.5, "ratio")
        paths = [(name, f"{LIST}?{query}", goal) for name, query, goal in _QUERIES]
        for name, path, goal in (*paths, ("next page", _next_page(portal, many), 2)):
            ratio = _ratio(portal, (path, many), (LIST, many))
            yield at_most(f"{name} / default list, {label}", ratio, goal, "ratio")


_QUERIES = (
    *(
        (f"sorted by {sign}{name}", f"sort={sign}{name}", 2)
        for name in ("date", "type", "number", "description", "status", "total")
        for sign in ("", "-")
    ),
    ("status filter", "status=paid", 2),
    ("overdue", "status=overdue", 2),
    ("date range", "from=2026-03-01&to=2026-03-31", 2),
    ("text search", "q=picual", 5),
    ("number search", "q=000123", 5),
)


_Visit = tuple[str, Mapping[str, str]]


def _ratio(server: Server, one: _Visit, other: _Visit) -> float:
    """Return how many times as long the one takes; the two take turns."""

    def rate(visit: _Visit) -> float:
        path, headers = visit
        return requests_per_second(f"{server.url}{path}", clients=1, seconds=1, headers=headers)

    return statistics.median(rate(other) / rate(one) for _ in range(_ROUNDS))


def _next_page(server: Server, cookie: Mapping[str, str]) -> str:
    page = httpx.get(f"{server.url}{LIST}", headers=dict(cookie), timeout=30).text
    found = re.search(r'href="([^"]+)"[^>]*rel="next"|rel="next"[^>]*href="([^"]+)"', page)
    if found is None:
        raise RuntimeError("the list has no next page")
    return (found[1] or found[2]).replace("&amp;", "&")
