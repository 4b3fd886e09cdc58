"""What is withheld stands where the stated total leaves it: below the total, or above it."""

from decimal import Decimal

import pytest

from portalkit.model import TaxRow, Totals

TAXES = (
    TaxRow(taxable=10_000, amount=2_100, category="S", rate=Decimal(21)),
    TaxRow(taxable=10_000, amount=1_500, scheme="IRPF", rate=Decimal(15), is_withheld=True),
)


@pytest.mark.parametrize(
    ("gross", "prepaid", "expected"),
    [
        (
            12_100,
            None,
            ["Base imponible", "IVA", "Total con impuestos", "Retención IRPF", "Total a pagar"],
        ),
        (10_600, None, ["Base imponible", "IVA", "Retención IRPF", "Total a pagar"]),
        (
            10_600,
            1_000,
            ["Base imponible", "IVA", "Retención IRPF", "Total", "Ya pagado", "Total a pagar"],
        ),
    ],
    ids=["as EN 16931 states it", "as Facturae states it", "and partly paid"],
)
def test_rows_add_up_downwards_whichever_total_is_stated(press, samples, gross, prepaid, expected):
    payable = 10_600 - (prepaid or 0)
    totals = Totals(
        net=10_000, tax=2_100, gross=gross, withheld=1_500, prepaid=prepaid, payable=payable
    )

    rows = press.view(samples.invoice(taxes=TAXES, totals=totals)).sums.totals

    labels = [row.label.replace("\N{NO-BREAK SPACE}", " ").removesuffix(" 15 %") for row in rows]
    assert labels == expected
    assert rows[-1].is_payable
