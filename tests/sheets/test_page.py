"""The HTML of sheets: escaped, without inline style or script, every class with a rule."""

import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from portalkit.hooks.types import Purpose
from portalkit.model import Identifier, Item, Line, Note, Party, PartyRole

STATIC = Path(str(files("portalkit"))) / "static"
SAMPLES = [
    "invoice",
    "credit_note",
    "quote",
    "delivery_note",
    "proforma",
    "purchase_order",
    "sales_order",
    "long_invoice",
    "arabic_invoice",
]
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><svg onload=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "' onmouseover='alert(1)",
    "<style>@import 'http://127.0.0.1/'</style>",
]


class Tags(HTMLParser):
    """Collects elements, attributes and classes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.classes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        for name, text in attrs:
            self.attributes.add(name)
            if name == "class":
                self.classes |= set((text or "").split())


@pytest.mark.parametrize("locale", ["en", "es", "ar"])
@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("name", SAMPLES)
def test_every_sheet_obeys_a_strict_policy(press, samples, name, purpose, locale):
    _, make = samples.SAMPLES[name]

    tags = Tags(press.page(press.view(make(), locale, purpose=purpose)))

    assert "script" not in tags.names
    assert "style" not in tags.names
    assert "style" not in tags.attributes
    assert not {name for name in tags.attributes if name.startswith("on")}


def test_every_class_of_a_sheet_has_a_rule(press, samples):
    css = (STATIC / "sheet.css").read_text("utf-8")
    ruled = set(re.findall(r"\.(sheet(?:-[a-z0-9]+)*)", css))
    used: set[str] = set()
    for locale, make in samples.SAMPLES.values():
        for purpose in Purpose:
            used |= Tags(press.page(press.view(make(), locale, purpose=purpose))).classes

    assert used - ruled == set()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_whatever_others_wrote_is_shown_as_text(press, samples, payload):
    party = Party(
        role=PartyRole.BUYER, name=payload, tax_ids=(Identifier(payload, "VAT"),), website=payload
    )
    body = samples.invoice(
        number=payload,
        title=payload,
        description=payload,
        parties=(samples.MILL, party),
        notes=(Note(payload),),
        buyer_reference=payload,
        payment_terms=payload,
        lines=(
            Line(
                id="1",
                item=Item(name=payload, description=payload, seller_id=payload),
                note=payload,
                unit_label=payload,
                net_amount=1,
            ),
        ),
    )

    plain, hostile = (
        Tags(press.page(press.view(found, "en"))) for found in (samples.invoice(), body)
    )

    assert hostile.names <= plain.names | {"div", "small"}
    assert hostile.attributes <= plain.attributes


def test_the_sheet_is_a_part_of_its_page_with_headings_below_the_pages_own(press, samples):
    page = press.page(press.view(samples.invoice(), purpose=Purpose.PAGE))

    assert "<h1" not in page
    assert '<h2 class="sheet-heading">' in page
    assert "sheet-runfoot" not in page


def test_a_document_in_english_weighs_little(press, samples):
    page = press.page(press.view(samples.invoice(), "en", purpose=Purpose.PAGE))
    fonts = [
        (STATIC / "fonts" / f"source-sans-3-latin-{weight}-normal.woff2").stat().st_size
        for weight in (400, 600)
    ]

    assert sum(fonts) < 32_000
    assert len(page.encode()) < 20_000
