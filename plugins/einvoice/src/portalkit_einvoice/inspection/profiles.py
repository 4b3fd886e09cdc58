"""Names of the profiles that documents state by an identifier."""

import re
from typing import Final

__all__ = ("profile_name",)

# Parts of identifiers, the most special first: an XRechnung also names EN 16931.
_NAMES: Final = (
    (r"order-x\.eu:1p0:(\w+)", "Order-X {}"),
    (r"factur-x\.eu:1p0:(\w+)", "Factur-X {}"),
    (r"zugferd\.de:2p0:(\w+)", "ZUGFeRD 2.0 {}"),
    (r"ferd:CrossIndustryDocument:invoice:1p0:(\w+)", "ZUGFeRD 1.0 {}"),
    (r"xrechnung_([0-9.]+)", "XRechnung {}"),
    (r"fdc:peppol\.eu:2017:poacc:billing", "Peppol BIS Billing 3"),
    (r"fdc:peppol\.eu:poacc:trns:(\w+)", "Peppol BIS {}"),
    (r"OIOUBL-([0-9.]+)", "OIOUBL {}"),
    (r"cen\.eu:en16931:2017", "EN 16931"),
)


def profile_name(identifier: str) -> str | None:
    """Return what people call a profile; ``None`` if its identifier is unknown."""
    for pattern, name in _NAMES:
        match = re.search(pattern, identifier, re.IGNORECASE)
        if match is not None:
            return name.format(*(part.upper() for part in match.groups()))
    return None
