"""The pager of lists whose pages are numbered."""

from collections.abc import Callable

from portalkit.i18n import Translator
from portalkit.rendering.ui import Pager

__all__ = ("numbered_pager",)


def numbered_pager(
    translator: Translator,
    url: Callable[[int], str],
    *,
    number: int,
    size: int,
    most: int,
    shown: int,
    total: int,
    limit: int | None = None,
) -> Pager | None:
    """Return the pager of a page, or ``None`` where nothing is shown.

    Args:
        translator: Of the reader's language.
        url: Address of the page with a number.
        number: Of this page, from 1.
        size: Rows of a full page.
        most: Number of the last page that can be asked for.
        shown: Rows of this page.
        total: Rows of all pages.
        limit: Up to which rows are counted; more read ``10,000+``.
    """
    if not shown:
        return None
    formats = translator.formats
    first = (number - 1) * size + 1
    last = first + shown - 1
    counted = formats.number(total if limit is None else min(total, limit))
    if limit is not None and total > limit:
        counted += "+"
    return Pager(
        range_text=translator.gettext("%(first)s–%(last)s of %(count)s")  # noqa: RUF001
        % {
            "first": formats.number(first),
            "last": formats.number(last),
            "count": counted,
        },
        previous_url=url(number - 1) if number > 1 else None,
        next_url=url(number + 1) if last < total and number < most else None,
    )
