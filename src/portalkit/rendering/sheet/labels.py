"""How documents, parties and references are called, by kind and by what the issuer stated."""

from collections.abc import Mapping
from typing import Final

import msgspec

from portalkit.hooks.types import DocumentKind
from portalkit.model import (
    DocumentBody,
    LazyText,
    PartyRole,
    Relation,
    Text,
    lazy_gettext,
    lazy_pgettext,
)

__all__ = ("KindWords", "document_label", "kind_words", "party_label", "relation_label")


class KindWords(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one kind of document.

    Attributes:
        date: Label of the day of issue.
        seller: Label of who sells.
        payable: Label of the heaviest total.
    """

    date: LazyText = lazy_gettext("Date")
    seller: LazyText = lazy_pgettext("sheet", "From")
    buyer: LazyText = lazy_pgettext("sheet", "To")
    payable: LazyText = lazy_gettext("Total")


_INVOICE: Final = KindWords(
    seller=lazy_pgettext("sheet", "Issuer"),
    buyer=lazy_pgettext("sheet", "Customer"),
    payable=lazy_gettext("Total to pay"),
)
_WORDS: Final[Mapping[str, KindWords]] = {
    "invoice": _INVOICE,
    "credit_note": msgspec.structs.replace(_INVOICE, payable=lazy_gettext("Total")),
    "proforma": KindWords(),
    "delivery_note": KindWords(
        seller=lazy_pgettext("sheet", "Sender"), buyer=lazy_pgettext("sheet", "Customer")
    ),
    "purchase_order": KindWords(
        seller=lazy_pgettext("sheet", "Supplier"),
        buyer=lazy_pgettext("sheet", "Buyer"),
        payable=lazy_gettext("Order total"),
    ),
    "sales_order": KindWords(
        seller=lazy_pgettext("sheet", "Supplier"),
        buyer=lazy_pgettext("sheet", "Customer"),
        payable=lazy_gettext("Order total"),
    ),
}

_KINDS: Final[Mapping[str, LazyText]] = {
    "invoice": lazy_gettext("Invoice"),
    "credit_note": lazy_gettext("Credit note"),
    "quote": lazy_gettext("Quote"),
    "proforma": lazy_gettext("Pro forma invoice"),
    "delivery_note": lazy_gettext("Delivery note"),
    "sales_order": lazy_gettext("Sales order"),
    "purchase_order": lazy_gettext("Purchase order"),
}

# UNTDID 1001; a corrective invoice has to say that it is one (art. 15 RD 1619/2012).
_TYPES: Final[Mapping[str, LazyText]] = {
    "261": lazy_gettext("Self-billed credit note"),
    "326": lazy_gettext("Partial invoice"),
    "383": lazy_gettext("Debit note"),
    "384": lazy_gettext("Corrective invoice"),
    "386": lazy_gettext("Prepayment invoice"),
    "389": lazy_gettext("Self-billed invoice"),
}

_ROLES: Final[Mapping[PartyRole, LazyText]] = {
    PartyRole.PAYEE: lazy_gettext("Pay to"),
    PartyRole.TAX_REPRESENTATIVE: lazy_gettext("Tax representative"),
    PartyRole.SHIP_TO: lazy_gettext("Deliver to"),
    PartyRole.SHIP_FROM: lazy_gettext("Collect from"),
    PartyRole.CARRIER: lazy_gettext("Carrier"),
    PartyRole.ORIGINATOR: lazy_gettext("Requested by"),
    PartyRole.PAYER: lazy_gettext("Paid by"),
    PartyRole.INVOICE_TO: lazy_gettext("Invoice to"),
}

_RELATIONS: Final[Mapping[Relation, LazyText]] = {
    Relation.QUOTE_OF_REQUEST: lazy_gettext("Request"),
    Relation.ORDER_OF_QUOTE: lazy_gettext("Quote"),
    Relation.CONFIRMATION_OF_ORDER: lazy_gettext("Order"),
    Relation.DELIVERY_OF_ORDER: lazy_gettext("Order"),
    Relation.RECEIPT_OF_DELIVERY: lazy_gettext("Delivery note"),
    Relation.INVOICE_OF_ORDER: lazy_gettext("Order"),
    Relation.INVOICE_OF_DELIVERY: lazy_gettext("Delivery note"),
    Relation.INVOICE_OF_QUOTE: lazy_gettext("Quote"),
    Relation.CREDITS: lazy_gettext("Credits"),
    Relation.CORRECTS: lazy_gettext("Corrects"),
    Relation.REPLACES: lazy_gettext("Replaces"),
    Relation.PREPAYMENT_OF: lazy_gettext("Prepayment of"),
    Relation.SETTLES: lazy_gettext("Settles"),
    Relation.CALL_OFF_OF: lazy_gettext("Call-off of"),
    Relation.REVISION_OF: lazy_gettext("Revision of"),
    Relation.CONTRACT: lazy_gettext("Contract"),
}


def document_label(body: DocumentBody, kind: DocumentKind) -> Text:
    """Return how a document is called: its stated type, else its kind, else the kind's title."""
    own = _KINDS.get(kind.name, kind.title)
    if kind.name in {"invoice", "credit_note"}:
        return _TYPES.get(body.type_code or "", own)
    return own


def kind_words(kind: DocumentKind) -> KindWords:
    """Return the words of a kind; kinds of plugins get the plain ones."""
    return _WORDS.get(kind.name, KindWords())


def party_label(role: PartyRole, kind: DocumentKind) -> LazyText:
    """Return the label above a party."""
    words = kind_words(kind)
    if role is PartyRole.SELLER:
        return words.seller
    if role is PartyRole.BUYER:
        return words.buyer
    return _ROLES[role]


def relation_label(relation: Relation) -> LazyText:
    """Return the label of another document's number."""
    return _RELATIONS[relation]
