"""Codes that EN 16931 allows, as far as a document is checked against them.

Long lists (units, currencies, charges) are told by the form of a code only.
"""

import re
from typing import Final

__all__ = (
    "ALLOWANCE_CODES",
    "CHARGE_CODE",
    "CLASSIFICATION_SCHEME",
    "ENDPOINT_SCHEME",
    "PARTY_SCHEME",
    "SUBJECT_CODE",
    "TAXED",
    "TYPE_CODES",
    "UNIT",
    "UNTAXED",
    "VATEX_BY_CATEGORY",
    "VATEX_CODE",
    "VAT_NUMBER",
)

TYPE_CODES: Final = frozenset(
    (
        *("71", "80", "81", "82", "83", "84", "102", "130", "202", "203", "204", "211"),
        *("218", "219", "261", "262", "295", "296", "308", "325", "326", "331", "380", "381"),
        *("382", "383", "384", "385", "386", "387", "388", "389", "390", "393", "394", "395"),
        *("396", "420", "456", "457", "458", "471", "472", "473", "500", "501", "502", "503"),
        *("527", "532", "553", "575", "623", "633", "751", "780", "817", "870", "875", "876"),
        *("877", "935"),
    )
)
"""Types of invoices and credit notes (UNTDID 1001, BT-3)."""

ALLOWANCE_CODES: Final = frozenset(
    (
        *("41", "42", "60", "62", "63", "64", "65", "66", "67", "68", "70", "71", "88"),
        *("95", "100", "102", "103", "104", "105"),
    )
)
"""Reasons of allowances (UNTDID 5189, BT-98 and BT-140)."""

CHARGE_CODE: Final = re.compile("[A-Z]{2,3}")
"""Reasons of charges (UNTDID 7161, BT-105 and BT-145)."""

TAXED: Final = frozenset({"S", "L", "M", "B"})
"""Categories with a rate: standard, IGIC, IPSI, Italy's split payment (UNTDID 5305)."""

UNTAXED: Final = frozenset({"Z", "E", "AE", "K", "G", "O"})
"""Categories whose tax is nothing."""

VATEX_BY_CATEGORY: Final = {
    "AE": "VATEX-EU-AE",
    "K": "VATEX-EU-IC",
    "G": "VATEX-EU-G",
    "O": "VATEX-EU-O",
}
"""The one reason that a category has; an exemption (``E``) may have many."""

VATEX_CODE: Final = re.compile("VATEX-[A-Z]{2}-[0-9A-Z-]+")
"""Reasons of exemptions (VATEX, BT-121)."""

VAT_NUMBER: Final = re.compile("[A-Z]{2}")
"""How a VAT number begins that bears the country that gave it (BR-CO-09)."""

PARTY_SCHEME: Final = re.compile("0[01][0-9]{2}|02[0-4][0-9]")
"""Schemes of identifiers of parties and items (ISO/IEC 6523)."""

ENDPOINT_SCHEME: Final = re.compile("0[0-2][0-9]{2}|99[0-9]{2}|A[NQSU]|EM")
"""Schemes of electronic addresses (EAS)."""

CLASSIFICATION_SCHEME: Final = re.compile("[A-Z]{2,3}")
"""Schemes of classifications (UNTDID 7143)."""

UNIT: Final = re.compile("[0-9A-Z]{2,3}")
"""Units (UNECE Recommendations 20 and 21)."""

SUBJECT_CODE: Final = re.compile("[A-Z]{3}")
"""Subjects of notes (UNTDID 4451)."""
