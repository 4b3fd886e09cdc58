"""Linked documents in the order of the trade: from the quote to the credit note."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from portalkit.documents.views import ChainStep
from portalkit.hooks import DocumentKind
from portalkit.i18n import Translator
from portalkit.model import DocumentHeader, LazyText, LinkedDocument, Relation, lazy_gettext

__all__ = ("chain_steps",)

# Where kinds stand in a trade; others come where their dates put them, at the end.
_ORDER: Final = {
    name: place
    for place, name in enumerate(
        (
            "request",
            "quote",
            "purchase_order",
            "sales_order",
            "proforma",
            "delivery_note",
            "invoice",
            "credit_note",
        )
    )
}
# What a document is called that was mentioned and is not here: by what refers to it, how.
_MISSING: Final[Mapping[str, tuple[str, LazyText]]] = {
    Relation.QUOTE_OF_REQUEST: ("request", lazy_gettext("Request")),
    Relation.ORDER_OF_QUOTE: ("quote", lazy_gettext("Quote")),
    Relation.INVOICE_OF_QUOTE: ("quote", lazy_gettext("Quote")),
    Relation.CONFIRMATION_OF_ORDER: ("purchase_order", lazy_gettext("Order")),
    Relation.DELIVERY_OF_ORDER: ("purchase_order", lazy_gettext("Order")),
    Relation.INVOICE_OF_ORDER: ("purchase_order", lazy_gettext("Order")),
    Relation.RECEIPT_OF_DELIVERY: ("delivery_note", lazy_gettext("Delivery note")),
    Relation.INVOICE_OF_DELIVERY: ("delivery_note", lazy_gettext("Delivery note")),
    Relation.CREDITS: ("invoice", lazy_gettext("Invoice")),
    Relation.CORRECTS: ("invoice", lazy_gettext("Invoice")),
}


def chain_steps(
    header: DocumentHeader,
    linked: Iterable[LinkedDocument],
    kinds: Mapping[str, DocumentKind],
    *,
    translator: Translator,
    url_of: Callable[[DocumentKind, str], str],
) -> tuple[ChainStep, ...]:
    """Return the chain with the document itself in it, or nothing if it stands alone.

    Contracts and the like, which are no documents of the trade, are left out.
    """
    steps: dict[tuple[str, str], tuple[tuple[int, str], ChainStep]] = {}
    for other in linked:
        found = _step(other, kinds, translator=translator, url_of=url_of)
        if found is not None:
            steps.setdefault((found[1].label, found[1].text), found)
    if not steps:
        return ()
    formats = translator.formats
    own = ChainStep(
        label=translator.text(kinds[header.kind].title),
        text=header.number,
        date=formats.date(header.issued_on),
        state="current",
    )
    place = (_ORDER.get(header.kind, len(_ORDER)), header.issued_on.isoformat())
    ordered = sorted([*steps.values(), (place, own)], key=lambda each: each[0])
    return tuple(step for _, step in ordered)


def _step(
    other: LinkedDocument,
    kinds: Mapping[str, DocumentKind],
    *,
    translator: Translator,
    url_of: Callable[[DocumentKind, str], str],
) -> tuple[tuple[int, str], ChainStep] | None:
    kind = kinds.get(other.kind or "")
    if kind is not None and other.id is not None:
        name, label, url = kind.name, translator.text(kind.title), url_of(kind, other.id)
    elif other.is_outgoing and other.relation in _MISSING:
        name, text = _MISSING[other.relation]
        label, url = translator.text(text), None
    else:
        return None
    issued_on = other.issued_on
    step = ChainStep(
        label=label,
        text=other.number,
        url=url,
        date=translator.formats.date(issued_on) if issued_on else None,
        state="done",
    )
    return (_ORDER.get(name, len(_ORDER)), issued_on.isoformat() if issued_on else ""), step
