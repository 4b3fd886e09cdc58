"""What a sheet shows of the business, and of who accepted a document."""

from datetime import datetime

import msgspec

__all__ = ("Acceptance", "Issuer")


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """The business whose portal it is, as its settings describe it.

    Attributes:
        address: Lines of the postal address, one below the other.
        imprint: What the law wants at the foot of a letter; made of name and tax id if empty.
        logo_url: Where the page or the PDF finds the logo; ``None`` shows the name alone.
    """

    name: str
    legal_name: str | None = None
    tax_id: str | None = None
    address: str | None = None
    imprint: str | None = None
    iban: str | None = None
    bic: str | None = None
    website: str | None = None
    logo_url: str | None = None


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """The answer that a signed document carries.

    Attributes:
        zone: Time zone in which the moment is written.
        sha256: Of the exact PDF that was accepted.
        signature_url: Where the page or the PDF finds a drawn signature.
    """

    name: str
    accepted_at: datetime
    zone: str
    sha256: str
    role: str = ""
    email: str | None = None
    address: str | None = None
    signature_url: str | None = None
