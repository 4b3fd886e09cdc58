"""The mill's news: read from a file, told from their day on, the same every year."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec

from portalkit.hooks import Portal

__all__ = ("STATE", "NewsItem", "Told", "news_of", "read_news", "season", "told_by")

STATE: Final = "harvest"
"""Key of ``portal.state`` under which the news lie while the portal runs."""

_HARVEST_STARTS: Final = 10
_ANY_YEAR: Final = 2026

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class NewsItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something the mill tells, as it stands in the file.

    Attributes:
        day: Month and day from which on it is news: ``10-20``.
        title: By language.
        text: By language.
    """

    id: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,39}$")]
    day: Annotated[str, msgspec.Meta(pattern="^[0-9]{2}-[0-9]{2}$")]
    title: Mapping[str, _Text]
    text: Mapping[str, _Text]

    def __post_init__(self) -> None:
        self.on(_ANY_YEAR)
        if not self.title or self.title.keys() != self.text.keys():
            raise ValueError(f"{self.id!r} does not have title and text in the same languages")

    def on(self, year: int) -> date:
        """Return its day in a year."""
        return date.fromisoformat(f"{year}-{self.day}")


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    news: tuple[NewsItem, ...]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Something the mill has told, in one language."""

    id: str
    on: date
    title: str
    text: str


def read_news(path: Path) -> tuple[NewsItem, ...]:
    """Read a file of news.

    Raises:
        OSError: If it cannot be read.
        ValueError: If something in it is wrong; the message says where.
    """
    file = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)
    ids = [item.id for item in file.news]
    if len(ids) != len(set(ids)):
        raise ValueError("two of the news have the same id")
    return file.news


def news_of(portal: Portal) -> tuple[NewsItem, ...]:
    """Return the news of a portal that runs."""
    news: tuple[NewsItem, ...] = portal.state[STATE]
    return news


def told_by(news: Iterable[NewsItem], today: date, locale: str) -> list[Told]:
    """Return what is told on a day, newest first, in a language or else the first there is."""
    told = []
    for item in news:
        this_year = item.on(today.year)
        on = this_year if this_year <= today else item.on(today.year - 1)
        language = locale if locale in item.title else next(iter(item.title))
        told.append(Told(id=item.id, on=on, title=item.title[language], text=item.text[language]))
    return sorted(told, key=lambda each: each.on, reverse=True)


def season(day: date) -> str:
    """Return the season of a day, ``2026/27``: olives are picked from October."""
    first = day.year if day.month >= _HARVEST_STARTS else day.year - 1
    return f"{first}/{(first + 1) % 100:02d}"
