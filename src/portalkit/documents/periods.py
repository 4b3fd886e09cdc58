"""The choice of days above a list: ready-made stretches, and two dates of one's own."""

from datetime import date, timedelta

from portalkit.documents.parameters import ListParameters
from portalkit.documents.views import PeriodMenu
from portalkit.i18n import Translator
from portalkit.model import lazy_gettext
from portalkit.rendering.ui import Choice

__all__ = ("period_menu",)

_QUARTER = 3
_BACKWARDS = lazy_gettext("The first day is after the last one.")


def period_menu(
    parameters: ListParameters, path: str, today: date, translator: Translator
) -> PeriodMenu:
    """Return the menu of days of a list.

    Args:
        parameters: What is chosen now, and what is kept.
        path: Of the list.
        today: The day that "this month" is about.
        translator: Of the reader's language.
    """
    chosen = (parameters.first, parameters.last)
    stretches = _stretches(today, translator)
    options = tuple(
        Choice(
            label=label,
            url=parameters.address(
                path,
                from_=first.isoformat() if first else None,
                to=last.isoformat() if last else None,
            ),
            is_current=(first, last) == chosen,
        )
        for label, first, last in stretches
    )
    label = next((each.label for each in options if each.is_current), None)
    return PeriodMenu(
        label=label or _written(parameters, translator),
        options=options,
        url=path,
        hidden=tuple(parameters.fields(from_=None, to=None).items()),
        date_from=parameters.first.isoformat() if parameters.first else "",
        date_to=parameters.last.isoformat() if parameters.last else "",
        error=translator.text(_BACKWARDS) if parameters.is_backwards else None,
        is_active=chosen != (None, None),
    )


def _stretches(
    today: date, translator: Translator
) -> tuple[tuple[str, date | None, date | None], ...]:
    quarter = today.replace(month=(today.month - 1) // _QUARTER * _QUARTER + 1, day=1)
    next_month = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    end_of_quarter = _month_after(quarter, _QUARTER) - timedelta(days=1)
    text = translator.text
    return (
        (text(lazy_gettext("All dates")), None, None),
        (text(lazy_gettext("This month")), today.replace(day=1), next_month - timedelta(days=1)),
        (text(lazy_gettext("This quarter")), quarter, end_of_quarter),
        *(
            (str(year), date(year, 1, 1), date(year, 12, 31))
            for year in (today.year, today.year - 1)
        ),
    )


def _month_after(day: date, months: int) -> date:
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, 1)


def _written(parameters: ListParameters, translator: Translator) -> str:
    formats = translator.formats
    first, last = parameters.first, parameters.last
    if first is not None and last is not None:
        return f"{formats.date(first)} – {formats.date(last)}"  # noqa: RUF001
    if first is not None:
        return translator.text(lazy_gettext("From %(day)s")) % {"day": formats.date(first)}
    assert last is not None  # noqa: S101  # one of the two is chosen
    return translator.text(lazy_gettext("Until %(day)s")) % {"day": formats.date(last)}
