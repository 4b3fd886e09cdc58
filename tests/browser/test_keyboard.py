"""Everything by keyboard alone: in the order in which it stands, and never without a mark."""

import pytest
from playwright.sync_api import expect

from .visitors import LUCIA, PASSWORD, rows

pytestmark = pytest.mark.browser

# What has the focus: how it is called, where it stands in the document, whether one sees that.
_FOCUSED = """() => {
  const node = document.activeElement;
  const marked = [node, ...node.querySelectorAll(":scope > *")].map((each) =>
    [getComputedStyle(each), getComputedStyle(each, "::after")]).flat();
  const all = [...document.querySelectorAll("*")];
  return {
    name: (node.getAttribute("aria-label") ?? node.labels?.[0]?.textContent
      ?? node.textContent).trim(),
    place: all.indexOf(node),
    isMarked: marked.some((style) => style.outlineStyle !== "none"),
    box: node.getBoundingClientRect().toJSON(),
    isMain: Boolean(node.closest("main")),
  };
}"""


def _walk(page, limit):
    """Yield what has the focus, then press Tab, until it begins again or the limit is reached."""
    place = -1
    for _ in range(limit):
        focused = page.evaluate(_FOCUSED)
        if focused["place"] <= place:
            return
        place = focused["place"]
        yield focused
        page.keyboard.press("Tab")


def test_one_signs_in_by_keyboard(visits):
    page = visits.open("/login?next=/sales/invoices")
    expect(page.locator("[name=email]")).to_be_focused()

    page.keyboard.type(LUCIA.email)
    page.keyboard.press("Tab")
    expect(page.locator("[name=password]")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Entrar")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("Facturas")


def test_the_door_is_walked_through_in_its_order(visits):
    page = visits.open("/login")

    walked = list(_walk(page, 16))

    assert [each["name"] for each in walked] == [
        "Correo",
        "Contraseña",
        "Entrar",
        "Enviarme un código",
        "¿Has olvidado la contraseña?",
        "Escribir a Almazara Sierra Alta",
        "+34 953 555 010",
        "almazara.example",
        "English",
        "Català",
        "Français",
        "Português (Portugal)",
    ]
    assert all(each["isMarked"] for each in walked)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_the_first_stop_skips_to_the_content(visits, script):
    page = visits.open("/sales/invoices", who=LUCIA, script=script)
    skip = page.get_by_role("link", name="Saltar al contenido")
    assert skip.bounding_box()["y"] < 0

    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    page.wait_for_function("document.querySelector('.pk-skip').getBoundingClientRect().y >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate(_FOCUSED)["isMain"]


def test_a_list_is_walked_through_in_its_order_and_every_stop_is_seen(visits):
    page = visits.open("/sales/invoices", who=LUCIA)

    page.keyboard.press("Tab")
    walked = list(_walk(page, 60))

    assert len(walked) == 60
    unseen = [
        each["name"]
        for each in walked
        if not each["isMarked"] or each["box"]["width"] == 0 or each["box"]["height"] == 0
    ]
    assert unseen == []
    names = [each["name"] for each in walked]
    expected = ["Saltar al contenido", "Albaranes", "Oscuro", "Desconectar", "Todo 54", "Fecha"]
    assert [name for name in names if name in expected] == expected
    assert rows(page)[0]["Número"] in names


def test_menus_and_questions_open_and_close_by_keyboard(visits):
    page = visits.open("/sales/invoices", who=LUCIA)
    menu = page.locator("#pk-list .pk-menu").first
    menu.locator("summary").focus()

    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")

    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_a_row_is_reached_opened_and_left_by_keyboard(visits):
    page = visits.open("/sales/invoices?status=paid", who=LUCIA)
    numbers = [row["Número"] for row in rows(page)]

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(numbers[1])
    page.wait_for_load_state()  # what listens to keys comes after what is shown
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_contain_text(numbers[2])
    page.go_back()
    page.go_back()

    expect(page).to_have_url(f"{visits.url}/sales/invoices?status=paid")
