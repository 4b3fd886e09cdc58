"""Figures of Cross Industry Invoices, read by their names in the schema alone."""

from decimal import Decimal

from lxml import etree

from portalkit.model import DocumentBody, LineKind, exponent

__all__ = ("RAM", "differences", "figures_of", "kept_figures")

RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
TOTALS = {
    "line_total": "LineTotalAmount",
    "allowances": "AllowanceTotalAmount",
    "charges": "ChargeTotalAmount",
    "net": "TaxBasisTotalAmount",
    "gross": "GrandTotalAmount",
    "prepaid": "TotalPrepaidAmount",
    "rounding": "RoundingAmount",
    "payable": "DuePayableAmount",
}


def figures_of(content: bytes, currency: str) -> dict[str, object]:
    """Return the figures of a Cross Industry Invoice in minor units, by XPath."""
    root = etree.fromstring(content)
    units = Decimal(10) ** exponent(currency)
    sums = root.find(f".//{RAM}SpecifiedTradeSettlementHeaderMonetarySummation")
    figures: dict[str, object] = {}
    for name, tag in TOTALS.items():
        text = sums.findtext(f"{RAM}{tag}")
        figures[name] = None if text is None else int(Decimal(text) * units)
    own = [
        each for each in sums.findall(f"{RAM}TaxTotalAmount") if each.get("currencyID") == currency
    ]
    figures["tax"] = int(Decimal(own[0].text) * units)
    settlement = f".//{RAM}ApplicableHeaderTradeSettlement/{RAM}ApplicableTradeTax"
    figures["taxes"] = [
        (
            each.findtext(f"{RAM}CategoryCode"),
            Decimal(each.findtext(f"{RAM}RateApplicablePercent") or 0),
            int(Decimal(each.findtext(f"{RAM}BasisAmount")) * units),
            int(Decimal(each.findtext(f"{RAM}CalculatedAmount")) * units),
        )
        for each in root.findall(settlement)
    ]
    figures["lines"] = [
        (
            each.findtext(f".//{RAM}LineID"),
            Decimal(each.findtext(f".//{RAM}BilledQuantity")),
            Decimal(each.findtext(f".//{RAM}NetPriceProductTradePrice/{RAM}ChargeAmount")),
            int(Decimal(each.findtext(f".//{RAM}LineTotalAmount")) * units),
        )
        for each in root.iter(f"{RAM}IncludedSupplyChainTradeLineItem")
    ]
    return figures


def stated_figures(body: DocumentBody) -> dict[str, object]:
    """Return the same of what the document states; what it leaves out must be nothing."""
    figures = {name: getattr(body.totals, name) for name in (*TOTALS, "tax")}
    figures["taxes"] = [
        (row.category, row.rate or Decimal(0), row.taxable, row.amount) for row in body.taxes
    ]
    figures["lines"] = [
        (line.id, line.quantity, line.net_price, line.net_amount)
        for line in body.lines
        if line.kind is LineKind.ITEM
    ]
    return figures


def differences(body: DocumentBody, content: bytes) -> list[tuple[str, object, object]]:
    stated, written = stated_figures(body), figures_of(content, body.currency)
    return [
        (name, stated[name], written[name])
        for name in stated
        if stated[name] != written[name] and not (stated[name] is None and written[name] == 0)
    ]


def kept_figures(body: DocumentBody) -> dict[str, object]:
    """Return what a syntax must not change: amounts, rates, quantities and prices."""
    return {
        "type": body.type_code,
        "number": body.number,
        "dates": (body.issued_on, body.due_on, body.tax_point_on),
        "currency": body.currency,
        "totals": body.totals,
        "taxes": [
            (row.category, row.rate or Decimal(0), row.taxable, row.amount) for row in body.taxes
        ],
        "parts": [(part.is_charge, part.amount, part.base) for part in body.allowances_charges],
        "lines": [
            (
                each.id,
                each.item.name,
                each.quantity,
                each.unit,
                each.net_price,
                each.price_discount or None,
                each.base_quantity,
                each.net_amount,
                [(part.is_charge, part.amount) for part in each.allowances_charges],
            )
            for each in body.lines
        ],
        "parties": {each.role: each.name for each in body.parties},
        "means": [(each.code, (each.iban or "").replace(" ", "")) for each in body.payment_means],
    }
