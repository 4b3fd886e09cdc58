"""Looks at a page for what is wrong with it."""

from axe_playwright_python.base import AXE_SCRIPT

_TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def findings(page):
    """Return what axe finds on a page."""
    page.evaluate(AXE_SCRIPT)
    return page.evaluate(
        """(rules) => axe.run({runOnly: rules, resultTypes: ["violations"]}).then((found) =>
          found.violations.map((each) =>
            [each.id, each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]))""",
        _TAGS,
    )


def look(page, options):
    """Find nothing wrong with a page: by axe where scripts run, and in its width."""
    assert not options.get("script", True) or findings(page) == []
    wide = page.locator("html").evaluate("(it) => it.scrollWidth")
    assert wide <= page.viewport_size["width"]
