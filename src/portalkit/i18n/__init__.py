"""Languages: catalogues, texts, and formats of money, numbers and dates (CLDR)."""

from portalkit.i18n.catalogues import load_translations
from portalkit.i18n.formats import Formats
from portalkit.i18n.locales import closest_locale, direction, language_name, negotiate
from portalkit.i18n.translator import Translator

__all__ = (
    "Formats",
    "Translator",
    "closest_locale",
    "direction",
    "language_name",
    "load_translations",
    "negotiate",
)
