"""What the home page shows; ``home/home.html`` places it.

Every text is already in the reader's language, every amount and date formatted.
"""

from typing import Literal

import msgspec
from markupsafe import Markup

from portalkit.rendering.ui import EmptyState, LinkButton, MoneyParts, Pill

__all__ = ("HomeView", "LatestDocument", "TaskCard", "WidgetView")


class TaskCard(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for the reader: an overdue invoice, a quote to answer.

    Attributes:
        title: Heading, read aloud but not shown: "Overdue invoice F-2026-0230".
        reference: Short, at the end of the first line: the document's number.
        amount: ``None`` where no money belongs.
        links: What can be done; the first one is the primary one.
    """

    title: str
    pill: Pill
    reference: str
    text: str
    amount: MoneyParts | None = None
    links: tuple[LinkButton, ...] = ()


class LatestDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the latest documents; ``note`` is kind and age, ``exact`` the date in full."""

    number: str
    url: str
    icon: str
    note: str
    exact: str
    amount: str = ""


class WidgetView(msgspec.Struct, frozen=True, kw_only=True):
    """A rendered widget of a plugin; ``number`` ones stand in one row of figures."""

    name: str
    title: str
    size: Literal["number", "wide", "full"]
    html: Markup


class HomeView(msgspec.Struct, frozen=True, kw_only=True):
    """The home page.

    Attributes:
        greeting: "Good morning, Lucía".
        date_text: "Tuesday, 24 November".
        lead: What waits, in one sentence.
        all_url: Where the latest documents lead on to.
        empty: Given when there is neither task, widget nor document.
    """

    greeting: str
    date_text: str
    lead: str
    tasks: tuple[TaskCard, ...] = ()
    widgets: tuple[WidgetView, ...] = ()
    latest: tuple[LatestDocument, ...] = ()
    all_url: str | None = None
    empty: EmptyState | None = None
