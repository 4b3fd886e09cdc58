"""Codes of Facturae, and what they are in the rest of the world."""

from typing import Final

__all__ = (
    "CURRENCIES",
    "LANGUAGES",
    "MEANS",
    "METHODS",
    "OTHER_MEANS",
    "REASONS",
    "SURCHARGE",
    "TAXES",
    "UNITS",
    "VAT",
    "WITHHELD",
)

VAT: Final = "VAT"
SURCHARGE: Final = "surcharge"
"""Scheme of the equivalence surcharge, which Facturae states inside the tax it goes with."""

TAXES: Final = {
    "01": VAT,
    "02": "IPSI",
    "03": "IGIC",
    "04": "IRPF",
    "05": "other",
    "06": "ITPAJD",
    "07": "excise",
    "08": "RA",
    "09": "IGTECM",
    "10": "IECDPCAC",
    "11": "IIIMAB",
    "12": "ICIO",
    "13": "IMVDN",
    "14": "IMSN",
    "15": "IMGSN",
    "16": "IMPN",
    "17": "REIVA",
    "18": "REIGIC",
    "19": "REIPSI",
    "20": "IPS",
    "21": "RLEA",
    "22": "IVPEE",
    "23": "IPCNG",
    "24": "IACNG",
    "25": "IDEC",
    "26": "ILTCAC",
    "27": "IGFEI",
    "28": "IRNR",
    "29": "IS",
}
"""Schemes of taxes by their code."""

WITHHELD: Final = frozenset({"IRPF", "IRNR", "IS"})
"""Schemes that a line can only mean as something withheld."""

MEANS: Final = {
    "01": "10",
    "02": "49",
    "04": "30",
    "05": "44",
    "08": "70",
    "09": "60",
    "11": "20",
    "14": "97",
    "15": "50",
    "16": "25",
    "17": "21",
    "19": "48",
}
"""Means of payment: UNTDID 4461 by the codes that it has a counterpart of."""

OTHER_MEANS: Final = "1"
"""UNTDID 4461 for an instrument that is not defined."""

UNITS: Final = {
    "01": "C62",
    "02": "HUR",
    "03": "KGM",
    "04": "LTR",
    "06": "XBX",
    "07": "XDS",
    "08": "XBA",
    "09": "XJY",
    "10": "XBG",
    "11": "XCO",
    "12": "XBO",
    "13": "XCI",
    "15": "CLT",
    "16": "CMT",
    "17": "XBI",
    "18": "DZN",
    "19": "XCS",
    "20": "XDJ",
    "21": "GRM",
    "22": "KMT",
    "23": "XCA",
    "24": "XBH",
    "25": "MTR",
    "26": "MMT",
    "28": "XPK",
    "29": "PTN",
    "30": "XRO",
    "31": "XEN",
    "32": "XTB",
    "33": "MTQ",
    "34": "SEC",
    "35": "WTT",
    "36": "KWH",
}
"""Units of UNECE Recommendations 20 and 21 by their code."""

METHODS: Final = {
    "01": "Rectificación íntegra",
    "02": "Rectificación por diferencias",
    "03": "Rectificación por descuento por volumen de operaciones durante un periodo",
    "04": "Autorizadas por la Agencia Tributaria",
}
"""How an invoice corrects another one."""

REASONS: Final = {
    "01": "Número de la factura",
    "02": "Serie de la factura",
    "03": "Fecha expedición",
    "04": "Nombre y apellidos/Razón Social-Emisor",
    "05": "Nombre y apellidos/Razón Social-Receptor",
    "06": "Identificación fiscal Emisor/obligado",
    "07": "Identificación fiscal Receptor",
    "08": "Domicilio Emisor/Obligado",
    "09": "Domicilio Receptor",
    "10": "Detalle Operación",
    "11": "Porcentaje impositivo a aplicar",
    "12": "Cuota tributaria a aplicar",
    "13": "Fecha/Periodo a aplicar",
    "14": "Clase de factura",
    "15": "Literales legales",
    "16": "Base imponible",
    "80": "Cálculo de cuotas repercutidas",
    "81": "Cálculo de cuotas retenidas",
    "82": "Base imponible modificada por devolución de envases / embalajes",
    "83": "Base imponible modificada por descuentos y bonificaciones",
    "84": "Base imponible modificada por resolución firme, judicial o administrativa",
    "85": "Base imponible modificada cuotas repercutidas no satisfechas."
    " Auto de declaración de concurso",
}
"""Why an invoice corrects another one, in the words of the schema."""

_LANGUAGES: Final = (
    "ar be bg ca cs da de el en es et eu fi fr ga gl hr hu is it lv lt mk mt nl no pl pt ro ru "
    "sk sl sq sr sv tr uk"
)
LANGUAGES: Final = frozenset(_LANGUAGES.split())
"""Languages that the schema has a code of."""

_CURRENCIES: Final = (
    "AFN ALL AMD ANG AOA ARS AUD AWG AZN BAD BBD BDT BGN BHD BIF BMD BND BOB BRL BRR BSD BWP "
    "BYR BZD CAD CDF CDP CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DRP DZD EEK EGP ESP ETB "
    "EUR FJD FKP GBP GEK GHC GIP GMD GNF GTQ GWP GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR "
    "ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL LYD MAD "
    "MDL MGF MNC MNT MOP MRO MUR MVR MWK MXN MYR MZM NGN NIC NIO NIS NOK NPR NZD OMR PAB PEI "
    "PEN PES PGK PHP PKR PLN PYG QAR RMB RON RUB RWF SAR SBD SCR SDP SEK SGD SHP SKK SLL SOL "
    "SOS SRD STD SVC SYP SZL THB TJS TMM TND TOP TPE TRY TTD TWD TZS UAH UGS USD UYP UYU VEF "
    "VND VUV WST XAF XCD XOF YER ZAR ZMK ZWD"
)
CURRENCIES: Final = frozenset(_CURRENCIES.split())
"""Currencies that the schema has a code of."""
