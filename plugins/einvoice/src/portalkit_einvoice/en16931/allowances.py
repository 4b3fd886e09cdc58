"""Allowances and charges as EN 16931 knows them: with a reason, those of a document with VAT."""

from msgspec import structs

from portalkit.model import AllowanceCharge, TaxRow, TaxStated
from portalkit_einvoice.en16931.codes import ALLOWANCE_CODES, CHARGE_CODE
from portalkit_einvoice.en16931.taxes import vat_of

__all__ = ("allowance_of",)


def allowance_of(part: AllowanceCharge, only: TaxRow | None = None) -> AllowanceCharge:
    """Return an allowance or charge with a reason, a code it may have, and its VAT.

    Args:
        part: What the document states.
        only: The only row of the tax summary, which is then that of the part too.
    """
    code = part.code
    is_known = CHARGE_CODE.fullmatch(code or "") if part.is_charge else code in ALLOWANCE_CODES
    if not is_known:
        code = None
    # BR-33, BR-38, BR-42 and BR-44 want a reason: the most general one says what it is.
    general = "Charge" if part.is_charge else "Discount"
    tax = None if part.tax is None else vat_of(part.tax)
    if part.tax is None and only is not None:
        tax = TaxStated(category=only.category, rate=only.rate)
    reason = part.reason or (None if code else general)
    return structs.replace(part, code=code, reason=reason, tax=tax)
