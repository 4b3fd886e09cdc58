"""Quotes of the seller."""

from typing import Final

import msgspec

from portalkit.model import DocumentBody, PartyRole, Relation
from portalkit_einvoice.ubl.header import delivery_parties, take_header
from portalkit_einvoice.ubl.lines import QUOTATION_LINE, take_lines
from portalkit_einvoice.ubl.party import take_parties
from portalkit_einvoice.ubl.references import take_references
from portalkit_einvoice.xml.amounts import Amounts
from portalkit_einvoice.xml.element import Element

__all__ = ("read_quotation",)

_MENTIONED: Final = (("RequestForQuotationDocumentReference", Relation.QUOTE_OF_REQUEST),)


def read_quotation(root: Element, amounts: Amounts) -> DocumentBody:
    """Read a ``Quotation``; a request that names no buyer is answered to its originator."""
    buyer = PartyRole.ORIGINATOR if root.has("BuyerCustomerParty") else PartyRole.BUYER
    return msgspec.structs.replace(
        take_header(root, "quote", amounts),
        contract_number=root.take("Contract", "ID"),
        parties=take_parties(
            [
                (PartyRole.SELLER, root.first("SellerSupplierParty")),
                (PartyRole.BUYER, root.first("BuyerCustomerParty")),
                (buyer, root.first("OriginatorCustomerParty")),
                *delivery_parties(root),
            ]
        ),
        lines=take_lines(root, QUOTATION_LINE, amounts),
        references=take_references(root, _MENTIONED),
    )
