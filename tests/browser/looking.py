"""Looks at a page for what is wrong with it."""

from contextlib import contextmanager

from axe_playwright_python.base import AXE_SCRIPT

from .visitors import DESK, PHONE

_TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast"]}
_VIEWS = ((DESK, "light"), (PHONE, "dark"))


def findings(page, rules=_TAGS):
    """Return what axe finds on a page.

    It stays out of frames: the preview of a mail is sealed off, and calling into it is an error
    in the console.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(
        """(rules) => axe.run({
          runOnly: rules, resultTypes: ["violations"], iframes: false
        }).then((found) =>
          found.violations.map((each) =>
            [each.id, each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]))""",
        rules,
    )


def look(page, options):
    """Find nothing wrong with a page at a desk in light and on a phone in the dark.

    Axe looks at both, and nothing may stick out at the sides.
    """
    if options.get("script", True):
        wrong = _wrong(page)
        page.set_viewport_size(options.get("viewport", DESK))
        page.emulate_media(color_scheme=options.get("scheme", "light"))
    else:
        with _twin(page) as twin:
            wrong = _wrong(twin)
    assert not wrong, wrong


def _wrong(page):
    wrong = {}
    for viewport, scheme in _VIEWS:
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        # What an error took the focus to may lie half under the bar of a phone otherwise.
        page.evaluate("scrollTo(0, 0)")
        found = findings(page)
        room = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if found or room > 0:
            wrong[viewport["width"], scheme] = found, room
    return wrong


@contextmanager
def _twin(page):
    """Show what a page without script shows in another browser, in which axe can run.

    The portal's scripts are kept out of it, and its styles take it for one without script.
    """
    html = page.content().replace("<noscript>", "<div>").replace("</noscript>", "</div>")
    context = page.context.browser.new_context(
        storage_state=page.context.storage_state(), reduced_motion="reduce"
    )
    twin = context.new_page()

    def answer(route):
        request = route.request
        if request.resource_type == "script":
            route.abort()
        elif request.resource_type == "stylesheet":
            styles = route.fetch().text()
            for state, query in (("none", "all"), ("enabled", "not all")):
                styles = styles.replace(f"(scripting: {state})", query)
            route.fulfill(body=styles, content_type="text/css")
        elif request.is_navigation_request() and request.frame == twin.main_frame:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            route.continue_()

    context.route("**/*", answer)
    twin.goto(page.url)
    yield twin
    context.close()
