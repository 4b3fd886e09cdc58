"""QR codes as SVG elements without any style, so that a strict policy lets them show."""

import io
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

import segno
from markupsafe import Markup, escape

__all__ = (
    "FISCAL_URL",
    "fiscal_problem",
    "fiscal_qr",
    "is_iban",
    "is_verifiable",
    "secret_qr",
    "transfer_qr",
)

FISCAL_URL: Final = "verifactu:url"
"""Where the ``extra`` of a document holds the address of its tax QR."""

_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_MODULUS: Final = 97
# European Payments Council, EPC069-12: 70 letters for the name, 140 for the reference,
# 331 bytes and version 13 at most.
_MAX_NAME: Final = 70
_MAX_REFERENCE: Final = 140
_MAX_PAYLOAD: Final = 331
_MAX_AMOUNT: Final = 99_999_999_999
# AEAT, "Detalle de las especificaciones técnicas del código QR": where invoices are checked, in
# production and to try it out; by the sort of system that wrote them; and by which values.
_TAX_OFFICE: Final = frozenset({"www2.agenciatributaria.gob.es", "prewww2.aeat.es"})
_VERIFIABLE: Final = "/wlpl/TIKE-CONT/ValidarQR"
_CHECKS: Final = frozenset({_VERIFIABLE, "/wlpl/TIKE-CONT/ValidarQRNoVerifactu"})
_VALUES: Final = {
    "nif": re.compile("[0-9A-Z]{9}"),
    "numserie": re.compile("[ -~]{1,60}"),
    "fecha": re.compile("[0-9]{2}-[0-9]{2}-[0-9]{4}"),
    "importe": re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,2})?"),
}
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
    if currency != "EUR" or not 0 < minor_units <= _MAX_AMOUNT or not name or not is_iban(account):
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


def fiscal_problem(url: str) -> str | None:
    """Say why an address cannot be that of the tax office's check, ``None`` if it can.

    Host, path and values are those that the AEAT prescribes: another address would send
    whoever trusts the mark to somewhere else.
    """
    if len(url) > _MAX_URL or not url.isascii() or not url.isprintable():
        return f"is no address of at most {_MAX_URL} ASCII characters"
    try:
        parts = urlsplit(url)
        stated = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        return "is no address with values"
    if not _is_tax_office(parts):
        return "does not lead to the invoice check of the AEAT"
    values = dict(stated)
    if len(stated) != len(_VALUES) or values.keys() != _VALUES.keys():
        return f"must have {', '.join(_VALUES)} once each, and nothing else"
    return _value_problem(values)


def is_verifiable(url: str) -> bool:
    """Say whether the address is one of a system that sends its invoices to the AEAT at once.

    Only their invoices may bear the words ``VERI*FACTU``.
    """
    return urlsplit(url).path == _VERIFIABLE


def fiscal_qr(url: str, title: str, *, is_paper: bool) -> Markup | None:
    """Return the QR of the Spanish tax office, ``None`` if :func:`fiscal_problem` has one.

    Error level M, as the AEAT prescribes.
    """
    return None if fiscal_problem(url) else _drawn(url.encode(), title, is_paper=is_paper)


def _is_tax_office(parts: SplitResult) -> bool:
    is_there = parts.scheme == "https" and parts.netloc in _TAX_OFFICE and parts.path in _CHECKS
    return is_there and not parts.fragment


def _value_problem(values: Mapping[str, str]) -> str | None:
    for name, form in _VALUES.items():
        if form.fullmatch(values[name]) is None:
            return f"has a {name} of another form than the AEAT prescribes"
    try:
        datetime.strptime(values["fecha"], "%d-%m-%Y")  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return "has a fecha that is no day"
    return None


def is_iban(account: str) -> bool:
    """Say whether an account, without spaces and in capitals, has a proper check number."""
    if _IBAN.fullmatch(account) is None:
        return False
    turned = account[4:] + account[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % _MODULUS == 1


def secret_qr(text: str, title: str) -> Markup:
    """Return the QR of a text that is shown once: nothing of it is kept in memory."""
    return _draw(text.encode(), title, is_paper=False)


@lru_cache(maxsize=_KEPT)
def _drawn(payload: bytes, title: str, *, is_paper: bool) -> Markup:
    return _draw(payload, title, is_paper=is_paper)


def _draw(payload: bytes, title: str, *, is_paper: bool) -> Markup:
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
