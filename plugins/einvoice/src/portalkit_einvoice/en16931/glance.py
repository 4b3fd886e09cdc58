"""What can be said of a document without looking at its lines."""

from collections.abc import Iterable, Iterator

from portalkit.model import DocumentBody, Text, is_currency, lazy_gettext
from portalkit_einvoice.en16931.codes import TYPE_CODES
from portalkit_einvoice.en16931.parties import party_problems
from portalkit_einvoice.en16931.payment import payment_problems
from portalkit_einvoice.en16931.taxes import tax_problems
from portalkit_einvoice.en16931.totals import total_problems

__all__ = ("DEFAULT_TYPES", "glance", "told_once")

DEFAULT_TYPES = {"invoice": "380", "credit_note": "381"}
"""Type code of a document that states none, by its kind."""

_NO_CURRENCY = "XXX"
# A page of a document asks once for each format that stands on EN 16931, one after another.
_latest: list[tuple[DocumentBody, tuple[Text, ...]]] = []


def glance(body: DocumentBody) -> tuple[Text, ...]:
    """Return why a document cannot be expressed, as far as its head and its totals tell."""
    for known, problems in _latest:
        if known is body:
            return problems
    problems = told_once(_problems(body))
    _latest[:] = [(body, problems)]
    return problems


def told_once(problems: Iterable[Text]) -> tuple[Text, ...]:
    """Return problems without repetitions, in their order."""
    return tuple({str(problem): problem for problem in problems}.values())


def _problems(body: DocumentBody) -> Iterator[Text]:
    type_code = body.type_code or DEFAULT_TYPES.get(body.kind)
    if type_code not in TYPE_CODES:
        yield lazy_gettext(
            "A document of type %(code)s is no invoice of EN 16931.", code=type_code or body.kind
        )
    if not body.number:
        yield lazy_gettext("Its number is missing.")
    if body.currency == _NO_CURRENCY or not is_currency(body.currency or ""):
        yield lazy_gettext("Its currency is missing.")
    yield from party_problems(body)
    yield from tax_problems(body)
    yield from total_problems(body)
    yield from payment_problems(body)
