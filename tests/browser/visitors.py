"""Who visits the portal, with which browser, and what went wrong while they did."""

from collections.abc import Iterator
from typing import Any

import msgspec
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request

from example_app.settings import DEMO_PASSWORD

DESK = {"width": 1440, "height": 900}
TABLET = {"width": 820, "height": 1180}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 700}
PASSWORD = DEMO_PASSWORD

# The two ways in which each journey is made.
DESK_IN_SPANISH: dict[str, Any] = {"viewport": DESK, "language": "es-ES"}
PLAIN_PHONE: dict[str, Any] = {
    "viewport": PHONE,
    "language": "en-GB",
    "script": False,
    "scheme": "dark",
}


class Visitor(msgspec.Struct, frozen=True):
    """Somebody who can sign in: with which address, at which door."""

    email: str
    door: str = "/login"


LUCIA = Visitor("compras@tiendasol.example")
"""A Spanish shop's buyer, with something in every state. She changes nothing."""

MARIA = Visitor("administracion.proveedores@distribuciones-mediterraneo-occidental.example")
"""Works for the contact with the long name and the invoice of 300 lines. Changes nothing."""

HANNAH = Visitor("orders@oliveandthyme.example")
"""Reads English and has hardly anything. Changes nothing."""

CALLUM = Visitor("orders@broughtonpantry.example")
"""Reads English, and is there to switch languages and end sessions."""

PRIYA = Visitor("orders@harboursidefoods.example")
"""Reads English, and signs in and out by herself."""

CARMEN = Visitor("oficina@almazara.example", "/backoffice/login")
"""Staff of the mill."""

LUCIA_AT_HONEY = Visitor(LUCIA.email, "/miel/login")
"""The same address at the second business, where it is another person's."""

# What a page under the policy must never do; told to the console, where it is collected.
_WATCH = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


class Visits:
    """Opens pages as somebody and collects what their consoles say.

    Attributes:
        problems: Errors and warnings, failed scripts, requests to elsewhere.
    """

    def __init__(self, browser: Browser, url: str, states: dict[Visitor, Any]) -> None:
        self.url = url
        self.problems: list[str] = []
        self._browser = browser
        self._states = states
        self._contexts: list[BrowserContext] = []
        self._expected: list[str] = []

    def open(
        self,
        path: str | None = None,
        *,
        who: Visitor | None = None,
        viewport: dict[str, int] = DESK,
        language: str = "es-ES",
        script: bool = True,
        scheme: str = "light",
        is_new: bool = False,
        is_moving: bool = False,
    ) -> Page:
        """Open a page in a browser of its own.

        Args:
            path: Where to; an empty page if left out.
            who: Is signed in, with the session that the tests share unless ``is_new``.
            viewport: Of the screen.
            language: What the browser asks for.
            script: Whether scripts run.
            scheme: What the device prefers, ``light`` or ``dark``.
            is_new: Sign in for this page alone, so that its session may be ended.
            is_moving: Let pages fade into each other, which takes its time.
        """
        if who is not None and not is_new:
            self._sign_in_once(who)
        context = self._browser.new_context(
            base_url=self.url,
            viewport=viewport,
            locale=language,
            java_script_enabled=script,
            color_scheme=scheme,
            reduced_motion="no-preference" if is_moving else "reduce",
            accept_downloads=True,
            storage_state=self._states[who] if who is not None and not is_new else None,
        )
        context.set_default_timeout(20_000)
        context.add_init_script(_WATCH)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.problems.append(str(error.error)))
        context.on("request", self._see)
        self._contexts.append(context)
        page = context.new_page()
        if who is not None and is_new:
            sign_in(page, who)
        if path is not None:
            page.goto(path)
        return page

    def expect(self, problem: str) -> None:
        """Take something in the console for granted: an answer that is meant to be an error."""
        self._expected.append(problem)

    @property
    def unexpected(self) -> list[str]:
        """What went wrong and was not meant to."""
        return [
            problem for problem in self.problems if not any(e in problem for e in self._expected)
        ]

    def close(self) -> None:
        """Close all windows."""
        for context in self._contexts:
            context.close()

    def _sign_in_once(self, who: Visitor) -> None:
        if who not in self._states:
            page = self.open(who=who, is_new=True)
            self._states[who] = page.context.storage_state()

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            self.problems.append(f"{said.type}: {said.text} ({said.location.get('url')})")

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.problems.append(f"asked elsewhere: {request.url}")


def sign_in(page: Page, who: Visitor, password: str = PASSWORD) -> None:
    """Fill in and send the form of a door, opened for that unless the page shows one."""
    if page.locator("[name=password]").count() == 0:
        page.goto(who.door)
    page.locator("[name=email]").fill(who.email)
    page.locator("[name=password]").fill(password)
    page.locator(".pk-door .pk-primary").click()
    page.wait_for_load_state()


def follow(way: Locator) -> None:
    """Click a link or button that leads to another page, and wait until all of it is there."""
    with way.page.expect_navigation():
        way.click()


def rows(page: Page) -> list[dict[str, str]]:
    """Return the rows of the list: text by column, days and amounts as they sort."""
    # Of a page that is on its way there may be half a row.
    page.wait_for_load_state()
    found: list[dict[str, str]] = page.evaluate(
        """() => {
          const heads = [...document.querySelectorAll("#pk-list thead th")]
            .map((head) => head.textContent.trim());
          return [...document.querySelectorAll("#pk-list tbody tr")].map((row) =>
            Object.fromEntries([...row.cells].map((cell, at) => [heads[at],
              cell.querySelector("time")?.dateTime
              ?? cell.querySelector(".pk-money")?.textContent.trim()
              ?? cell.textContent.trim()])));
        }"""
    )
    return found


def links(page: Page, selector: str) -> Iterator[str]:
    """Yield where the links that a selector finds lead."""
    for link in page.locator(selector).all():
        yield link.get_attribute("href") or ""
