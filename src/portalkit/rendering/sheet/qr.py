"""QR codes as SVG elements without any style, so that a strict policy lets them show."""

import io
import re
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

import segno
from markupsafe import Markup, escape
from segno.helpers import make_epc_qr

__all__ = ("fiscal_qr", "transfer_qr")

_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_MODULUS: Final = 97
# European Payments Council, EPC069-12: 70 letters for the name, 140 for the reference.
_MAX_NAME: Final = 70
_MAX_REFERENCE: Final = 140
_MAX_AMOUNT: Final = 99_999_999_999
_TAX_OFFICE: Final = ("agenciatributaria.gob.es", "aeat.es")
_MAX_URL: Final = 500


def transfer_qr(
    *,
    name: str,
    iban: str,
    bic: str,
    minor_units: int,
    currency: str,
    reference: str,
    title: str,
) -> Markup | None:
    """Return the QR of a SEPA transfer, or ``None`` if it cannot be one.

    Args:
        name: Of the account's holder.
        iban: With or without spaces.
        bic: Left out if it is none.
        minor_units: Cents; only euro amounts from one cent up can be asked for.
        currency: Of the amount.
        reference: What the payer would write.
        title: Says what the picture is, for those who cannot see it.
    """
    account = re.sub(r"\s", "", iban).upper()
    if currency != "EUR" or not 0 < minor_units <= _MAX_AMOUNT or not name or not _is_iban(account):
        return None
    bank = re.sub(r"\s", "", bic).upper()
    try:
        code = make_epc_qr(
            name=name[:_MAX_NAME],
            iban=account,
            amount=Decimal(minor_units).scaleb(-2),
            bic=bank if _BIC.fullmatch(bank) else None,
            text=reference[:_MAX_REFERENCE],
            encoding="utf-8",
        )
    except ValueError:
        return None
    return _svg(code, title)


def fiscal_qr(url: str, title: str) -> Markup | None:
    """Return the QR of the Spanish tax office for an address of its own, else ``None``.

    Error level M, as the AEAT prescribes. Another address would send whoever trusts the
    mark to somewhere else, so it is not drawn.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_theirs = any(host == name or host.endswith(f".{name}") for name in _TAX_OFFICE)
    if parts.scheme != "https" or not is_theirs or len(url) > _MAX_URL or not url.isprintable():
        return None
    return _svg(segno.make_qr(url, error="m", boost_error=False), title)


def _is_iban(account: str) -> bool:
    if _IBAN.fullmatch(account) is None:
        return False
    turned = account[4:] + account[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % _MODULUS == 1


def _svg(code: Any, title: str) -> Markup:
    """Return a code as SVG; the white margin comes from the sheet."""
    out = io.BytesIO()
    code.save(
        out,
        kind="svg",
        border=0,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
        nl=False,
    )
    drawing = out.getvalue().decode()
    head, _, rest = drawing.partition(">")
    return Markup(f'{head} role="img"><title>{escape(title)}</title>{rest}')  # noqa: S704
