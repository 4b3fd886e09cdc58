"""Values that the macros of ``core/ui.html`` and the pages of the kernel are made of.

Everything here is already in the reader's language and formatted: templates only place it.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from portalkit.hooks.types import Tone

__all__ = (
    "Chip",
    "Choice",
    "EmptyState",
    "FormState",
    "LinkButton",
    "MoneyParts",
    "Pager",
    "Pill",
    "SearchBox",
    "SortHeader",
)

MoneyParts = tuple[str, str]
"""A large amount: what is set large, and the rest (cents, sign) that is set small."""


class Pill(msgspec.Struct, frozen=True, kw_only=True):
    """A state as icon and word.

    Attributes:
        icon: A symbol of the icon sprite.
        is_calm: The state is finished and asks for nobody, so it is set without a ground.
    """

    label: str
    tone: Tone = Tone.NEUTRAL
    icon: str = "clock"
    is_calm: bool = False


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One of several addresses, of which one is current (a page size, a period)."""

    label: str
    url: str
    is_current: bool = False


class Chip(msgspec.Struct, frozen=True, kw_only=True):
    """A filter of one click; ``count`` is how many rows stand behind it."""

    label: str
    url: str
    count: str | None = None
    is_current: bool = False


class SearchBox(msgspec.Struct, frozen=True, kw_only=True):
    """A search by GET.

    Attributes:
        url: Where it goes, without a query.
        label: Says what is searched; read aloud, not shown.
        hidden: Parameters that are kept: filter, sorting, page size.
        field: Name of the parameter.
    """

    url: str
    label: str
    placeholder: str
    query: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    field: str = "q"


class SortHeader(msgspec.Struct, frozen=True, kw_only=True):
    """A column head of a simple table; without ``sort_url`` it cannot be sorted by."""

    label: str
    sort_url: str | None = None
    direction: Literal["ascending", "descending"] | None = None
    align: Literal["start", "end"] = "start"


class Pager(msgspec.Struct, frozen=True, kw_only=True):
    """Where in a list one is: "1-25 of 39", and the ways on."""

    range_text: str
    previous_url: str | None = None
    next_url: str | None = None
    sizes: tuple[Choice, ...] = ()


class LinkButton(msgspec.Struct, frozen=True, kw_only=True):
    """A link that looks like a button; one of a group may be primary."""

    label: str
    url: str
    icon: str | None = None
    is_primary: bool = False


class EmptyState(msgspec.Struct, frozen=True, kw_only=True):
    """Says what will appear here and why nothing does.

    Attributes:
        clear_url: Address without the filters that hide everything; ``None`` if none do.
        icon: A symbol shown instead of the drawing, where there is one.
    """

    title: str
    text: str
    icon: str | None = None
    clear_url: str | None = None
    links: tuple[LinkButton, ...] = ()


class FormState(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it is shown: where it posts, what was typed, what is wrong.

    Attributes:
        values: Typed values by field; never those of password fields.
        errors: Sentences by field; ``""`` is the key of what concerns the whole form.
    """

    url: str
    values: Mapping[str, str] = {}
    errors: Mapping[str, str] = {}
