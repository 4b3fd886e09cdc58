"""QR codes as SVG elements without any style, so that a strict policy lets them show."""

import io
import re
from decimal import Decimal
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import segno
from markupsafe import Markup, escape

__all__ = ("fiscal_qr", "transfer_qr")

_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_MODULUS: Final = 97
# European Payments Council, EPC069-12: 70 letters for the name, 140 for the reference,
# 331 bytes and version 13 at most.
_MAX_NAME: Final = 70
_MAX_REFERENCE: Final = 140
_MAX_PAYLOAD: Final = 331
_MAX_AMOUNT: Final = 99_999_999_999
_TAX_OFFICE: Final = ("agenciatributaria.gob.es", "aeat.es")
_MAX_URL: Final = 500
# Choosing the best of eight masks takes 8 of 10 ms. Paper gets it; a screen, which is bright
# and flat, is read with any.
_SCREEN_MASK: Final = 2
_KEPT: Final = 256


def transfer_qr(
    *,
    name: str,
    iban: str,
    bic: str,
    minor_units: int,
    currency: str,
    reference: str,
    title: str,
    is_paper: bool,
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
        is_paper: It will be printed.
    """
    account = re.sub(r"\s", "", iban).upper()
    if currency != "EUR" or not 0 < minor_units <= _MAX_AMOUNT or not name or not _is_iban(account):
        return None
    bank = re.sub(r"\s", "", bic).upper()
    lines = (
        "BCD",
        "002",
        "1",
        "SCT",
        bank if _BIC.fullmatch(bank) else "",
        name[:_MAX_NAME],
        account,
        f"EUR{Decimal(minor_units).scaleb(-2)}",
        "",
        "",
        reference[:_MAX_REFERENCE],
    )
    payload = "\n".join(lines).encode()
    return _drawn(payload, title, is_paper=is_paper) if len(payload) <= _MAX_PAYLOAD else None


def fiscal_qr(url: str, title: str, *, is_paper: bool) -> Markup | None:
    """Return the QR of the Spanish tax office for an address of its own, else ``None``.

    Error level M, as the AEAT prescribes. Another address would send whoever trusts the
    mark to somewhere else, so it is not drawn.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.hostname or ""
    is_theirs = any(host == name or host.endswith(f".{name}") for name in _TAX_OFFICE)
    if parts.scheme != "https" or not is_theirs or len(url) > _MAX_URL or not url.isprintable():
        return None
    return _drawn(url.encode(), title, is_paper=is_paper)


def _is_iban(account: str) -> bool:
    if _IBAN.fullmatch(account) is None:
        return False
    turned = account[4:] + account[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % _MODULUS == 1


@lru_cache(maxsize=_KEPT)
def _drawn(payload: bytes, title: str, *, is_paper: bool) -> Markup:
    """Return a code of error level M as SVG; the white margin comes from the sheet."""
    mask = None if is_paper else _SCREEN_MASK
    code = segno.make_qr(payload, error="m", boost_error=False, mask=mask)
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
    head, _, rest = out.getvalue().decode().partition(">")
    return Markup(f'{head} role="img"><title>{escape(title)}</title>{rest}')  # noqa: S704
