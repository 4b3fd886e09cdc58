"""What the issuer of a document stated: typed, complete, without a trace of a database.

Amounts are integers in minor units of ``currency``; quantities, unit prices and rates are
``Decimal``. A stated amount finer than the currency stays as text in ``extra``. Codes are
those of EN 16931 and UN/CEFACT: UNTDID 1001 (type), 5305 (tax category), 4461 (payment
means), UNECE Recommendation 20 (units).
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from portalkit.model.party import Address, Identifier, Party, PartyRole

__all__ = (
    "AllowanceCharge",
    "Delivery",
    "DocumentBody",
    "ExchangeRate",
    "Instalment",
    "Item",
    "Line",
    "LineKind",
    "Note",
    "PaymentMeans",
    "Period",
    "ReferenceStated",
    "Relation",
    "RoundingPolicy",
    "StatedPayment",
    "TaxRow",
    "TaxStated",
    "Totals",
    "TotalsOrigin",
)


class TotalsOrigin(StrEnum):
    """Where the totals come from: the issuer's own words, or our arithmetic."""

    STATED = "stated"
    COMPUTED = "computed"


class RoundingPolicy(StrEnum):
    """When tax is rounded: once a rate (EN 16931), or on every line."""

    SUM_THEN_ROUND = "sum_then_round"
    ROUND_THEN_SUM = "round_then_sum"


class LineKind(StrEnum):
    """What a row of a document is; only items count as products."""

    ITEM = "item"
    SUBTOTAL = "subtotal"
    TEXT = "text"
    SECTION = "section"


class Relation(StrEnum):
    """How one document stands to another: "this document is ... of that one"."""

    QUOTE_OF_REQUEST = "quote_of_request"
    ORDER_OF_QUOTE = "order_of_quote"
    CONFIRMATION_OF_ORDER = "confirmation_of_order"
    DELIVERY_OF_ORDER = "delivery_of_order"
    RECEIPT_OF_DELIVERY = "receipt_of_delivery"
    INVOICE_OF_ORDER = "invoice_of_order"
    INVOICE_OF_DELIVERY = "invoice_of_delivery"
    INVOICE_OF_QUOTE = "invoice_of_quote"
    CREDITS = "credits"
    CORRECTS = "corrects"
    REPLACES = "replaces"
    PREPAYMENT_OF = "prepayment_of"
    SETTLES = "settles"
    CALL_OFF_OF = "call_off_of"
    REVISION_OF = "revision_of"
    CONTRACT = "contract"


class Period(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stretch of days, both ends included."""

    start_on: date | None = None
    end_on: date | None = None
    code: str | None = None


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """A free text, with its UNTDID 4451 subject code where one is stated."""

    text: str
    subject_code: str | None = None


class ExchangeRate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One unit of ``source`` is ``rate`` units of ``target``."""

    source: str
    target: str
    rate: Decimal
    on: date | None = None


class TaxStated(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The tax that applies to a line, an allowance or a charge.

    Attributes:
        scheme: ``VAT``, ``IGIC``, ``IPSI``, ``IRPF``, ``surcharge``, ``excise``.
        category: UNTDID 5305 (``S``, ``Z``, ``E``, ``AE``, ``K``, ``G``, ``O``, ``L``, ``M``).
        rate: Percent.
    """

    category: str | None = None
    rate: Decimal | None = None
    scheme: str = "VAT"
    exemption_code: str | None = None
    exemption_reason: str | None = None


class AllowanceCharge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An allowance (less) or a charge (more), on a line or on the document."""

    is_charge: bool
    amount: int
    base: int | None = None
    percent: Decimal | None = None
    code: str | None = None
    reason: str | None = None
    tax: TaxStated | None = None


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sold or delivered on a line."""

    name: str
    description: str | None = None
    seller_id: str | None = None
    buyer_id: str | None = None
    manufacturer_id: str | None = None
    standard_id: Identifier | None = None
    classifications: tuple[Identifier, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    origin_country: str | None = None
    lot: str | None = None
    serial: str | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When, where and how goods arrive."""

    requested_on: date | None = None
    promised_on: date | None = None
    delivered_on: date | None = None
    address: Address | None = None
    tracking_id: str | None = None
    tracking_url: str | None = None
    carrier: str | None = None
    packages: int | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    terms: str | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of a document.

    Attributes:
        id: The issuer's line number.
        unit: UNECE Recommendation 20 code (``C62`` piece, ``LTR`` litre, ``HUR`` hour).
        net_price: Price of ``base_quantity`` units after ``price_discount``.
        net_amount: Line total without tax, in minor units.
        lines: Sub-lines (bundles).
    """

    id: str
    kind: LineKind = LineKind.ITEM
    item: Item
    quantity: Decimal | None = None
    unit: str | None = None
    unit_label: str | None = None
    delivered_quantity: Decimal | None = None
    backorder_quantity: Decimal | None = None
    rejected_quantity: Decimal | None = None
    quantity_reason: str | None = None
    gross_price: Decimal | None = None
    price_discount: Decimal | None = None
    net_price: Decimal | None = None
    base_quantity: Decimal | None = None
    allowances_charges: tuple[AllowanceCharge, ...] = ()
    net_amount: int | None = None
    taxes: tuple[TaxStated, ...] = ()
    period: Period | None = None
    delivery: Delivery | None = None
    order_number: str | None = None
    order_line: str | None = None
    delivery_note_number: str | None = None
    note: str | None = None
    is_optional: bool = False
    is_free_of_charge: bool = False
    accounting_cost: str | None = None
    lines: tuple["Line", ...] = ()


class TaxRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the tax summary: a category and rate with its base and tax."""

    taxable: int | None = None
    amount: int
    scheme: str = "VAT"
    category: str | None = None
    rate: Decimal | None = None
    is_withheld: bool = False
    exemption_code: str | None = None
    exemption_reason: str | None = None


class Totals(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Document totals in minor units; what the issuer left out is ``None``.

    ``line_total`` is BT-106, ``allowances`` BT-107, ``charges`` BT-108, ``net`` BT-109,
    ``tax`` BT-110, ``tax_in_tax_currency`` BT-111, ``gross`` BT-112, ``prepaid`` BT-113,
    ``rounding`` BT-114, ``payable`` BT-115; ``withheld`` is IRPF and the like.
    """

    line_total: int | None = None
    allowances: int | None = None
    charges: int | None = None
    net: int | None = None
    tax: int | None = None
    tax_in_tax_currency: int | None = None
    gross: int | None = None
    withheld: int | None = None
    prepaid: int | None = None
    rounding: int | None = None
    payable: int | None = None


class Instalment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part of what is to be paid."""

    due_on: date | None = None
    amount: int | None = None
    percent: Decimal | None = None


class PaymentMeans(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the issuer wants to be paid.

    Attributes:
        code: UNTDID 4461 (30 and 58 credit transfer, 49 and 59 direct debit, 48 card).
        reference: What the payer writes on the transfer.
    """

    code: str | None = None
    text: str | None = None
    iban: str | None = None
    bic: str | None = None
    account_name: str | None = None
    card: str | None = None
    mandate: str | None = None
    creditor_id: str | None = None
    reference: str | None = None


class StatedPayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment on account that the document itself mentions."""

    amount: int
    paid_on: date | None = None
    reference: str | None = None


class ReferenceStated(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another document that this one mentions by its number."""

    relation: Relation
    number: str
    issued_on: date | None = None
    type_code: str | None = None
    reason: str | None = None


class DocumentBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document as its issuer stated it; its canonical JSON has one SHA-256 a version.

    Attributes:
        kind: A registered document kind (``invoice``, ``quote``, ...).
        type_code: UNTDID 1001.
        currency: ISO 4217 code of every amount.
        prices_include_tax: Prices, amounts of lines and ``totals.line_total`` hold the tax.
        extra: What the model has no field for: path in the source → text.
    """

    kind: str
    number: str
    issued_on: date
    currency: str
    type_code: str | None = None
    series: str | None = None
    title: str | None = None
    description: str | None = None
    issue_time: str | None = None
    due_on: date | None = None
    tax_point_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    period: Period | None = None
    tax_currency: str | None = None
    exchange_rates: tuple[ExchangeRate, ...] = ()
    language: str | None = None
    buyer_reference: str | None = None
    order_number: str | None = None
    contract_number: str | None = None
    project_number: str | None = None
    accounting_cost: str | None = None
    notes: tuple[Note, ...] = ()
    profile_id: str | None = None
    customization_id: str | None = None
    prices_include_tax: bool = False
    rounding_policy: RoundingPolicy = RoundingPolicy.SUM_THEN_ROUND
    totals_origin: TotalsOrigin = TotalsOrigin.STATED
    parties: tuple[Party, ...] = ()
    lines: tuple[Line, ...] = ()
    allowances_charges: tuple[AllowanceCharge, ...] = ()
    taxes: tuple[TaxRow, ...] = ()
    totals: Totals = Totals()
    payment_means: tuple[PaymentMeans, ...] = ()
    payment_terms: str | None = None
    instalments: tuple[Instalment, ...] = ()
    stated_payments: tuple[StatedPayment, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    references: tuple[ReferenceStated, ...] = ()
    extra: Mapping[str, str] = {}

    def party(self, role: PartyRole) -> Party | None:
        """Return the party that plays a role, if one does."""
        return next((party for party in self.parties if party.role is role), None)
