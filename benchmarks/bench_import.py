"""``python -m benchmarks.bench_import``: how fast files come in, and in how much memory.

Makes UBL files of every sort that is imported, from one line to two hundred, in three
currencies, some with a file inside; imports a few and then many of them with the command, in
fresh portals, and prints one figure a line as JSON.
"""

import argparse
import re
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from benchmarks.figures import Figure, at_least, at_most, for_information

__all__ = ("main", "make_files", "measure_import")

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_ATTACHED: Final = "UG9ydGFsIGFuZCBwb3J0YWwgYWdhaW4u" * 400
_CURRENCIES: Final = {"EUR": "0.01", "JPY": "1", "OMR": "0.001"}


class Shape(NamedTuple):
    """What the parts of a sort of document are called."""

    root: str
    seller: str
    buyer: str
    line: str
    quantity: str
    totals: str | None
    inner: str | None = None
    type_code: str | None = None


_SHAPES: Final = (
    Shape(
        "Invoice",
        "AccountingSupplierParty",
        "AccountingCustomerParty",
        "InvoiceLine",
        "InvoicedQuantity",
        "LegalMonetaryTotal",
        type_code="InvoiceTypeCode",
    ),
    Shape(
        "CreditNote",
        "AccountingSupplierParty",
        "AccountingCustomerParty",
        "CreditNoteLine",
        "CreditedQuantity",
        "LegalMonetaryTotal",
    ),
    Shape(
        "Quotation",
        "SellerSupplierParty",
        "BuyerCustomerParty",
        "QuotationLine",
        "Quantity",
        "QuotedMonetaryTotal",
        inner="LineItem",
    ),
    Shape(
        "Order",
        "SellerSupplierParty",
        "BuyerCustomerParty",
        "OrderLine",
        "Quantity",
        "AnticipatedMonetaryTotal",
        inner="LineItem",
    ),
    Shape(
        "DespatchAdvice",
        "DespatchSupplierParty",
        "DeliveryCustomerParty",
        "DespatchLine",
        "DeliveredQuantity",
        None,
    ),
)


def make_files(folder: Path, count: int, *, first: int = 0) -> int:
    """Write files and return their size in bytes; the same numbers make the same files."""
    folder.mkdir(parents=True)
    size = 0
    for place in range(first, first + count):
        text = document(place)
        size += (folder / f"{place:06d}.xml").write_bytes(text.encode())
    return size


def document(place: int) -> str:
    """Return one document; its place decides its sort, currency and length."""
    # Two of three are invoices, as in life.
    shape = _SHAPES[place % len(_SHAPES) if place % 3 == 0 else 0]
    currency = ("EUR", "EUR", "EUR", "JPY", "OMR")[place % 5]
    lines = (1, 3, 5, 8, 20, 200)[place % 6 if place % 50 == 5 else place % 5]
    unit = Decimal(_CURRENCIES[currency])
    net = sum(((line + 1) * 1_250 * unit for line in range(lines)), Decimal(0))
    parts = [
        _field("ID", f"{shape.root[:2].upper()}-{place:06d}"),
        _field("IssueDate", f"2026-{1 + place % 11:02d}-{1 + place % 28:02d}"),
        _field(shape.type_code, "380") if shape.type_code else "",
        _field("Note", f"Campaña {place % 4}: reposición de tienda & almacén"),
        _field("DocumentCurrencyCode", currency) if shape.totals else "",
        _attachment() if place % 40 == 0 else "",
        _party(shape.seller, "Almazara de prueba, S.L.", "ESB00123456"),
        _party(shape.buyer, f"Tienda {place % 300}", f"ESB{place % 300:08d}"),
        _totals(shape.totals, net, currency) if shape.totals else "",
        *(_line(shape, line, unit, currency) for line in range(lines)),
    ]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{shape.root} xmlns="{_UBL}{shape.root}-2"'
        f' xmlns:cac="{_UBL}CommonAggregateComponents-2"'
        f' xmlns:cbc="{_UBL}CommonBasicComponents-2">{"".join(parts)}</{shape.root}>\n'
    )


def _field(name: str, text: object, attributes: str = "") -> str:
    escaped = str(text).replace("&", "&amp;")
    return f"<cbc:{name}{attributes}>{escaped}</cbc:{name}>\n"


def _group(name: str, *parts: str) -> str:
    return f"<cac:{name}>{''.join(parts)}</cac:{name}>\n"


def _amount(name: str, value: Decimal, currency: str) -> str:
    return _field(name, value, f' currencyID="{currency}"')


def _party(name: str, title: str, number: str) -> str:
    country = _group("Country", _field("IdentificationCode", "ES"))
    address = _field("StreetName", "Calle Mayor") + _field("CityName", "Baeza") + country
    scheme = _group("TaxScheme", _field("ID", "VAT"))
    return _group(
        name,
        _group(
            "Party",
            _group("PartyName", _field("Name", title)),
            _group("PostalAddress", address),
            _group("PartyTaxScheme", _field("CompanyID", number), scheme),
            _group("Contact", _field("Name", "Lucía"), _field("Telephone", "+34 953 000 000")),
        ),
    )


def _totals(name: str, net: Decimal, currency: str) -> str:
    tax = (net / 10).quantize(Decimal(_CURRENCIES[currency]))
    category = _group(
        "TaxCategory",
        _field("ID", "S"),
        _field("Percent", 10),
        _group("TaxScheme", _field("ID", "VAT")),
    )
    subtotal = _amount("TaxableAmount", net, currency) + _amount("TaxAmount", tax, currency)
    return _group(
        "TaxTotal",
        _amount("TaxAmount", tax, currency),
        _group("TaxSubtotal", subtotal, category),
    ) + _group(
        name,
        _amount("LineExtensionAmount", net, currency),
        _amount("TaxExclusiveAmount", net, currency),
        _amount("TaxInclusiveAmount", net + tax, currency),
        _amount("PayableAmount", net + tax, currency),
    )


def _line(shape: Shape, line: int, unit: Decimal, currency: str) -> str:
    item = _group(
        "Item",
        _field("Description", "Virgen extra, cosecha temprana"),
        _field("Name", f"Picual {250 * (line + 1)} ml"),
        _field("BrandName", "La Prueba"),
        _group("SellersItemIdentification", _field("ID", f"SKU-{line:03d}")),
    )
    figures = _field(shape.quantity, line + 1, ' unitCode="C62"')
    if shape.totals is not None:
        figures += _amount("LineExtensionAmount", (line + 1) * 1_250 * unit, currency)
    price = _group("Price", _amount("PriceAmount", 1_250 * unit, currency)) if shape.totals else ""
    parts = (_field("ID", line + 1), figures, price, item)
    return _group(shape.line, _group(shape.inner, *parts) if shape.inner else "".join(parts))


def _attachment() -> str:
    binary = _field(
        "EmbeddedDocumentBinaryObject", _ATTACHED, ' mimeCode="text/csv" filename="horas.csv"'
    )
    return _group("AdditionalDocumentReference", _field("ID", 1), _group("Attachment", binary))


class _Run(NamedTuple):
    seconds: float
    processor_seconds: float
    peak_mib: float


def _import(folder: Path, files: Path) -> _Run:
    """Import a folder into a fresh portal, in a process of its own."""
    folder.mkdir()
    config = folder / "portalkit.toml"
    config.write_text(
        f'database_url = "sqlite:///{folder}/bench.db"\nstorage_url = "file:{folder}/files"\n'
        f'secret_keys = ["{secrets.token_hex(32)}"]\n[[business]]\nslug = "bench"\nname = "Bench"\n'
    )
    command = [str(Path(sys.executable).parent / "portalkit"), "--config", str(config)]
    subprocess.run([*command, "db", "upgrade"], check=True, stdout=subprocess.DEVNULL)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    with (folder / "report.jsonl").open("wb") as report:
        process = subprocess.Popen([*command, "import", "--json", str(files)], stdout=report)
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(0.05)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if process.returncode:
        raise RuntimeError(f"the import ended with {process.returncode}: see {folder}")
    return _Run(seconds, busy, peak)


def _memory(pid: int) -> float:
    """Return the memory of a process in MiB, without the files it has mapped."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0.0
    found = re.search(r"^RssAnon:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def measure_import(count: int = 6_000) -> Iterator[Figure]:
    """Yield the rate and the memory of ``portalkit import``.

    Args:
        count: How many files; a tenth of them is imported first, to tell what is constant.
    """
    with tempfile.TemporaryDirectory(prefix="portalkit-import-") as name:
        folder = Path(name)
        few = count // 10
        make_files(folder / "few", few)
        size = make_files(folder / "many", count)
        first = _import(folder / "portal-few", folder / "few")
        second = _import(folder / "portal-many", folder / "many")
    yield for_information("import, size of a file", size / count / 1024, "KiB")
    yield at_least("import, files a second", count / second.seconds, 150, "files/s")
    rate = (count - few) / (second.seconds - first.seconds)
    yield for_information("import, files a second once it runs", rate, "files/s")
    # What the rate comes to when nothing else wants the processor and the disk is quick.
    busy = second.processor_seconds
    yield for_information("import, files a second of processor time", count / busy, "files/s")
    yield for_information("import, peak memory", second.peak_mib, "MiB")
    growth = second.peak_mib - first.peak_mib
    # The database may keep 16 MiB of its pages at hand, however many files there are.
    yield at_most(f"import, more memory for {count // few} times the files", growth, 24, "MiB")


def main() -> int:
    """Print the figures and return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="bench_import", description=__doc__)
    parser.add_argument("--files", type=int, default=6_000)
    figures = list(measure_import(parser.parse_args().files))
    for figure in figures:
        print(msgspec.json.encode(figure).decode())
    return int(not all(figure.ok for figure in figures))


if __name__ == "__main__":
    raise SystemExit(main())
