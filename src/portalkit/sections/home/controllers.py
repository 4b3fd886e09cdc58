"""The home page: a greeting, what waits for the reader, what plugins add, what came last."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from portalkit.context import PortalContext
from portalkit.documents.pages import Reader
from portalkit.hooks import DocumentKind, Slot
from portalkit.i18n import Translator
from portalkit.model import LazyText, lazy_gettext
from portalkit.rendering.page import Page
from portalkit.rendering.ui import EmptyState
from portalkit.sections.home.queries import HomeDocument, read_home
from portalkit.sections.home.tasks import document_url, task_cards
from portalkit.sections.home.views import HomeView, LatestDocument
from portalkit.sections.home.widgets import show_widgets

__all__ = ("HOME_ROUTES",)

_GREETINGS: Final[tuple[tuple[int, LazyText], ...]] = (
    (6, lazy_gettext("Good evening, %(name)s")),
    (13, lazy_gettext("Good morning, %(name)s")),
    (20, lazy_gettext("Good afternoon, %(name)s")),
    (24, lazy_gettext("Good evening, %(name)s")),
)


@get("/", name="home:home")
async def show_home(reader: NamedDependency[SkipValidation[Reader]]) -> Response[Any]:
    """Show the home page."""
    portal, session, context = reader.portal, reader.session, reader.contact
    page, translator = reader.page, reader.translator
    kinds = {
        name: kind
        for name, kind in portal.kinds.items()
        if portal.kind_owners[name] in context.active_plugins
    }
    documents = await read_home(session, context, kinds)
    waiting, latest = documents.waiting, documents.latest
    widgets = await show_widgets(
        portal.registry.declarations.widgets,
        context,
        session,
        hooks=portal.registry.hooks,
        page=page,
        environment=portal.environments[page.locale],
        translator=translator,
    )
    view = HomeView(
        greeting=_greeting(context, translator),
        date_text=_today(context, translator),
        lead=_lead(len(waiting), translator),
        tasks=task_cards(waiting, kinds, context, page=page, translator=translator),
        widgets=widgets,
        latest=tuple(
            _latest(each, kinds[each.kind], context, page=page, translator=translator)
            for each in latest
        ),
        empty=None if waiting or latest or widgets else _empty(translator),
    )
    return await page.render("home/home.html", slots=(Slot.HOME_TOP, Slot.HOME_BOTTOM), home=view)


HOME_ROUTES: Final = (show_home,)


def _greeting(context: PortalContext, translator: Translator) -> str:
    hour = _local(context).hour
    greeting = next(text for until, text in _GREETINGS if hour < until)
    return translator.text(greeting) % {"name": context.name.partition(" ")[0]}


def _today(context: PortalContext, translator: Translator) -> str:
    text = translator.formats.date(context.today, "full")
    return text[:1].upper() + text[1:]


def _local(context: PortalContext) -> datetime:
    return context.now.astimezone(ZoneInfo(context.zone))


def _lead(waiting: int, translator: Translator) -> str:
    if not waiting:
        return translator.gettext("Nothing waits for you. Everything is up to date.")
    return translator.ngettext(
        "One thing waits for you.", "%(num)d things wait for you.", waiting
    ) % {"num": waiting}


def _latest(
    document: HomeDocument,
    kind: DocumentKind,
    context: PortalContext,
    *,
    page: Page,
    translator: Translator,
) -> LatestDocument:
    formats = translator.formats
    days = (context.today - document.issued_on).days
    age = formats.date(document.issued_on) if days < 0 else _age(days, translator)
    total = document.total if kind.has_total else None
    return LatestDocument(
        number=document.number,
        url=document_url(page, kind, document.id),
        icon=kind.icon,
        note=f"{translator.text(kind.title)} · {age}",
        exact=formats.date(document.issued_on, "long"),
        amount="" if total is None else formats.money(total, document.currency),
    )


def _age(days: int, translator: Translator) -> str:
    if days == 0:
        return translator.gettext("today")
    return translator.gettext("%(days)s ago") % {"days": translator.formats.days(days)}


def _empty(translator: Translator) -> EmptyState:
    return EmptyState(
        title=translator.gettext("Nothing here yet"),
        text=translator.gettext(
            "As soon as the first document arrives for you, you will see it here."
        ),
    )
