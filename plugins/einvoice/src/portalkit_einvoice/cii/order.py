"""Orders of the buyer, changes of them, and the seller's answers."""

from typing import Final

import msgspec

from portalkit.model import DocumentBody, ReferenceStated, Relation
from portalkit_einvoice.cii.header import take_header
from portalkit_einvoice.cii.lines import ORDERED, take_lines
from portalkit_einvoice.cii.namespaces import Parts
from portalkit_einvoice.cii.references import stated_number, take_references
from portalkit_einvoice.mentions import without_repetitions
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.values import take_code

__all__ = ("read_order",)

_CHANGE: Final = "230"
_RESPONSE: Final = "231"
_Relations = tuple[tuple[str, Relation], ...]

_OF_AN_ORDER: Final[_Relations] = (
    ("QuotationReferencedDocument", Relation.ORDER_OF_QUOTE),
    ("BlanketOrderReferencedDocument", Relation.CALL_OFF_OF),
    ("ContractReferencedDocument", Relation.CONTRACT),
)
_OF_A_CHANGE: Final[_Relations] = (
    ("BuyerOrderReferencedDocument", Relation.REVISION_OF),
    ("PreviousOrderReferencedDocument", Relation.REVISION_OF),
    ("PreviousOrderChangeReferencedDocument", Relation.REVISION_OF),
    *_OF_AN_ORDER,
)
_OF_A_RESPONSE: Final[_Relations] = (
    ("BuyerOrderReferencedDocument", Relation.CONFIRMATION_OF_ORDER),
    ("PreviousOrderReferencedDocument", Relation.CONFIRMATION_OF_ORDER),
    ("PreviousOrderChangeReferencedDocument", Relation.CONFIRMATION_OF_ORDER),
    ("PreviousOrderResponseReferencedDocument", Relation.REVISION_OF),
    ("ContractReferencedDocument", Relation.CONTRACT),
)


def read_order(parts: Parts, amounts: Amounts) -> DocumentBody:
    """Read an order: by its type code the buyer's (220, 230) or the seller's answer (231)."""
    type_code = take_code(parts.document, "TypeCode")
    is_response = type_code == _RESPONSE
    body = take_header(
        parts, "sales_order" if is_response else "purchase_order", type_code, amounts
    )
    order = parts.agreement.first("BuyerOrderReferencedDocument")
    return msgspec.structs.replace(
        body,
        order_number=stated_number(order) if is_response else None,
        lines=take_lines(parts.transaction, amounts, ORDERED),
        references=_take_references(parts, body),
    )


def _take_references(parts: Parts, body: DocumentBody) -> tuple[ReferenceStated, ...]:
    if body.type_code == _RESPONSE:
        relations = _OF_A_RESPONSE
    elif body.type_code == _CHANGE:
        relations = _OF_A_CHANGE
    else:
        # Its own number stands there too; it is mentioned by itself only.
        order = parts.agreement.first("BuyerOrderReferencedDocument")
        order.take_if(body.number, "IssuerAssignedID")
        relations = _OF_AN_ORDER
    return without_repetitions(take_references(parts.agreement, relations))
