"""How a sheet asks for money: means, account, instalments, and a QR for banks' apps."""

from typing import Final

from markupsafe import Markup

from portalkit.hooks.types import DocumentKind
from portalkit.model import DocumentBody, PartyRole, PaymentMeans
from portalkit.rendering.sheet.issuer import Issuer
from portalkit.rendering.sheet.parties import is_issuer
from portalkit.rendering.sheet.parts import SheetPair, SheetPayment
from portalkit.rendering.sheet.qr import transfer_qr
from portalkit.rendering.sheet.writer import SheetWriter, cleaned, paragraphs

__all__ = ("sheet_payment", "states_payment")

# UNTDID 4461.
_TRANSFER: Final = frozenset({"30", "31", "42", "58", "ZZZ"})
_DEBIT: Final = frozenset({"49", "59"})
_CARD: Final = frozenset({"48", "54", "55"})
_CASH: Final = frozenset({"10"})
_CHEQUE: Final = frozenset({"20", "21", "22", "23"})


def states_payment(body: DocumentBody, kind: DocumentKind) -> bool:
    """Say whether a document asks for money at all."""
    return bool(body.payment_means or body.instalments) or kind.due_means == "payment"


def sheet_payment(
    writer: SheetWriter,
    body: DocumentBody,
    kind: DocumentKind,
    issuer: Issuer,
    *,
    is_paper: bool,
) -> SheetPayment | None:
    """Return the payment box; ``None`` where there is nothing to say.

    The business's own account is shown where the document states no means of payment, is
    issued by the business, and has something to pay.
    """
    if not states_payment(body, kind):
        return None
    means = _means(body, kind, issuer)
    found = _amount_and_day(writer, body, kind)
    if means is not None:
        found += _account(writer, means, body, issuer)
    instalments = _instalments(writer, body)
    terms = paragraphs(body.payment_terms or "")
    if not (means or instalments or terms):
        return None
    # What is given back is nothing that the contact transfers.
    asks = means if not kind.is_credit else None
    qr = _qr(writer, asks, body, issuer, is_paper=is_paper) if asks else None
    text = " ".join(terms)
    if qr is not None:
        found += writer.pairs((writer.gettext("Terms"), writer.isolated(text)))
        text = writer.gettext(
            "Scan this code with your bank's app: it carries the amount, the account and the"
            " reference."
        )
    return SheetPayment(
        title=_title(writer, means),
        pairs=tuple(found),
        qr=qr,
        text=text if qr is not None else writer.isolated(text),
        instalments=instalments,
    )


def _means(body: DocumentBody, kind: DocumentKind, issuer: Issuer) -> PaymentMeans | None:
    if body.payment_means:
        return next((means for means in body.payment_means if means.iban), body.payment_means[0])
    payable = body.totals.payable or 0
    is_own = is_issuer(body.party(PartyRole.SELLER), issuer)
    if (
        issuer.iban
        and kind.due_means == "payment"
        and not kind.is_credit
        and payable > 0
        and is_own
    ):
        return PaymentMeans(code="58", iban=issuer.iban, bic=issuer.bic, reference=body.number)
    return None


def _amount_and_day(writer: SheetWriter, body: DocumentBody, kind: DocumentKind) -> list[SheetPair]:
    payable = body.totals.payable
    due = body.due_on if kind.due_means == "payment" else None
    return writer.pairs(
        (writer.gettext("Amount"), None if payable is None else writer.money(payable)),
        (writer.gettext("Due date"), writer.day(due) if due else None),
    )


def _account(
    writer: SheetWriter, means: PaymentMeans, body: DocumentBody, issuer: Issuer
) -> list[SheetPair]:
    holder = means.account_name or (_holder(body, issuer) if means.iban else "")
    reference = means.reference or (body.number if means.iban else "")
    return writer.pairs(
        (writer.gettext("Means"), writer.value(means.text)),
        (writer.gettext("IBAN"), writer.isolated(_grouped(means.iban or ""))),
        (writer.gettext("BIC"), writer.value(means.bic)),
        (writer.gettext("Account holder"), writer.value(holder)),
        (writer.gettext("Reference"), writer.value(reference)),
        (writer.gettext("Card"), writer.value(means.card)),
        (writer.gettext("Mandate"), writer.value(means.mandate)),
        (writer.gettext("Creditor"), writer.value(means.creditor_id)),
    )


def _holder(body: DocumentBody, issuer: Issuer) -> str:
    for role in (PartyRole.PAYEE, PartyRole.SELLER):
        if party := body.party(role):
            return party.name
    return issuer.legal_name or issuer.name


def _grouped(iban: str) -> str:
    """Return an account number in groups of four that stay on one line."""
    letters = "".join(cleaned(iban).split()).replace("\N{NO-BREAK SPACE}", "")
    return "\N{NO-BREAK SPACE}".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _title(writer: SheetWriter, means: PaymentMeans | None) -> str:
    code = means.code if means else None
    if code in _DEBIT:
        return writer.gettext("Payment by direct debit")
    if code in _CARD:
        return writer.gettext("Payment by card")
    if code in _CASH:
        return writer.gettext("Payment in cash")
    if code in _CHEQUE:
        return writer.gettext("Payment by cheque")
    if code in _TRANSFER or (means and means.iban):
        return writer.gettext("Payment by bank transfer")
    return writer.gettext("Payment")


def _instalments(writer: SheetWriter, body: DocumentBody) -> tuple[SheetPair, ...]:
    found = []
    for number, instalment in enumerate(body.instalments, start=1):
        label = writer.gettext("Instalment %(number)s", number=number)
        if instalment.due_on:
            label = writer.formats.date(instalment.due_on, "medium")
        percent = "" if instalment.percent is None else writer.formats.percent(instalment.percent)
        amount = "" if instalment.amount is None else writer.money(instalment.amount)
        found.append(SheetPair(label, writer.joined([amount, percent])))
    return tuple(found)


def _qr(
    writer: SheetWriter,
    means: PaymentMeans,
    body: DocumentBody,
    issuer: Issuer,
    *,
    is_paper: bool,
) -> Markup | None:
    if means.code not in _TRANSFER and means.code is not None:
        return None
    return transfer_qr(
        name=cleaned(means.account_name or _holder(body, issuer)),
        iban=cleaned(means.iban or ""),
        bic=cleaned(means.bic or ""),
        minor_units=body.totals.payable or 0,
        currency=body.currency,
        reference=cleaned(means.reference or body.number),
        is_paper=is_paper,
        title=writer.gettext("QR code of a SEPA transfer with account, amount and reference"),
    )
