"""The whole document, in the order of the schema."""

from typing import Final

from lxml import etree

from portalkit.model import DocumentBody, PartyRole, Relation
from portalkit_einvoice.cii.writing.lines import put_line
from portalkit_einvoice.cii.writing.nodes import Node, new_root, put, put_day, put_in, put_parent
from portalkit_einvoice.cii.writing.parties import put_party
from portalkit_einvoice.cii.writing.settlement import put_settlement

__all__ = ("PROFILE", "write_invoice")

PROFILE: Final = "urn:cen.eu:en16931:2017"
"""The specification that is followed (BT-24); Factur-X calls the profile EN 16931."""

_SUPPORTING: Final = "916"


def write_invoice(body: DocumentBody) -> bytes:
    """Return an invoice or credit note as XML.

    Args:
        body: As ``portalkit_einvoice.en16931.conform`` returns it.
    """
    root = new_root()
    context = put_parent(root, "rsm:ExchangedDocumentContext")
    put_in(
        context, "ram:BusinessProcessSpecifiedDocumentContextParameter", "ram:ID", body.profile_id
    )
    put_in(context, "ram:GuidelineSpecifiedDocumentContextParameter", "ram:ID", PROFILE)
    _put_head(root, body)
    transaction = put_parent(root, "rsm:SupplyChainTradeTransaction")
    for line in body.lines:
        put_line(transaction, line, body.currency)
    _put_agreement(transaction, body)
    _put_delivery(transaction, body)
    put_settlement(transaction, body)
    content: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return content


def _put_head(parent: Node, body: DocumentBody) -> None:
    element = put_parent(parent, "rsm:ExchangedDocument")
    put(element, "ram:ID", body.number)
    put(element, "ram:TypeCode", body.type_code)
    put_day(element, "ram:IssueDateTime", body.issued_on)
    for note in body.notes:
        text = put_parent(element, "ram:IncludedNote")
        put(text, "ram:Content", note.text)
        put(text, "ram:SubjectCode", note.subject_code)


def _put_agreement(parent: Node, body: DocumentBody) -> None:
    element = put_parent(parent, "ram:ApplicableHeaderTradeAgreement")
    put(element, "ram:BuyerReference", body.buyer_reference)
    for role in (PartyRole.SELLER, PartyRole.BUYER, PartyRole.TAX_REPRESENTATIVE):
        put_party(element, body.party(role))
    put_in(element, "ram:BuyerOrderReferencedDocument", "ram:IssuerAssignedID", _order_number(body))
    put_in(element, "ram:ContractReferencedDocument", "ram:IssuerAssignedID", body.contract_number)
    _put_supporting(element, body)
    if body.project_number:
        project = put_parent(element, "ram:SpecifiedProcuringProject")
        put(project, "ram:ID", body.project_number)
        put(project, "ram:Name", "Project reference")


def _put_delivery(parent: Node, body: DocumentBody) -> None:
    element = put_parent(parent, "ram:ApplicableHeaderTradeDelivery")
    put_party(element, body.party(PartyRole.SHIP_TO))
    delivered_on = next((each.delivered_on for each in body.deliveries), None)
    if delivered_on is not None:
        event = put_parent(element, "ram:ActualDeliverySupplyChainEvent")
        put_day(event, "ram:OccurrenceDateTime", delivered_on)
    notes = _numbers(body, Relation.INVOICE_OF_DELIVERY)
    put_in(
        element,
        "ram:DespatchAdviceReferencedDocument",
        "ram:IssuerAssignedID",
        notes[0] if notes else None,
    )


def _put_supporting(parent: Node, body: DocumentBody) -> None:
    """Put the delivery notes for which there is no place of their own, which is all but one.

    They bear no name: all of a document may have only one (CII-SR-475).
    """
    for number in _numbers(body, Relation.INVOICE_OF_DELIVERY)[1:]:
        element = put_parent(parent, "ram:AdditionalReferencedDocument")
        put(element, "ram:IssuerAssignedID", number)
        put(element, "ram:TypeCode", _SUPPORTING)


def _order_number(body: DocumentBody) -> str | None:
    numbers = _numbers(body, Relation.INVOICE_OF_ORDER)
    return body.order_number or (numbers[0] if numbers else None)


def _numbers(body: DocumentBody, relation: Relation) -> list[str]:
    found = (each.number for each in body.references if each.relation is relation)
    return list(dict.fromkeys(found))
