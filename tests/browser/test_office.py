"""The back office: contacts, access, switches and documents, as staff use them."""

import re

import pytest
from playwright.sync_api import expect

from .visitors import CARMEN, LUCIA, PHONE, Visitor, rows, sign_in

pytestmark = pytest.mark.browser

_ONE_TIME = "gallinero-azul-52"
_OWN = "tres-olivos-y-un-pozo"


def _contact(page, name):
    """Open a contact's page by way of the search."""
    page.goto("/backoffice/contacts")
    page.locator("#pk-list [type=search]").fill(name)
    page.locator("#pk-list [type=search]").press("Enter")
    expect(page.locator("#pk-list tbody tr")).to_have_count(1)
    page.locator("#pk-list tbody .pk-row").click()
    expect(page.locator("h1")).to_contain_text(name)


def _give_access(page, contact, email, password=_ONE_TIME):
    _contact(page, contact)
    page.locator("#give-name").fill("Marina Coll")
    page.locator("#give-email").fill(email)
    page.locator("#give-password").fill(password)
    page.get_by_role("button", name="Dar acceso").click()
    expect(page.get_by_role("status")).to_contain_text("Marina Coll")
    return Visitor(email)


def _enter(visits, visitor, **options):
    """Sign in with a one-time password and choose another one."""
    page = visits.open(**options)
    sign_in(page, visitor, _ONE_TIME)
    expect(page).to_have_url(f"{visits.url}/password")
    page.locator("[name=new_password]").fill(_OWN)
    page.locator(".pk-door .pk-primary").click()
    expect(page).to_have_url(f"{visits.url}/home")
    return page


def _person(page, email):
    return page.locator(".pk-person").filter(has_text=email)


def _manage(person):
    """Unfold what can be done with somebody."""
    person.locator(".pk-manage > summary").click()


def test_staff_sign_in_at_their_own_door_and_return_to_it(visits):
    visits.expect("422 (Unprocessable Entity)")
    page = visits.open("/backoffice/documents?kind=quote")
    assert page.url.startswith(f"{visits.url}/backoffice/login?next=")

    sign_in(page, LUCIA)
    expect(page.get_by_role("alert")).to_have_count(1)
    sign_in(page, CARMEN)

    expect(page).to_have_url(f"{visits.url}/backoffice/documents?kind=quote")
    page.locator(".pk-rail").get_by_role("button", name="Desconectar").click()
    expect(page).to_have_url(f"{visits.url}/backoffice/login")
    page.go_back()
    expect(page.locator("[name=password]")).to_be_visible()


def test_a_phone_has_the_sections_of_the_back_office_in_its_bar(visits):
    page = visits.open("/backoffice/contacts", who=CARMEN, viewport=PHONE)
    bar = page.locator(".pk-tabbar > a")
    assert bar.all_inner_texts() == ["Contactos", "Documentos", "Correo", "Acceso"]

    bar.nth(1).click()

    expect(page.locator("h1")).to_have_text("Documentos")
    expect(bar.nth(1)).to_have_attribute("aria-current", "page")


def test_contacts_are_sorted_searched_and_paged(visits):
    page = visits.open("/backoffice/contacts", who=CARMEN)
    names = page.locator("#pk-list tbody .pk-row")
    first = names.all_inner_texts()
    assert len(first) == 25
    head = page.locator("#pk-list thead a")

    head.click()
    expect(page.locator("th[aria-sort=descending]")).to_be_visible()
    expect(head).to_be_focused()
    last = names.all_inner_texts()
    assert not set(first[:15]) & set(last[:15])
    page.locator("#pk-list .pk-pager [rel=next]").click()
    expect(page.locator("[data-say]")).to_have_text("26–40 de 40")  # noqa: RUF001
    assert set(names.all_inner_texts()) == set(first[:15])

    box = page.locator("#pk-list [type=search]")
    box.fill("hoteles")
    expect(names).to_have_text(["Hoteles Mirador del Darro, S.A."])
    expect(box).to_be_focused()
    box.fill("no hay nadie así")
    expect(page.locator(".pk-empty")).to_be_visible()


def test_a_link_is_shown_once_and_lets_in_once(visits):
    visits.expect("410 (Gone)")
    office = visits.open(who=CARMEN)
    _contact(office, "Herbolario Aloe")
    _manage(office.locator(".pk-person").first)
    office.get_by_role("button", name="Crear un enlace").click()
    address = office.locator("#link").input_value()
    assert address.startswith(f"{visits.url}/i/")

    page = visits.open(address)
    page.get_by_role("button", name="Abrir").click()
    # Whoever has no password is offered one, and need not take it.
    page.get_by_role("link", name="Ahora no").click()
    expect(page).to_have_url(f"{visits.url}/home")
    expect(page.locator(".pk-rail")).to_contain_text("Herbolario Aloe")

    again = visits.open(address)
    expect(again.locator("h1")).to_have_text("Este enlace ya no sirve")


def test_withdrawn_access_ends_the_session_at_the_next_request(visits):
    visits.expect("401 (Unauthorized)")
    visits.expect("422 (Unprocessable Entity)")
    office = visits.open(who=CARMEN)
    visitor = _give_access(office, "Colmado Rambla", "marina@colmadorambla.example")
    page = _enter(visits, visitor)
    page.goto("/sales/invoices")
    expect(page.locator("#pk-list tbody tr").first).to_be_visible()

    _contact(office, "Colmado Rambla")
    person = _person(office, visitor.email)
    _manage(person)
    person.locator("summary", has_text="Retirar acceso").click()
    person.locator("form").get_by_role("button", name="Retirar acceso").click()
    expect(office.get_by_role("status")).to_contain_text("Marina Coll")

    page.locator("#pk-list thead a", has_text="Total").click()
    expect(page).to_have_url(re.compile("/login"))
    sign_in(page, visitor, _OWN)
    expect(page.get_by_role("alert")).to_have_count(1)

    person.get_by_role("button", name="Devolver acceso").click()
    expect(person).to_contain_text("Sin contraseña")
    _manage(person)
    person.locator("summary", has_text="Establecer contraseña").click()
    person.locator("[name=password]").fill(_ONE_TIME)
    person.locator("form").get_by_role("button", name="Establecer contraseña").click()
    expect(office.get_by_role("status")).to_contain_text("Marina Coll")
    sign_in(page, visitor, _ONE_TIME)
    expect(page).to_have_url(re.compile(r"/password\?next="))


def test_a_switch_hides_purchases_from_one_contact_at_once(visits):
    visits.expect("404 (Not Found)")
    office = visits.open(who=CARMEN)
    visitor = _give_access(office, "Illa Gourmet", "marina@illagourmet.example")
    page = _enter(visits, visitor)
    entry = page.locator(".pk-rail").get_by_role("link", name="Pedidos de compra")
    expect(entry).to_be_visible()

    _contact(office, "Illa Gourmet")
    switch = office.locator("section:has(#switches) li").filter(has_text="Compras")
    switch.get_by_role("button").click()
    expect(switch).to_contain_text("Desactivado")

    page.reload()
    expect(entry).to_have_count(0)
    page.goto("/purchases/orders")
    expect(page.locator("h1")).to_have_text("Aquí no hay nada")
    other = visits.open("/purchases/orders", who=LUCIA)
    expect(other.locator("#pk-list tbody tr").first).to_be_visible()

    switch.get_by_role("button").click()
    expect(switch).to_contain_text("Activado")
    page.goto("/purchases/orders")
    expect(page.locator("h1")).to_have_text("Pedidos de compra")


def test_documents_of_all_contacts_are_sorted_searched_paged_and_opened(visits):
    page = visits.open("/backoffice/documents", who=CARMEN)
    said = page.locator("[data-say]")
    expect(said).to_contain_text("1–50 de")  # noqa: RUF001
    newest = rows(page)[0]["Número"]

    page.locator("#pk-list .pk-pager [rel=next]").click()
    expect(said).to_contain_text("51–100 de")  # noqa: RUF001
    page.locator("#pk-list thead a").click()
    expect(page.locator("th[aria-sort=ascending]")).to_be_visible()
    dates = [row["Fecha"] for row in rows(page)]
    assert dates == sorted(dates)
    assert newest not in [row["Número"] for row in rows(page)]

    page.locator("#pk-list .pk-chips a", has_text="Abonos").click()
    expect(page.locator("#pk-list .pk-chips [aria-current]")).to_have_text("Abonos")
    assert {row["Número"][0] for row in rows(page)} == {"R"}
    page.locator("#pk-list .pk-chips a", has_text="Todos").click()
    expect(page.locator("#pk-list .pk-chips [aria-current]")).to_have_text("Todos")
    page.locator("#pk-list [type=search]").fill("F2026-0204")
    expect(page.locator("#pk-list tbody tr")).to_have_count(1)
    page.locator("#pk-list tbody .pk-row").click()

    expect(page.locator("h1")).to_contain_text("F2026-0204")
    expect(page.locator(".sheet-lines tbody tr:not(.sheet-section)")).to_have_count(300)
    page.locator(".pk-panel a").click()
    expect(page.locator("h1")).to_contain_text("Distribuciones Gastronómicas")
    page.get_by_role("link", name="Documentos").last.click()
    expect(page).to_have_url(re.compile("contact="))
    (contact,) = {row["Contacto"] for row in rows(page)}
    assert contact.startswith("Distribuciones Gastronómicas")


def test_a_document_gives_staff_its_pdf(visits):
    page = visits.open("/backoffice/documents?kind=credit_note", who=CARMEN)
    page.locator("#pk-list tbody .pk-row").first.click()
    number = page.locator("h1 .pk-num").inner_text()

    with page.expect_download(timeout=60_000) as download:
        page.locator(".pk-links a[download]").click()

    assert number in download.value.suggested_filename


def test_what_is_wrong_with_a_form_stands_beside_it_and_nothing_is_lost(visits):
    visits.expect("422 (Unprocessable Entity)")
    page = visits.open(who=CARMEN)
    _contact(page, "Delicias Atlánticas")
    page.locator("#give-name").fill("Rocío Infante")
    page.locator("#give-email").fill("pedidos@deliciasatlanticas.example")

    page.get_by_role("button", name="Dar acceso").click()

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("#give-email-error")).to_contain_text("Ya hay alguien con esta dirección")
    expect(page.locator("#give-name")).to_have_value("Rocío Infante")
