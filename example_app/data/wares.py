"""What the two businesses sell, and how tax and prices moved."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from example_app.data.identifiers import gtin
from example_app.data.values import Product, Wares

__all__ = ("HONEY", "OIL", "price_level", "season", "tax_rate")

_OIL, _FOOD, _OTHER = Wares.OIL, Wares.FOOD, Wares.OTHER
_AUTUMN: Final = frozenset({10, 11, 12, 1})

# Sku, name, English name, price, wares, boxes of, weight.
_OIL_ROWS: Final = (
    ("AOVE-PIC-500", "AOVE Picual, botella 500 ml", "Picual EVOO, 500 ml bottle", "7.35", _OIL, 12, 30),
    ("AOVE-PIC-250", "AOVE Picual, botella 250 ml", "Picual EVOO, 250 ml bottle", "4.60", _OIL, 12, 14),
    ("AOVE-PIC-5L", "AOVE Picual, garrafa 5 l", "Picual EVOO, 5 l can", "44.50", _OIL, 4, 22),
    ("AOVE-ARB-500", "AOVE Arbequina, botella 500 ml", "Arbequina EVOO, 500 ml bottle", "7.90", _OIL, 12, 24),
    ("AOVE-HOJ-500", "AOVE Hojiblanca, botella 500 ml", "Hojiblanca EVOO, 500 ml bottle", "7.60", _OIL, 12, 12),
    ("AOVE-ROY-250", "AOVE Royal temprano, botella 250 ml", "Early Royal EVOO, 250 ml bottle", "8.25", _OIL, 6, 9),
    ("AOVE-ECO-500", "AOVE ecológico, botella 500 ml", "Organic EVOO, 500 ml bottle", "9.40", _OIL, 6, 14),
    ("AOVE-LAT-25", "AOVE coupage, lata 2,5 l", "EVOO blend, 2.5 l tin", "24.80", _OIL, 6, 13),
    ("AOVE-MONO-160", "Monodosis AOVE 10 ml, caja de 160", "EVOO sachets 10 ml, box of 160", "31.20", _OIL, 1, 8),
    ("ACEITUNA-370", "Aceituna Manzanilla aliñada, 370 g", "Marinated Manzanilla olives, 370 g", "2.85", _FOOD, 12, 12),
    ("TAPENADE-140", "Paté de aceituna negra, 140 g", "Black olive tapenade, 140 g", "3.10", _FOOD, 12, 8),
    ("VINAGRE-500", "Vinagre de Jerez reserva, 500 ml", "Reserve sherry vinegar, 500 ml", "4.15", _FOOD, 6, 7),
    ("JABON-100", "Jabón de aceite de oliva, 100 g", "Olive oil soap, 100 g", "2.40", _OTHER, 24, 7),
    ("ESTUCHE-3", "Estuche de madera para tres botellas", "Wooden case for three bottles", "6.75", _OTHER, 10, 5),
    ("DOSIFICADOR", "Tapón dosificador antigoteo", "No-drip pourer", "0.95", _OTHER, 50, 5),
    ("VISITA-CATA", "Visita y cata guiada, por persona", "Guided visit and tasting, per person", "14.00", _OTHER, 10, 2),
)  # fmt: skip

_HONEY_ROWS: Final = (
    ("MIEL-ROM-500", "Miel de romero, tarro 500 g", "Rosemary honey, 500 g jar", "6.20", _FOOD, 12, 20),
    ("MIEL-AZA-500", "Miel de azahar, tarro 500 g", "Orange blossom honey, 500 g jar", "6.05", _FOOD, 12, 18),
    ("MIEL-BRE-1K", "Miel de brezo, tarro 1 kg", "Heather honey, 1 kg jar", "12.40", _FOOD, 6, 10),
    ("POLEN-250", "Polen de jara, 250 g", "Rockrose pollen, 250 g", "7.80", _FOOD, 6, 5),
    ("VELA-CERA", "Vela de cera de abeja", "Beeswax candle", "4.90", _OTHER, 10, 4),
)  # fmt: skip

_SEASONAL: Final = (
    Product(
        sku="AOVE-NUEVO-500",
        name="Aceite nuevo sin filtrar, botella 500 ml",
        english="New season unfiltered EVOO, 500 ml bottle",
        price=Decimal("10.90"),
        wares=_OIL,
        weight=34,
        months=_AUTUMN,
        gtin=gtin(7_700_990),
    ),
    Product(
        sku="CESTA-NAVIDAD",
        name="Cesta de Navidad «Sierra Alta»",
        english="“Sierra Alta” Christmas hamper",
        price=Decimal("38.50"),
        wares=_FOOD,
        box=5,
        weight=16,
        months=frozenset({11, 12}),
    ),
    Product(
        sku="AOVE-GRANEL",
        name="AOVE Picual a granel, campaña en curso",
        english="Picual EVOO in bulk, current season",
        price=Decimal("6.2375"),
        wares=_OIL,
        unit="LTR",
        box=100,
        weight=3,
    ),
)


def _products(
    rows: tuple[tuple[str, str, str, str, Wares, int, int], ...], start: int
) -> tuple[Product, ...]:
    return tuple(
        Product(
            sku=sku,
            name=name,
            english=english,
            price=Decimal(price),
            wares=wares,
            box=box,
            weight=weight,
            gtin=gtin(start + place * 10),
        )
        for place, (sku, name, english, price, wares, box, weight) in enumerate(rows)
    )


OIL: Final = _products(_OIL_ROWS, 7_700_100) + _SEASONAL
HONEY: Final = _products(_HONEY_ROWS, 8_800_100)

_SEASONS: Final = (1.0, 0.75, 0.8, 0.9, 0.85, 1.0, 1.1, 0.6, 0.85, 1.15, 1.8, 1.6)
_HARVESTS: Final[Mapping[int, str]] = {2022: "0.92", 2023: "1.24", 2024: "1.31", 2025: "1.02"}


def season(month: int) -> float:
    """Return how much is bought in a month, where 1.0 is an ordinary one."""
    return _SEASONS[month - 1]


def price_level(on: date, wares: Wares) -> Decimal:
    """Return what a price is multiplied by: oil was dear after the dry years."""
    if wares is not Wares.OIL:
        return Decimal(1)
    harvest = on.year if on.month >= 10 else on.year - 1
    return Decimal(_HARVESTS.get(harvest, "1.00"))


def tax_rate(on: date, wares: Wares) -> Decimal:
    """Return the Spanish VAT rate of a day (olive oil: RDL 4/2024, 0 % and 2 % for a while)."""
    if wares is Wares.OTHER:
        return Decimal(21)
    if wares is Wares.FOOD:
        return Decimal(10)
    if on < date(2024, 7, 1):
        return Decimal(5)
    if on < date(2024, 10, 1):
        return Decimal(0)
    return Decimal(2) if on < date(2025, 1, 1) else Decimal(4)
