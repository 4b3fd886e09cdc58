"""Words, figures and foreign text for one sheet."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from markupsafe import Markup, escape

from portalkit.i18n import Formats, Translator, direction
from portalkit.model import Period, Text
from portalkit.rendering.sheet.parts import SheetPair

__all__ = ("SheetWriter", "cleaned", "paragraphs")

_NBSP: Final = "\N{NO-BREAK SPACE}"
# C0 and C1 controls but tab and line feed; bidi controls, which turn text around so that it
# reads as something else; invisible and unassigned code points; halves of surrogates.
_REMOVED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACES: Final = re.compile("[\t \u2000-\u200a\u205f\u3000]+")
_LINE_ENDS: Final = re.compile("\r\n?|\u0085|\u2028|\u2029|\x0b|\x0c")
_UNIT: Final = re.compile(r"(\d) (ml|cl|dl|l|mg|g|kg|t|mm|cm|m|km|°C|%|€)(?!\w)")


def cleaned(text: str) -> str:
    """Return foreign text as one line without anything that cannot be seen.

    Bidi overrides are dropped (an amount or a file name could be shown turned around), and
    so are control characters; a number stays on one line with its unit.
    """
    return " ".join(paragraphs(text))


def paragraphs(text: str) -> tuple[str, ...]:
    """Return foreign text as its lines, each cleaned, without empty ones."""
    lines = _LINE_ENDS.sub("\n", text).split("\n")
    return tuple(line for line in map(_clean_line, lines) if line)


def _clean_line(text: str) -> str:
    text = _REMOVED.sub("", text).replace("\N{NARROW NO-BREAK SPACE}", _NBSP)
    return _UNIT.sub(_kept_together, _SPACES.sub(" ", text).strip(" "))


def _kept_together(found: re.Match[str]) -> str:
    # A function, because a pattern with groups is worked out anew for each text.
    return f"{found[1]}{_NBSP}{found[2]}"


class SheetWriter:
    """Writes values of one document in one language.

    Attributes:
        currency: Of every amount.
        direction: Writing direction of the language.
    """

    def __init__(self, translator: Translator, formats: Formats, currency: str) -> None:
        self.translator = translator
        self.formats = formats
        self.currency = currency
        self.direction: Literal["ltr", "rtl"] = direction(formats.locale)

    def gettext(self, message: str, **values: Any) -> str:
        """Return a text of ours in the reader's language."""
        text = self.translator.gettext(message)
        if any(isinstance(value, Markup) for value in values.values()):
            return escape(text) % values
        return text % values if values else text

    def text(self, text: Text) -> str:
        """Return a text that a kind or a status brings along."""
        return self.translator.text(text)

    def value(self, text: str | None) -> str:
        """Return foreign text, cleaned and kept apart from the text around it.

        In a right-to-left document a value has its own direction: right to left if it has
        one such letter, left to right if it has only others, and none if it has no letter
        (amounts, dates in figures). WeasyPrint 70 knows neither ``dir=auto`` nor
        ``unicode-bidi``, so the direction is written out.
        """
        return self.isolated(cleaned(text or ""))

    def lines(self, text: str | None) -> tuple[str, ...]:
        """Return foreign text as its lines, each like ``value``."""
        return tuple(self.isolated(line) for line in paragraphs(text or ""))

    def isolated(self, text: str) -> str:
        """Return clean text with its own direction, where the document's is another."""
        if self.direction == "ltr":
            return text
        kinds = {unicodedata.bidirectional(letter) for letter in text}
        if not kinds & {"L", "R", "AL"}:
            return text
        side = "rtl" if kinds & {"R", "AL"} else "ltr"
        return Markup('<bdi dir="{}">{}</bdi>').format(side, text)

    def joined(self, parts: Sequence[str], separator: str = " · ") -> str:
        """Return the parts that are not empty as one text."""
        found = [part for part in parts if part]
        if any(isinstance(part, Markup) for part in found):
            return Markup(separator).join(found)  # noqa: S704 -- it escapes plain parts
        return separator.join(found)

    def money(self, minor_units: int) -> str:
        """Return an amount in the document's currency."""
        return self.formats.money(minor_units, self.currency)

    def price(self, amount: Decimal) -> str:
        """Return a unit price in the document's currency."""
        return self.formats.price(amount, self.currency)

    def quantity(self, value: Decimal, unit: str | None, label: str | None) -> str:
        """Return a quantity with the name of its unit, which stays on its line."""
        name = cleaned(label or "") or self.formats.unit(unit)
        figures = self.formats.quantity(value)
        return self.isolated(f"{figures}{_NBSP}{name}") if name else figures

    def day(self, day: date) -> str:
        """Return a date in words."""
        return self.formats.date(day, "long")

    def period(self, period: Period) -> str:
        """Return a stretch of days."""
        if period.start_on and period.end_on:
            return self.gettext(
                "%(start)s to %(end)s",
                start=self.formats.date(period.start_on, "medium"),
                end=self.formats.date(period.end_on, "medium"),
            )
        if period.start_on:
            return self.gettext("from %(day)s", day=self.day(period.start_on))
        if period.end_on:
            return self.gettext("until %(day)s", day=self.day(period.end_on))
        return ""

    def pairs(self, *found: tuple[str, str | None]) -> list[SheetPair]:
        """Return labels with values, without those that have none."""
        return [SheetPair(label, value) for label, value in found if value]
