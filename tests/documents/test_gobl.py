"""Our arithmetic against GOBL's, to the cent: its inputs in, its totals out.

A named rate ("standard") is looked up in a country's table and a price in another currency is
converted before any arithmetic begins, so both are taken as GOBL resolved them. Everything
else that is compared is worked out here.
"""

import json
import os
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from portalkit.documents.totals import compute
from portalkit.model import (
    AllowanceCharge,
    DocumentBody,
    Item,
    Line,
    Money,
    RoundingPolicy,
    StatedPayment,
    TaxStated,
)

WITHOUT_TOTALS = {
    "gobl/es/party.yaml": "a party",
    "gobl/es/payment.yaml": "a receipt: it settles documents and has no lines of its own",
    "gobl/es/payment-partial.yaml": "a receipt: it settles documents and has no lines of its own",
}
"""Inputs that nothing is worked out for; each is shown to state no totals."""

FOLDERS = ("es", "fr", "gb", "it", "pl", "us")
TOTALS = {
    "line_total": "sum",
    "allowances": "discount",
    "charges": "charge",
    "net": "total",
    "tax": "tax",
    "gross": "total_with_tax",
    "withheld": "retained_tax",
    "prepaid": "advance",
}
# Without a rate and with nothing to pay: what GOBL calls by a key, by its UNTDID 5305 code.
CATEGORIES = {
    "zero": "Z",
    "exempt": "E",
    "reverse-charge": "AE",
    "intra-community": "K",
    "export": "G",
    "outside-scope": "O",
}


@pytest.fixture(scope="module")
def data_folder() -> Path:
    named = os.environ.get("PORTALKIT_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[3] / "shared" / "data"
    if not (folder / "gobl").is_dir():
        pytest.skip(f"there are no GOBL documents in {folder} (set PORTALKIT_TEST_DATA)")
    return folder


@pytest.fixture(scope="module")
def cases(data_folder) -> dict[str, tuple[dict, dict]]:
    """Every input with what GOBL made of it; some files are both in one."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((data_folder / "gobl" / folder).glob("*.*")):
            computed = path.parent / "out" / f"{path.stem}.json"
            found[name_of(path, data_folder)] = (load(path), load(computed))
    for pattern in ("facturae/gobl/*.json", "gobl-ubl/**/*.json"):
        for path in sorted(data_folder.glob(pattern)):
            found[name_of(path, data_folder)] = (load(path), load(path))
    return found


def name_of(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def load(path: Path) -> dict:
    text = path.read_text("utf-8")
    document = yaml.safe_load(text) if path.suffix == ".yaml" else json.loads(text)
    return document.get("doc", document)


def minor(text: object, currency: str) -> int:
    return Money.rounded(Decimal(str(text)), currency).minor_units


def percent(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(str(text).removesuffix("%"))


def read_taxes(computed: list[dict]) -> tuple[TaxStated, ...]:
    """Return the taxes of a line; a surcharge is a tax of its own here."""
    taxes = []
    for each in computed:
        rate = percent(each.get("percent"))
        category = CATEGORIES.get(each.get("key"), "S") if each["cat"] == "VAT" else None
        taxes.append(TaxStated(scheme=each["cat"], category=category, rate=rate))
        if "surcharge" in each:
            taxes.append(TaxStated(scheme="surcharge", rate=percent(each["surcharge"])))
    return tuple(taxes)


def read_parts(given: dict, currency: str) -> tuple[AllowanceCharge, ...]:
    """Return what is taken off and added; an amount is read only where no share is stated."""
    parts = []
    for name in ("discounts", "charges"):
        for each in given.get(name, ()):
            share = percent(each.get("percent"))
            taxes = read_taxes(each.get("taxes", []))
            parts.append(
                AllowanceCharge(
                    is_charge=name == "charges",
                    amount=0 if share is not None else minor(each["amount"], currency),
                    base=minor(each["base"], currency) if "base" in each else None,
                    percent=share,
                    tax=taxes[0] if taxes else None,
                )
            )
    return tuple(parts)


def read_line(number: int, given: dict, computed: dict, currency: str) -> Line:
    item, resolved = given["item"], computed["item"]
    price = item["price"] if "currency" not in item else resolved["price"]
    return Line(
        id=str(number),
        item=Item(name=item["name"]),
        quantity=Decimal(str(given["quantity"])),
        net_price=Decimal(str(price)),
        taxes=read_taxes(computed.get("taxes", [])),
        allowances_charges=read_parts(given, currency),
    )


def read_body(given: dict, computed: dict) -> DocumentBody:
    currency, tax = computed["currency"], given.get("tax") or {}
    is_by_line = tax.get("rounding") in {"round-then-sum", "currency"}
    advances = computed.get("payment", {}).get("advances", ())
    return DocumentBody(
        kind="invoice",
        number="1",
        issued_on=date(2026, 1, 1),
        currency=currency,
        prices_include_tax="prices_include" in tax,
        rounding_policy=RoundingPolicy.ROUND_THEN_SUM
        if is_by_line
        else RoundingPolicy.SUM_THEN_ROUND,
        lines=tuple(
            read_line(number, line, resolved, currency)
            for number, (line, resolved) in enumerate(
                zip(given["lines"], computed["lines"], strict=True), start=1
            )
        ),
        allowances_charges=read_parts(given, currency),
        stated_payments=tuple(
            StatedPayment(amount=minor(each["amount"], currency)) for each in advances
        ),
    )


def read_expected(computed: dict) -> dict[str, object]:
    """Return what GOBL made of it: totals, amount of each tax, base and amount of each rate."""
    currency, totals = computed["currency"], computed["totals"]
    expected: dict[str, object] = {
        name: minor(totals.get(key, "0"), currency) for name, key in TOTALS.items()
    }
    expected["payable"] = minor(totals.get("due", totals["payable"]), currency)
    for category in totals.get("taxes", {}).get("categories", ()):
        code, rates = category["code"], category["rates"]
        expected[code] = minor(category["amount"], currency)
        times = Counter(rate.get("percent") for rate in rates)
        for rate in rates:
            base, amount = minor(rate["base"], currency), minor(rate["amount"], currency)
            # GOBL has two rows where one of them bears a surcharge, rounded each by itself.
            if times[rate.get("percent")] == 1:
                expected[code, percent(rate.get("percent"))] = (base, amount)
            if surcharge := rate.get("surcharge"):
                key = "surcharge", percent(surcharge["percent"])
                expected[key] = (base, minor(surcharge["amount"], currency))
    return expected


def read_computed(body: DocumentBody) -> dict[object, object]:
    """Return the same of what we made of it."""
    found: dict[object, object] = {
        name: getattr(body.totals, name) or 0 for name in (*TOTALS, "payable")
    }
    for row in body.taxes:
        found[row.scheme] = found.get(row.scheme, 0) + row.amount
        base, amount = found.get((row.scheme, row.rate), (0, 0))
        found[row.scheme, row.rate] = (base + row.taxable, amount + row.amount)
    return found


def differences_of(given: dict, computed: dict) -> tuple[int, list[tuple[object, ...]]]:
    """Return how many figures were compared, and those that differ."""
    body = compute(read_body(given, computed))
    expected, found = read_expected(computed), read_computed(body)
    expected["lines"] = [minor(each["total"], body.currency) for each in computed["lines"]]
    found["lines"] = [line.net_amount for line in body.lines]
    return len(expected) + len(body.lines) - 1, [
        (key, value, found.get(key)) for key, value in expected.items() if found.get(key) != value
    ]


def test_every_document_comes_to_the_totals_of_gobl(cases, capsys):
    compared, figures, differences = set(cases) - set(WITHOUT_TOTALS), 0, []

    for name in sorted(compared):
        count, different = differences_of(*cases[name])
        figures += count
        differences += [(name, *each) for each in different]

    with capsys.disabled():
        sys.stdout.write(
            f"\nGOBL documents {len(compared)} / figures {figures}"
            f" / differences {len(differences)}\n"
        )
    assert differences == []
    assert len(compared) >= 35


def test_only_what_states_no_totals_is_left_out(cases):
    assert {name for name, (_, computed) in cases.items() if "totals" not in computed} == set(
        WITHOUT_TOTALS
    )
