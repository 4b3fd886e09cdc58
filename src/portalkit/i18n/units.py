"""Short names of the units that documents state (UN/ECE Recommendation 20)."""

from collections.abc import Mapping
from typing import Final

from portalkit.model import Text, lazy_pgettext

__all__ = ("UNITS",)

_PIECE: Final = lazy_pgettext("unit", "pcs")
_BOX: Final = lazy_pgettext("unit", "box")
_PACK: Final = lazy_pgettext("unit", "pack")
_BAG: Final = lazy_pgettext("unit", "bag")
_BOTTLE: Final = lazy_pgettext("unit", "bottle")
_CAN: Final = lazy_pgettext("unit", "can")
_PALLET: Final = lazy_pgettext("unit", "pallet")
_ROLL: Final = lazy_pgettext("unit", "roll")
_SET: Final = lazy_pgettext("unit", "set")
_DRUM: Final = lazy_pgettext("unit", "drum")

UNITS: Final[Mapping[str, Text]] = {
    **dict.fromkeys(("C62", "EA", "H87", "NAR", "PCE", "XPP"), _PIECE),
    **dict.fromkeys(("BX", "XBX", "CT", "XCT", "CS", "XCS"), _BOX),
    **dict.fromkeys(("PK", "XPK", "PA", "XPA"), _PACK),
    **dict.fromkeys(("BG", "XBG", "SA", "XSA"), _BAG),
    **dict.fromkeys(("BO", "XBO"), _BOTTLE),
    **dict.fromkeys(("CA", "XCA", "XTN"), _CAN),
    **dict.fromkeys(("PF", "PX", "XPX"), _PALLET),
    **dict.fromkeys(("RO", "XRO"), _ROLL),
    **dict.fromkeys(("SET", "KT"), _SET),
    **dict.fromkeys(("DR", "XDR"), _DRUM),
    "PR": lazy_pgettext("unit", "pair"),
    "DZN": lazy_pgettext("unit", "dozen"),
    "CEN": lazy_pgettext("unit", "hundred"),
    "MIL": lazy_pgettext("unit", "thousand"),
    "P1": "%",
    "LS": lazy_pgettext("unit", "lump sum"),
    "E48": lazy_pgettext("unit", "service"),
    "E49": lazy_pgettext("unit", "working day"),
    "SEC": "s",
    "MIN": "min",
    "HUR": "h",
    "DAY": lazy_pgettext("unit", "day"),
    "WEE": lazy_pgettext("unit", "week"),
    "MON": lazy_pgettext("unit", "month"),
    "QAN": lazy_pgettext("unit", "quarter"),
    "ANN": lazy_pgettext("unit", "year"),
    "MGM": "mg",
    "GRM": "g",
    "KGM": "kg",
    "TNE": "t",
    "LBR": "lb",
    "ONZ": "oz",
    "MLT": "ml",
    "CLT": "cl",
    "LTR": "l",
    "HLT": "hl",
    "MTQ": "m³",
    "MMT": "mm",
    "CMT": "cm",
    "MTR": "m",
    "KMT": "km",
    "MTK": "m²",
    "HAR": "ha",
    "WHR": "Wh",
    "KWH": "kWh",
    "MWH": "MWh",
    "KWT": "kW",
    "AD": "B",
    "4L": "MB",
    "E34": "GB",
}
"""Names by code; symbols are the same in all languages, words are translated."""
