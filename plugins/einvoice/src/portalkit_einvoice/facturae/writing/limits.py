"""How long texts may be."""

from collections.abc import Iterator

from portalkit.model import Text, lazy_gettext
from portalkit_einvoice.facturae.writing.nodes import shortened

__all__ = ("too_long",)

_SHOWN = 40


def too_long(*texts: tuple[str, int]) -> Iterator[Text]:
    """Yield a sentence for each text that is longer than it may be.

    Only of texts that are a name or a number: cut, they would be those of somebody else.
    """
    for text, limit in texts:
        if len(text) > limit:
            yield lazy_gettext(
                "“%(text)s” is longer than the %(limit)s characters that Facturae has for it.",
                text=shortened(text, _SHOWN),
                limit=limit,
            )
