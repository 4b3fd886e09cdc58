"""Every kind of page: for everybody, at any width, and light."""

import gzip

import pytest

from .kinds import KINDS, open_kind
from .looking import COLOURS, findings
from .visitors import CARMEN, DESK, LUCIA, MARIA, NARROW, PHONE, TABLET

pytestmark = pytest.mark.browser

# 300 lines of one sort take axe half a minute; the other invoice has a few of the same.
_CHECKED = [name for name in KINDS if name != "invoice-overfull"]
_KIB = 1024


@pytest.mark.parametrize("name", _CHECKED)
def test_axe_finds_nothing_at_a_desk_nor_on_a_phone_in_light_and_dark(visits, name):
    kind = KINDS[name]
    visits.expect(f"status of {kind.status}")
    page = visits.open(who=kind.who)
    open_kind(page, kind)

    found = {"desk, light": findings(page)}
    page.emulate_media(color_scheme="dark")
    found["desk, dark"] = findings(page, COLOURS)
    page.set_viewport_size(PHONE)
    found["phone, dark"] = findings(page)
    page.emulate_media(color_scheme="light")
    found["phone, light"] = findings(page, COLOURS)

    assert not any(found.values()), found


def test_no_page_scrolls_sideways_at_any_width(visits):
    wide = []
    for who in {kind.who for kind in KINDS.values()}:
        page = visits.open(who=who, viewport=NARROW)
        for name, kind in KINDS.items():
            if kind.who != who:
                continue
            visits.expect(f"status of {kind.status}")
            open_kind(page, kind)
            for viewport in (NARROW, TABLET, DESK):
                page.set_viewport_size(viewport)
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    wide.append((name, viewport["width"]))

    assert wide == []


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/login", None),
        ("/home", LUCIA),
        ("/sales/invoices", LUCIA),
        ("/backoffice/login", None),
        ("/backoffice/documents", CARMEN),
    ],
)
def test_a_first_visit_takes_60_kib(visits, path, who):
    page = visits.open(who=who)

    assert _transferred(page, path) <= 60 * _KIB


@pytest.mark.parametrize("name", ["invoice", "quote", "credit-note", "office-document"])
def test_a_first_visit_to_a_document_takes_110_kib(visits, name):
    kind = KINDS[name]
    before = visits.open(who=kind.who)
    open_kind(before, kind)
    page = visits.open(who=kind.who)

    assert _transferred(page, before.url) <= 110 * _KIB


def test_a_further_page_takes_8_kib(visits):
    page = visits.open("/sales/invoices", who=MARIA)

    assert _transferred(page, "/sales/quotes") <= 8 * _KIB


def _transferred(page, path):
    """Open a page and return the bytes that come over the wire for it, heads included.

    Static files come compressed; the page itself counts as a proxy compresses it.
    """
    received = []
    client = page.context.new_cdp_session(page)
    client.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    client.send("Network.enable")
    answer = page.goto(path, wait_until="networkidle")
    assert sum(received) > len(answer.body())
    assert "content-encoding" not in answer.headers
    return sum(received) - len(answer.body()) + len(gzip.compress(answer.body(), 6))
