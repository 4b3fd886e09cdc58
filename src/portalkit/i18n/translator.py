"""Texts in one language."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from portalkit.i18n.formats import Formats
from portalkit.i18n.pofile import PluralRule
from portalkit.model import LazyText, Text

__all__ = ("Messages", "Translator")

Messages = dict[tuple[str | None, str], tuple[tuple[str, ...], PluralRule]]
"""Translations by context and English text: their plural forms and which form is which."""


class Translator:
    """All catalogues of one language; made once at the start and shared by all requests.

    Attributes:
        locale: Language tag, for example ``es`` or ``pt-BR``.
        formats: Money, numbers and dates of the same language, in UTC.
    """

    def __init__(self, locale: str, messages: Messages) -> None:
        self.locale = locale
        self._messages = messages
        # The plain texts apart: looking them up is what a page does most often.
        self._plain = {
            message: forms[0]
            for (context, message), (forms, _) in messages.items()
            if context is None
        }
        self.formats = Formats(locale, pgettext=self.pgettext)

    def __repr__(self) -> str:
        return f"Translator({self.locale!r}, {len(self._messages)} messages)"

    @cached_property
    def digest(self) -> str:
        """A hash of all texts: what was made with other ones is out of date."""
        texts = [(key, forms) for key, (forms, _) in self._messages.items()]
        return hashlib.sha256(repr(sorted(texts, key=repr)).encode()).hexdigest()

    def gettext(self, message: str) -> str:
        """Return a text in this language, or as it is if there is no translation."""
        return self._plain.get(message, message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the form of a text that belongs to a number."""
        return self._form(None, singular, plural, number)

    def pgettext(self, context: str, message: str) -> str:
        """Return a text that is set apart from the same English text by its context."""
        found = self._messages.get((context, message))
        return found[0][0] if found else message

    def npgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        """Return the form of a text with a context that belongs to a number."""
        return self._form(context, singular, plural, number)

    def text(self, text: Text) -> str:
        """Return what a person reads: a fixed text as it is, a lazy one translated.

        Values that are lazy texts themselves are translated too.
        """
        if isinstance(text, str):
            return text
        message = (
            self.gettext(text.message)
            if text.context is None
            else self.pgettext(text.context, text.message)
        )
        return message % self.values(text.values) if text.values else message

    def values(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the values of a text with the lazy ones among them translated."""
        if not any(isinstance(value, LazyText) for value in values.values()):
            return values
        return {
            name: self.text(value) if isinstance(value, LazyText) else value
            for name, value in values.items()
        }

    def _form(self, context: str | None, singular: str, plural: str, number: int) -> str:
        found = self._messages.get((context, singular))
        if found is None:
            return singular if number == 1 else plural
        forms, rule = found
        # A catalogue with fewer forms than its rule knows still says something.
        return forms[min(rule(number), len(forms) - 1)]
