"""Means of payment as EN 16931 knows them: one way to pay, with the accounts it needs."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import structs

from portalkit.model import DocumentBody, PaymentMeans, Text, lazy_gettext

__all__ = ("ACCOUNT_CODES", "account_in", "means_of", "payment_problems", "terms_of")

ACCOUNT_CODES: Final = frozenset({"30", "58"})
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
        if means.code not in ACCOUNT_CODES or means.iban or account_in(means)
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
    days = [part.due_on.isoformat() for part in body.instalments if part.due_on is not None]
    plan = ", ".join(days) if len(days) > 1 else None
    return "\n".join(filter(None, (body.payment_terms, plan))) or None


def payment_problems(body: DocumentBody) -> Iterator[Text]:
    """Yield why the payment of a document cannot be expressed.

    BR-CO-25 left the rules that the EN 16931 project publishes and stands in its text and in
    the checks of others; what a credit note gives back has no due date.
    """
    is_to_pay = body.kind == "invoice" and (body.totals.payable or 0) > 0
    if is_to_pay and not (body.due_on or body.instalments or terms_of(body)):
        yield lazy_gettext("Neither the due date nor the terms of payment are stated.")
