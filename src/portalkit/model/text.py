"""Text that is translated when it is shown, not when it is written down."""

from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ("LazyText", "Text", "lazy_gettext", "lazy_pgettext")


class LazyText(msgspec.Struct, frozen=True):
    """A message of the catalogues and the values to put into it.

    Attributes:
        message: The English text, as it stands in the catalogues.
        context: What sets it apart from the same English text elsewhere (``msgctxt``).
        values: What ``%(name)s`` in the message stands for.
    """

    message: str
    context: str | None = None
    values: Mapping[str, Any] = {}

    def __str__(self) -> str:
        """Return the English text; a page shows it through the reader's translations."""
        return self.message % self.values if self.values else self.message


Text = str | LazyText
"""A fixed text (a proper name) or one that is translated."""


def lazy_gettext(message: str, **values: Any) -> LazyText:
    """Mark a text for translation at the moment it is shown."""
    return LazyText(message, values=values)


def lazy_pgettext(context: str, message: str, **values: Any) -> LazyText:
    """Like ``lazy_gettext`` for a text that needs a context."""
    return LazyText(message, context=context, values=values)
