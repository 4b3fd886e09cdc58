"""Repeated moments, written as in crontab: ``minute hour day month weekday``."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self

import msgspec

__all__ = ("Cron",)

_FIELDS: Final = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("weekday", 0, 7),
)
# The 29th of February comes at least every eighth year.
_MAX_DAYS: Final = 8 * 366


class Cron(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that a minute fits or does not; all of it in UTC.

    Attributes:
        weekdays: 0 is Monday, as Python counts; crontab's 0 and 7 are Sunday.
        is_either_day: Day and weekday are both restricted, and one of the two is enough.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    is_either_day: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a rule such as ``"*/15 8-18 * * 1-5"``.

        Raises:
            ValueError: With a line that names the part that is wrong.
        """
        parts = text.split()
        if len(parts) != len(_FIELDS):
            raise ValueError(f"{text!r} has {len(parts)} fields, not {len(_FIELDS)}")
        minutes, hours, days, months, weekdays = (
            frozenset(_numbers(part, *field)) for part, field in zip(parts, _FIELDS, strict=True)
        )
        cron = cls(
            minutes=minutes,
            hours=hours,
            days=days,
            months=months,
            weekdays=frozenset((number - 1) % 7 for number in weekdays),
            is_either_day=not parts[2].startswith("*") and not parts[4].startswith("*"),
        )
        if not any(min(days) <= monthrange(2024, month)[1] for month in months):
            raise ValueError(f"{text!r} never comes")
        return cron

    def latest(self, now: datetime) -> datetime:
        """Return the newest moment of the rule that is not after ``now``.

        Raises:
            ValueError: If there is none within eight years.
        """
        now = now.astimezone(UTC)
        for back in range(_MAX_DAYS):
            day = now.date() - timedelta(days=back)
            if not self._has_day(day):
                continue
            for hour in sorted(self.hours, reverse=True):
                for minute in sorted(self.minutes, reverse=True):
                    found = datetime.combine(day, time(hour, minute), UTC)
                    if found <= now:
                        return found
        raise ValueError("the rule never comes")

    def _has_day(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.weekday() in self.weekdays
        return by_day or by_weekday if self.is_either_day else by_day and by_weekday


def _numbers(text: str, name: str, low: int, high: int) -> Iterator[int]:
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        else:
            start = _number(first, name, low, high)
            end = _number(last, name, low, high) if dash else (high if slash else start)
        if end < start:
            raise ValueError(f"{name} {part!r} runs backwards")
        yield from range(start, end + 1, _number(step, name, 1, high) if slash else 1)


def _number(text: str, name: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ValueError(f"{name} {text!r} is no number from {low} to {high}")
    return int(text)
