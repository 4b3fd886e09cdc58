"""What a visitor's browser loads, measured by a browser: bytes on the wire, compressed."""

import gzip
import shutil
from collections.abc import Iterator
from typing import Any

from benchmarks.figures import Figure, at_most
from benchmarks.pages import LIST, first_document
from benchmarks.site import PASSWORD, Owner, Site, serve_portal, sign_in

__all__ = ("measure_weight",)

_KIB = 1024


def measure_weight(site: Site, owner: Owner) -> Iterator[Figure]:
    """Yield the size of a first visit, of a document page and of a further page.

    Pages are counted as a proxy compresses them; other files as the portal sends them.
    """
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chromium is None:
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # only where it is used

    with serve_portal(site, 1) as server, sync_playwright() as playwright:
        document = first_document(server.url, sign_in(server.url, owner.email))
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        first = _visits(browser, server.url, owner.email, LIST, f"{LIST}?page=2")
        paper = _visits(browser, server.url, owner.email, document)
        browser.close()
    yield at_most("first visit, list of invoices", first[0] / _KIB, 60, "KB")
    yield at_most("a further page", first[1] / _KIB, 8, "KB")
    yield at_most("first visit, document page", paper[0] / _KIB, 110, "KB")


def _visits(browser: Any, url: str, email: str, *paths: str) -> list[int]:
    """Return the bytes of each page and its files, with a cache that starts empty."""
    signed_in = browser.new_context()
    page = signed_in.new_page()
    page.goto(f"{url}/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    fresh = browser.new_context(storage_state=signed_in.storage_state())
    signed_in.close()
    sizes = [_visit(fresh, f"{url}{path}") for path in paths]
    fresh.close()
    return sizes


def _visit(context: Any, address: str) -> int:
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    loaded: dict[str, float] = {}
    kinds: dict[str, str] = {}
    session.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
    session.on(
        "Network.loadingFinished",
        lambda e: loaded.update({e["requestId"]: e["encodedDataLength"]}),
    )
    page.goto(address, wait_until="networkidle")
    text = gzip.compress(page.content().encode(), 6)
    files = sum(size for request, size in loaded.items() if kinds.get(request) != "Document")
    page.close()
    return int(files) + len(text)
