"""Means of payment as EN 16931 knows them: one way to pay, with the accounts it needs."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from msgspec import structs

from portalkit.model import DocumentBody, Instalment, Money, PaymentMeans, Text, lazy_gettext

__all__ = ("account_in", "due_day_of", "means_of", "payment_problems", "terms_of")

_TRANSFERS: Final = frozenset({"30", "58"})
"""Credit transfers, which need the account that is paid (BR-61)."""

# UNTDID 4461.
_CODE: Final = re.compile("[1-9]|[1-6][0-9]|70|7[4-8]|9[1-7]|ZZZ")
_ACCOUNT: Final = re.compile(r"[0-9A-Z][0-9A-Z .\-/]{3,33}")
_DIGITS: Final = 4


def means_of(body: DocumentBody) -> tuple[PaymentMeans, ...]:
    """Return the means of payment that can be written: all of the first one's sort.

    A transfer without an account says nothing that could be paid to, so it is left out; its
    reference still stands in the document.
    """
    found = [
        structs.replace(means, iban="".join((means.iban or "").split()) or None)
        for means in body.payment_means
        if means.code and _CODE.fullmatch(means.code)
        if means.code not in _TRANSFERS or means.iban or account_in(means)
    ]
    return tuple(means for means in found if means.code == found[0].code)


def account_in(means: PaymentMeans) -> str | None:
    """Return the account number among the words of a means of payment, if it has no IBAN."""
    for line in reversed((means.text or "").splitlines()):
        text = line.strip()
        if _ACCOUNT.fullmatch(text) and sum(map(str.isdigit, text)) >= _DIGITS:
            return text
    return None


def terms_of(body: DocumentBody) -> str | None:
    """Return the terms of payment in words, with the instalments where there are several."""
    plan = [_part(part, body.currency) for part in _dated(body)] if len(_dated(body)) > 1 else []
    return "\n".join(filter(None, (body.payment_terms, *plan))) or None


def due_day_of(body: DocumentBody) -> date | None:
    """Return the day on which a document is due: the stated one, else that of its only part."""
    dated = _dated(body)
    return body.due_on or (dated[0].due_on if len(dated) == 1 else None)


def _dated(body: DocumentBody) -> list[Instalment]:
    return [part for part in body.instalments if part.due_on is not None]


def _part(part: Instalment, currency: str) -> str:
    if part.amount is not None:
        return f"{part.due_on}: {Money(part.amount, currency).decimal} {currency}"
    return f"{part.due_on}: {part.percent:f} %" if part.percent is not None else f"{part.due_on}"


def payment_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the payment of a document cannot be expressed.

    BR-CO-25 left the rules that the EN 16931 project publishes and stands in its text and in
    the checks of others; what a credit note gives back has no due date.
    """
    is_to_pay = body.kind == "invoice" and (body.totals.payable or 0) > 0
    if is_to_pay and not (due_day_of(body) or terms_of(body)):
        yield lazy_gettext("Neither the due date nor the terms of payment are stated.")
