"""Every page looked at by a browser: with axe, at all widths, in both themes, with script."""

from importlib.resources import files

import pytest

pytestmark = pytest.mark.browser

_LANGUAGES = ("es", "en", "ar", "full")
_PAGES = (
    "home",
    "list",
    "document",
    "profile",
    "login",
    "contacts",
    "contact",
    "office-home",
    "office-documents",
    "office-document",
)
# These are there from left to right only.
_VARIANTS = ("home-other-brand", "list-100-rows", "list-full")
_STATES = (
    "home-empty",
    "list-empty",
    "list-nothing",
    "document-read",
    "document-refusal",
    "profile-errors",
    "contact-errors",
    "office-home-empty",
    "plugins",
    "api-keys",
    "contact-choice",
    "continue",
    "data",
    "forgot-sent",
    "invite",
    "invite-nobody",
    "link-mail",
    "mail-code",
    "mail-code-errors",
    "mail-template",
    "mail-templates",
    "mails",
    "reset",
    "share-gone",
    "stop",
    "stop-done",
    "error",
    "error-out",
    "error-plain",
    "login-errors",
    "staff",
    "staff-login",
    "link",
    "link-gone",
    "change-password",
    "code",
    "code-errors",
    "code-passkey",
    "login-without-passwords",
    "passkey",
    "prove",
    "prove-impossible",
    "recovery",
    "recovery-codes",
    "security",
    "security-bare",
    "security-staff",
    "sign-in-rules",
    "totp",
    "totp-required",
    "audit",
    "forgot",
    "log",
    "people",
    "privacy",
    "privacy-erased",
    "share",
    "share-code",
    "share-confirm",
    "share-door",
)
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The sheet is a page of its own elsewhere and brings its headings along.
_LEFT_OUT = {"heading-order": {"enabled": False}}
_WIDTHS = (320, 390, 768, 820, 1024, 1180, 1440)
_DESK = {"width": 1440, "height": 900}
_PHONE = {"width": 390, "height": 844}


def _page(browser, url, viewport, **options):
    page = browser.new_page(viewport=viewport, **options)
    page.errors = []
    page.on("console", lambda said: said.type == "error" and page.errors.append(said.text))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(url)
    return page


def _findings(page):
    page.evaluate(pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT)
    # All that axe has looked at would take longer to hand over than it took to look.
    return page.evaluate(
        """(options) => axe.run(options).then((found) =>
          found.violations.map((each) => [each.id, each.nodes[0].html.slice(0, 200)]))""",
        {
            "runOnly": {"type": "tag", "values": _RULES},
            "rules": _LEFT_OUT,
            "resultTypes": ["violations"],
        },
    )


def _sideways(page):
    """Return by how much a page is too wide for windows of which width."""
    wide = []
    # A page is loaded once and follows the window, as on a phone that is turned.
    for width in _WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        room = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if room > 0:
            wide.append((width, room))
    return wide


def test_every_page_of_the_account_and_the_back_office_is_shown(gallery) -> None:
    folder = files("portalkit") / "templates"
    pages = {
        f"{part}/{file.name}"
        for part in ("access", "profile", "backoffice", "core", "home")
        for file in (folder / part).iterdir()
        if file.is_file() and "{% extends" in file.read_text("utf-8")
    }
    shown = {template for _, template, _ in gallery[0].pages().values()}

    assert pages <= shown
    names = {*_STATES, *(f"{name}-ar" for name in _STATES), *_VARIANTS}
    names |= {f"{name}-{language}" for name in _PAGES for language in _LANGUAGES}
    assert gallery[0].pages().keys() == names


@pytest.mark.parametrize("name", _PAGES)
@pytest.mark.parametrize(
    "look",
    [(_DESK, "light", "es"), (_PHONE, "dark", "ar")],
    ids=["desk-light", "phone-dark-rtl"],
)
def test_axe_finds_nothing_at_a_desk_nor_on_a_phone(gallery, chromium, look, name) -> None:
    viewport, scheme, language = look
    url = f"{gallery[1]}/{name}-{language}.html"
    page = _page(chromium, url, viewport, color_scheme=scheme)

    assert _findings(page) == []
    assert page.errors == []

    page.close()


@pytest.mark.parametrize("name", [*_VARIANTS, *_STATES])
def test_axe_finds_nothing_in_another_state_and_nothing_scrolls_sideways(
    gallery, chromium, name
) -> None:
    # Without motion: no colour is caught on its way to the other scheme.
    page = _page(chromium, f"{gallery[1]}/{name}.html", _DESK, reduced_motion="reduce")

    assert _findings(page) == []
    assert _sideways(page) == []
    # On a phone in the dark it is read from right to left.
    page.set_viewport_size(_PHONE)
    page.emulate_media(color_scheme="dark")
    if name in _STATES:
        page.goto(f"{gallery[1]}/{name}-ar.html")
    assert _findings(page) == []
    assert _sideways(page) == []
    assert page.errors == []

    page.close()


@pytest.mark.parametrize("key", _LANGUAGES)
def test_no_page_scrolls_sideways_however_long_its_names_are(gallery, chromium, key) -> None:
    page = chromium.new_page()
    wide = {}
    for name in _PAGES:
        page.goto(f"{gallery[1]}/{name}-{key}.html", wait_until="commit")
        page.wait_for_load_state("load")
        wide[name] = _sideways(page)

    assert not any(wide.values()), wide

    page.close()


def test_what_one_touches_on_a_phone_is_large_enough(gallery, chromium) -> None:
    page = _page(chromium, f"{gallery[1]}/list-es.html", _PHONE, has_touch=True)

    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button, summary, input, select")]
        .filter((node) => node.checkVisibility() && node.type !== "hidden")
        .filter((node) => !node.matches(".pk-skip, .pk-row, .pk-crumbs a, .pk-foot a, .pk-chips a"))
        .filter((node) => node.getBoundingClientRect().height < 40)
        .map((node) => node.outerHTML.slice(0, 120))"""
    )

    assert small == []

    page.close()


def test_a_filter_replaces_the_list_alone_and_its_address_is_kept(gallery, chromium) -> None:
    page = _page(chromium, f"{gallery[1]}/list-es.html", _DESK)
    page.evaluate("document.querySelector('.pk-head').dataset.mark = 'kept'")

    page.locator(".pk-chips a").nth(1).click()
    page.wait_for_url("**/list-es.html?status=to_pay")

    assert page.locator(".pk-head").get_attribute("data-mark") == "kept"
    assert page.locator("#pk-list").count() == 1
    assert page.locator("#pk-live").text_content() == gallery[0].sample("es").range.format(12, 39)
    assert page.errors == []

    page.go_back()
    page.wait_for_url("**/list-es.html")
    assert page.locator("#pk-list tbody tr").count() == 12

    page.close()


def test_an_error_of_a_part_is_said_and_the_rows_stay(gallery, chromium) -> None:
    page = _page(chromium, f"{gallery[1]}/list-es.html", _DESK)

    page.locator("thead a").first.click()
    page.locator("#pk-notice:not(:empty)").wait_for()

    assert page.locator("#pk-list tbody tr").count() == 12
    assert page.url.endswith("/list-es.html")

    page.close()


def test_a_row_opens_the_document_as_a_page_of_its_own(gallery, chromium) -> None:
    page = _page(chromium, f"{gallery[1]}/list-es.html", _DESK)

    with page.expect_navigation(url="**/invoices/3"):
        # Somewhere on the row: the link of the number covers all of it.
        box = page.locator("tbody tr").nth(3).bounding_box()
        page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)

    page.close()


def test_keys_lead_to_the_search_and_through_the_rows(gallery, chromium) -> None:
    page = _page(chromium, f"{gallery[1]}/list-es.html", _DESK)

    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "F-2026-0259"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type("jk")
    assert page.locator("[type=search]").input_value() == "jk"

    page.close()


def test_menus_close_on_escape_and_outside(gallery, chromium) -> None:
    page = _page(chromium, f"{gallery[1]}/list-es.html", _DESK)
    menu = page.locator(".pk-tools .pk-menu").first

    menu.locator("summary").click()
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    menu.locator("summary").click()
    page.locator("h1").click()
    assert menu.get_attribute("open") is None

    page.close()


def test_the_bar_of_a_phone_opens_the_question_and_asks_before_it_posts(gallery, chromium) -> None:
    page = _page(chromium, f"{gallery[1]}/document-es.html", _PHONE, has_touch=True)
    question = page.locator(".pk-answer").first

    page.locator(".pk-actionbar .pk-primary").click()

    assert question.get_attribute("open") is not None
    assert question.locator("form button").is_visible()

    page.close()


def test_everything_is_there_without_script(gallery, chromium) -> None:
    context = chromium.new_context(viewport=_DESK, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{gallery[1]}/list-es.html")

    page.locator(".pk-chips a").nth(1).click()

    assert page.url.endswith("?status=to_pay")
    page.goto(f"{gallery[1]}/profile-es.html")
    assert page.locator("#language ~ p").count() == 1
    assert page.locator(".pk-no-script").is_visible()

    context.close()


def test_only_the_sheet_of_a_document_is_printed(gallery, chromium) -> None:
    page = _page(chromium, f"{gallery[1]}/document-es.html", _DESK)
    page.emulate_media(media="print")

    assert page.locator(".sheet").is_visible()
    for left_out in (".pk-rail", ".pk-head", ".pk-aside .pk-card", ".pk-foot", ".pk-chain"):
        assert not page.locator(left_out).first.is_visible()

    page.close()
