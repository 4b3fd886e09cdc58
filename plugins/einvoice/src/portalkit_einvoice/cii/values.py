"""Days and periods as CII writes them: in a type of their own, mostly without hyphens."""

import re
from datetime import date
from typing import Final

from portalkit.errors import ImportRefusedError
from portalkit.model import Period
from portalkit_einvoice.xml.element import Element

__all__ = ("take_day", "take_event", "take_period", "take_required_day", "take_same_day")

_HOLDERS: Final = ("DateTimeString", "DateString", "DateTime", "Date")
_DAY: Final = re.compile(
    r"(\d{4})(-?)(\d\d)\2(\d\d)(?:T?([\d:]{4,8})(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_NO_TIME: Final = frozenset("0:")
# UNTDID 2379: a day, a day with hours and minutes, and with seconds.
_FORMATS: Final = frozenset({"102", "203", "204"})
_SHOWN: Final = 40


def take_required_day(element: Element, name: str) -> date:
    """Take a day that a document cannot be without.

    Raises:
        ImportRefusedError: If it is missing or no day.
    """
    holder = _holder(element.first(name))
    stated = holder.text
    day = take_day(element.first(name))
    if day is None:
        reason = f"its {name} {stated[:_SHOWN]!r} is no date" if stated else f"it has no {name}"
        raise ImportRefusedError(reason)
    return day


def take_day(element: Element) -> date | None:
    """Take a day; one that is none, or has a time, also stays where it is.

    The printed day counts: it is never converted to another time zone.
    """
    holder = _holder(element)
    match = _DAY.fullmatch(holder.text)
    if match is None:
        return None
    try:
        day = date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return None
    if _NO_TIME.issuperset(match[5] or "") and match[6] is None:
        holder.take()
        if holder.attributes.get("format") in _FORMATS:
            holder.take_attribute("format")
    return day


def take_period(element: Element, code: str | None = None) -> Period | None:
    """Take a period of days; ``None`` if it has neither start nor end."""
    period = Period(
        start_on=take_day(element.first("StartDateTime")),
        end_on=take_day(element.first("EndDateTime")),
        code=code,
    )
    return None if period == Period() else period


def take_event(element: Element) -> date | None:
    """Take the day of an event; of a period the end counts.

    The start of a period stays where it is, unless it is the same day.
    """
    day = take_day(element.first("OccurrenceDateTime"))
    period = element.first("OccurrenceSpecifiedPeriod")
    if day is None:
        day = take_day(period.first("EndDateTime")) or take_day(period.first("StartDateTime"))
    if day is not None:
        for name in ("StartDateTime", "EndDateTime"):
            take_same_day(period.first(name), day)
    return day


def take_same_day(element: Element, day: date) -> None:
    """Remove a day that only repeats what is known already."""
    if _holder(element).text == f"{day:%Y%m%d}":
        take_day(element)


def _holder(element: Element) -> Element:
    return next((element.first(name) for name in _HOLDERS if element.has(name)), element)
