"""Short names of the units that documents state (UN/ECE Recommendation 20)."""

from collections.abc import Mapping
from typing import Final

from portalkit.model import LazyText, lazy_pgettext

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

UNITS: Final[Mapping[str, LazyText]] = {
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
    "P1": lazy_pgettext("unit", "%"),
    "LS": lazy_pgettext("unit", "lump sum"),
    "E48": lazy_pgettext("unit", "service"),
    "E49": lazy_pgettext("unit", "working day"),
    "SEC": lazy_pgettext("unit", "s"),
    "MIN": lazy_pgettext("unit", "min"),
    "HUR": lazy_pgettext("unit", "h"),
    "DAY": lazy_pgettext("unit", "day"),
    "WEE": lazy_pgettext("unit", "week"),
    "MON": lazy_pgettext("unit", "month"),
    "QAN": lazy_pgettext("unit", "quarter"),
    "ANN": lazy_pgettext("unit", "year"),
    "MGM": lazy_pgettext("unit", "mg"),
    "GRM": lazy_pgettext("unit", "g"),
    "KGM": lazy_pgettext("unit", "kg"),
    "TNE": lazy_pgettext("unit", "t"),
    "LBR": lazy_pgettext("unit", "lb"),
    "ONZ": lazy_pgettext("unit", "oz"),
    "MLT": lazy_pgettext("unit", "ml"),
    "CLT": lazy_pgettext("unit", "cl"),
    "LTR": lazy_pgettext("unit", "l"),
    "HLT": lazy_pgettext("unit", "hl"),
    "MTQ": lazy_pgettext("unit", "m³"),
    "MMT": lazy_pgettext("unit", "mm"),
    "CMT": lazy_pgettext("unit", "cm"),
    "MTR": lazy_pgettext("unit", "m"),
    "KMT": lazy_pgettext("unit", "km"),
    "MTK": lazy_pgettext("unit", "m²"),
    "HAR": lazy_pgettext("unit", "ha"),
    "WHR": lazy_pgettext("unit", "Wh"),
    "KWH": lazy_pgettext("unit", "kWh"),
    "MWH": lazy_pgettext("unit", "MWh"),
    "KWT": lazy_pgettext("unit", "kW"),
    "AD": lazy_pgettext("unit", "byte"),
    "4L": lazy_pgettext("unit", "MB"),
    "E34": lazy_pgettext("unit", "GB"),
}
"""Names by code; a code that is not here is shown as it is."""
