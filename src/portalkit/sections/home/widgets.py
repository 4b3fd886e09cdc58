"""The parts of the home page that plugins add."""

import logging
from collections.abc import Iterable, Mapping

from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from portalkit.context import PortalContext
from portalkit.hooks import Declared, HomeWidget, Hooks
from portalkit.i18n import Translator
from portalkit.log import log_event
from portalkit.rendering.page import Page
from portalkit.sections.home.views import WidgetView

__all__ = ("show_widgets",)

_log = logging.getLogger(__name__)


async def show_widgets(
    widgets: Iterable[Declared[HomeWidget]],
    context: PortalContext,
    session: AsyncSession,
    *,
    hooks: Hooks,
    page: Page,
    environment: Environment,
    translator: Translator,
) -> tuple[WidgetView, ...]:
    """Render the widgets this reader may see; one that fails is left out and logged.

    A template gets ``page``, ``widget`` (with ``name`` and ``title``) and what ``load`` returned.
    """
    shown = []
    for declared in widgets:
        widget = declared.value
        if declared.plugin not in context.active_plugins or not _may(context, widget):
            continue
        values = await hooks.attempt(
            declared.plugin,
            f"widget {widget.name}",
            widget.load,
            context,
            session,
            expected=Mapping,
            session=session,
        )
        if values is None:
            continue
        try:
            title = translator.text(widget.title)
            html = environment.get_template(widget.template).render(
                page=page, widget={"name": widget.name, "title": title}, **values
            )
        except Exception as error:  # noqa: BLE001  # boundary: code of a plugin
            message = f"plugin {declared.plugin} failed in widget {widget.name}"
            named = {"plugin": declared.plugin, "hook": f"widget {widget.name}"}
            log_event(_log, logging.ERROR, "plugin.failed", message, error=error, **named)
            continue
        view = WidgetView(name=widget.name, title=title, size=widget.size, html=Markup(html))  # noqa: S704  # rendered with autoescape
        shown.append(view)
    return tuple(shown)


def _may(context: PortalContext, widget: HomeWidget) -> bool:
    return widget.permission is None or widget.permission in context.permissions
