"""The namespaces of Cross Industry messages, and the parts that they all are made of."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from portalkit_einvoice.xml.element import Element
from portalkit_einvoice.xml.names import split_name

__all__ = (
    "INVOICE",
    "ORDER",
    "ZUGFERD_1",
    "Parts",
    "first_of",
    "is_family",
    "parts_of",
    "short_name",
)

INVOICE: Final = (
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice"
)
"""Root of Factur-X, ZUGFeRD 2 and XRechnung (D16B and later)."""

ZUGFERD_1: Final = "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument"
"""Root of ZUGFeRD 1."""

ORDER: Final = (
    "{urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100}SCRDMCCBDACIOMessageStructure"
)
"""Root of Order-X."""

_ROOTS: Final = frozenset({INVOICE, ZUGFERD_1, ORDER})
_ROOT_NAMESPACES: Final = frozenset(split_name(name)[0] for name in _ROOTS)
# Each message counts the versions of its components in its own way.
_COMPONENTS: Final = re.compile(
    r"urn:un:unece:uncefact:data:standard:(?:ReusableAggregateBusinessInformationEntity"
    r"|UnqualifiedDataType|QualifiedDataType):[0-9]+"
)
_FAMILY: Final = re.compile(
    r"urn:un:unece:uncefact:data:(?:standard:CrossIndustry|SCRDM)|urn:ferd:CrossIndustryDocument:"
)


class Parts(NamedTuple):
    """Where a message says what: ZUGFeRD 1 has other names for all of them."""

    context: Element
    document: Element
    transaction: Element
    agreement: Element
    delivery: Element
    settlement: Element


def is_family(text: str) -> bool:
    """Say whether a Cross Industry namespace stands in a text."""
    return _FAMILY.search(text) is not None


@lru_cache(maxsize=2_048)
def short_name(tag: str) -> str:
    """Return the local name of what is CII's own; roots and other names keep their namespace."""
    if tag in _ROOTS:
        return tag
    namespace, local = split_name(tag)
    is_own = namespace in _ROOT_NAMESPACES or _COMPONENTS.fullmatch(namespace)
    return local if is_own else tag


def first_of(element: Element, *names: str) -> Element:
    """Return the first child that has one of some names, which are tried in their order."""
    return element.first(next((name for name in names if element.has(name)), names[0]))


def parts_of(root: Element) -> Parts:
    """Return the parts of a message; those that are not there are empty."""
    transaction = first_of(
        root, "SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction"
    )
    return Parts(
        context=first_of(root, "ExchangedDocumentContext", "SpecifiedExchangedDocumentContext"),
        document=first_of(root, "ExchangedDocument", "HeaderExchangedDocument"),
        transaction=transaction,
        agreement=first_of(
            transaction, "ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement"
        ),
        delivery=first_of(
            transaction, "ApplicableHeaderTradeDelivery", "ApplicableSupplyChainTradeDelivery"
        ),
        settlement=first_of(
            transaction, "ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement"
        ),
    )
