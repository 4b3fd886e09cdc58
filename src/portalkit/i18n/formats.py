"""Money, numbers, dates and names as a language writes them (CLDR).

A page formats a hundred values and more, so what Babel works out anew at every call is
worked out once for each language here; the tests prove that both say the same.
"""

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from babel import dates, numbers, units

from portalkit.i18n.locales import find_locale
from portalkit.i18n.units import UNITS
from portalkit.model import exponent

__all__ = ("DateStyle", "Formats")

DateStyle = Literal["short", "medium", "long", "full"]

# ``Formats.date`` hides the type inside the class.
_Day = date

_MINUS: Final = "\N{MINUS SIGN}"
_SPACE: Final = "\N{NO-BREAK SPACE}"
_THOUSANDS: Final = (3, 3)
_CACHED_DATES: Final = 4_096
_FILE_SIZES: Final = (
    (10**9, "digital-gigabyte"),
    (10**6, "digital-megabyte"),
    (10**3, "digital-kilobyte"),
)
_HUNDRED: Final = Decimal(100)


class _Frame(msgspec.Struct, frozen=True):
    """What stands around the digits, for amounts from zero up and for those below."""

    digits: int
    before: str
    after: str
    negative_before: str
    negative_after: str


class Formats:
    """Formats of one language; made once at the start and shared by all requests.

    Args:
        locale: Language tag, for example ``es`` or ``pt-BR``.
        zone: Time zone of instants whose zone is not given.
        pgettext: Translates the names of units; English when left out.
    """

    def __init__(
        self,
        locale: str,
        zone: str = "UTC",
        *,
        pgettext: Callable[[str, str], str] = lambda _, message: message,
    ) -> None:
        self.locale = locale
        self.zone = zone
        self._cldr = find_locale(locale)
        self._pgettext = pgettext
        self._group = numbers.get_group_symbol(self._cldr)
        self._decimal = numbers.get_decimal_symbol(self._cldr)
        # CLDR writes most languages' minus as the hyphen of a keyboard, which is too short
        # beside figures and is read out as a dash.
        self._minus = numbers.get_minus_sign_symbol(self._cldr).replace("-", _MINUS)
        self._grouping = self._cldr.decimal_formats[None].grouping
        self._money_grouping = self._cldr.currency_formats["standard"].grouping
        self._currencies: dict[str, _Frame] = {}
        self._percent = self._frame(self._cldr.percent_formats[None], 0)
        self._date = lru_cache(_CACHED_DATES)(self._format_date)
        self._moment = lru_cache(_CACHED_DATES)(self._format_moment)
        self._days = lru_cache(_CACHED_DATES)(self._format_days)

    def money(self, minor_units: int, currency: str) -> str:
        """Return an amount with its currency: ``1.204,50 €``."""
        whole, rest = self.money_parts(minor_units, currency)
        return whole + rest

    def money_parts(self, minor_units: int, currency: str) -> tuple[str, str]:
        """Return an amount cut before its decimals: ``1.204`` and ``,50 €``.

        A currency that stands before the figures belongs to the first part.
        """
        frame = self._currencies.get(currency) or self._currency(currency)
        if minor_units < 0:
            before, after, figures = frame.negative_before, frame.negative_after, str(-minor_units)
        else:
            before, after, figures = frame.before, frame.after, str(minor_units)
        if not (digits := frame.digits):
            return before + self._grouped(figures, self._money_grouping), after
        figures = figures.zfill(digits + 1)
        whole = self._grouped(figures[:-digits], self._money_grouping)
        return before + whole, self._decimal + figures[-digits:] + after

    def price(self, amount: Decimal, currency: str) -> str:
        """Return a unit price: at least the currency's decimals, and more if it has more."""
        frame = self._currencies.get(currency) or self._currency(currency)
        figures = self._figures(amount, frame.digits, self._money_grouping)
        if amount < 0:
            return frame.negative_before + figures + frame.negative_after
        return frame.before + figures + frame.after

    def currency_symbol(self, currency: str) -> str:
        """Return the sign of a currency: ``€``."""
        return numbers.get_currency_symbol(currency, self._cldr)

    def number(self, value: Decimal | int, digits: int | None = None) -> str:
        """Return a number with the decimals it has, or rounded half up to ``digits``."""
        if digits is not None:
            value = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        sign = self._minus if value < 0 else ""
        if isinstance(value, int):
            return sign + self._grouped(str(abs(value)), self._grouping)
        return sign + self._figures(value, max(0, -int(value.as_tuple().exponent)))

    def quantity(self, value: Decimal | int) -> str:
        """Return a number without zeros at its end: ``2,5`` for 2.500."""
        sign = self._minus if value < 0 else ""
        return sign + self._figures(Decimal(value), 0)

    def percent(self, value: Decimal | int) -> str:
        """Return a rate stated in percent: ``21 %`` for 21."""
        frame, figures = self._percent, self._figures(Decimal(value), 0)
        if value < 0:
            return frame.negative_before + figures + frame.negative_after
        return frame.before + figures + frame.after

    def change(self, value: Decimal) -> str:
        """Return a share of one as a signed whole percentage: ``+12 %`` for 0.12."""
        rounded = (value * _HUNDRED).quantize(Decimal(1), ROUND_HALF_UP)
        return ("+" if rounded > 0 else "") + self.percent(rounded)

    def date(self, day: _Day, style: DateStyle = "medium") -> str:
        """Return a day: ``20 nov 2026``; ``long`` writes ``20 de noviembre de 2026``."""
        return self._date(day, style)

    def month(self, day: _Day, style: Literal["short", "long"] = "short") -> str:
        """Return the name of a day's month: ``nov``; ``long`` adds the year."""
        return self._date(day, "LLL" if style == "short" else "yMMMM")

    def moment(self, at: datetime, zone: str | None = None) -> str:
        """Return an instant in a time zone, to the minute: ``20 nov 2026, 18:04``."""
        return self._moment(at.replace(second=0, microsecond=0), zone or self.zone)

    def ago(self, at: datetime, now: datetime) -> str:
        """Return how long ago an instant was, or how far ahead it lies: ``hace 3 días``."""
        return dates.format_timedelta(
            at - now, granularity="minute", threshold=1, add_direction=True, locale=self._cldr
        )

    def days(self, number: int) -> str:
        """Return a length of time in days: ``31 días``."""
        return self._days(number)

    def filesize(self, size: int) -> str:
        """Return a size in bytes as a person reads it: ``1,2 MB``."""
        for factor, unit in _FILE_SIZES:
            if size >= factor:
                value = Decimal(size) / factor
                figures = self.number(value, 0 if value >= _HUNDRED else 1)
                return units.format_unit(figures, unit, "short", locale=self._cldr)
        return units.format_unit(size, "digital-byte", "short", locale=self._cldr)

    def unit(self, code: str | None) -> str:
        """Return the short name of a unit (UN/ECE Rec 20 code), or the code if it is rare."""
        if code is None:
            return ""
        name = UNITS.get(code, code)
        if isinstance(name, str):
            return name
        return self._pgettext(name.context or "", name.message)

    def country(self, code: str | None) -> str:
        """Return the name of a country (ISO 3166-1 alpha-2), or the code if it is unknown."""
        return self._cldr.territories.get(code, code) if code else ""

    def _currency(self, currency: str) -> _Frame:
        pattern = self._cldr.currency_formats["standard"]
        frame = self._frame(pattern, exponent(currency), self.currency_symbol(currency))
        self._currencies[currency] = frame
        return frame

    def _frame(self, pattern: numbers.NumberPattern, digits: int, symbol: str = "") -> _Frame:
        before = [_spaced(text.replace("-", self._minus), symbol, -1) for text in pattern.prefix]
        after = [_spaced(text.replace("-", self._minus), symbol, 0) for text in pattern.suffix]
        return _Frame(digits, before[0], after[0], before[1], after[1])

    def _grouped(self, figures: str, grouping: tuple[int, int]) -> str:
        last, step = grouping
        if len(figures) <= last:
            return figures
        if grouping == _THOUSANDS:
            return f"{int(figures):,}".replace(",", self._group)
        head, tail = figures[:-last], figures[-last:]
        first = len(head) % step
        groups = [head[:first]] if first else []
        groups += [head[place : place + step] for place in range(first, len(head), step)]
        return self._group.join([*groups, tail])

    def _figures(self, value: Decimal, least: int, grouping: tuple[int, int] | None = None) -> str:
        whole, _, fraction = f"{abs(value):f}".partition(".")
        fraction = fraction.rstrip("0").ljust(least, "0")
        whole = self._grouped(whole, grouping or self._grouping)
        return whole + self._decimal + fraction if fraction else whole

    def _format_date(self, day: _Day, style: str) -> str:
        if style == "yMMMM":
            return dates.format_skeleton(style, day, locale=self._cldr)
        return dates.format_date(day, style, self._cldr)

    def _format_days(self, number: int) -> str:
        return dates.format_timedelta(
            timedelta(days=number), granularity="day", threshold=10**6, locale=self._cldr
        )

    def _format_moment(self, at: datetime, zone: str) -> str:
        local = at.replace(tzinfo=at.tzinfo or UTC).astimezone(ZoneInfo(zone))
        joint = str(self._cldr.datetime_formats["medium"]).replace("'", "")
        day = dates.format_date(local, "medium", self._cldr)
        return joint.format(dates.format_time(local, "short", locale=self._cldr), day)


def _spaced(text: str, symbol: str, place: int) -> str:
    """Put in a currency; one of letters keeps clear of the figures (CLDR's currencySpacing).

    Args:
        text: What CLDR puts before or after the figures.
        symbol: The currency's sign or code.
        place: Index in ``text`` of what touches the figures.
    """
    touches = text[place:] == "¤" if place else text[:1] == "¤"
    if touches and symbol and unicodedata.category(symbol[place])[0] not in "SZ":
        symbol = symbol + _SPACE if place else _SPACE + symbol
    return text.replace("¤", symbol)
