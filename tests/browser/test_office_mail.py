"""Staff change the words of a mail, look at them, get a sample, and send a mail again."""

import re

import pytest
from playwright.sync_api import expect

from .letters import Letters
from .looking import look
from .visitors import (
    CARMEN,
    DESK_IN_SPANISH,
    PLAIN_PHONE,
)

pytestmark = pytest.mark.browser

TWO_WAYS = pytest.mark.parametrize(
    ("template", "options"),
    [("access.invitation", DESK_IN_SPANISH), ("access.password_set", PLAIN_PHONE)],
    ids=["es-desk-script", "en-phone-plain"],
)


def said(page):
    expect(page.get_by_role("status").first).to_be_visible()


@TWO_WAYS
def test_words_are_changed_tried_out_and_given_up_again(visits, template, options):
    visits.expect("422 (Unprocessable Entity)")
    page = visits.open("/backoffice/outbox", who=CARMEN, **options)
    letters = Letters(page, visits.url, CARMEN)
    page.locator("a[href='/backoffice/mail-templates']").first.click()
    look(page, options)
    page.locator(f"a[href$='/mail-templates/{template}/es']").click()
    words, preview = page.locator("[name=words]"), page.frame_locator("iframe")
    shipped = words.input_value()
    expect(preview.locator("body")).to_contain_text("Almazara Sierra Alta")
    look(page, options)

    words.fill("Hola, {{ nobody }}")
    page.locator("form:has([name=words]) .pk-primary").click()
    expect(words).to_have_attribute("aria-invalid", "true")
    look(page, options)
    words.fill("Hola, {{ person }}: esto es nuevo.")
    page.locator("button[formaction$='/preview']").first.click()
    expect(preview.locator("body")).to_contain_text("esto es nuevo")
    page.locator("form:has([name=words]) .pk-primary").click()
    said(page)
    expect(page.locator(".pk-tools .pk-pill")).to_be_visible()

    page.locator("button[formaction$='/sample']").click()
    said(page)
    assert "esto es nuevo" in letters.next()

    page.locator("summary", has=page.locator("use[href*='arrow-back-up']")).click()
    page.locator("form[action$='/restore'] button").click()
    said(page)
    expect(words).to_have_value(shipped)


@pytest.mark.parametrize(
    "options", [DESK_IN_SPANISH, PLAIN_PHONE], ids=["es-desk-script", "en-phone-plain"]
)
def test_what_was_sent_stands_in_the_outbox_and_is_sent_again(visits, options):
    page = visits.open("/backoffice/mail-templates/access.password_set/es", who=CARMEN, **options)
    letters = Letters(page, visits.url, CARMEN)
    page.locator("button[formaction$='/sample']").click()
    said(page)
    letters.next()

    page.goto("/backoffice/outbox?state=sent")
    look(page, options)
    row = page.locator("#pk-list .pk-list li").filter(has_text=re.compile(CARMEN.email)).first
    row.locator("form[action$='/resend'] button").click()
    said(page)

    letters.next()


@pytest.mark.parametrize(
    "options", [DESK_IN_SPANISH, PLAIN_PHONE], ids=["es-desk-script", "en-phone-plain"]
)
def test_a_key_of_the_api_is_shown_once_opens_and_ends(visits, options):
    visits.expect("422 (Unprocessable Entity)")
    page = visits.open("/backoffice/api-keys", who=CARMEN, **options)
    look(page, options)
    page.locator("[name=name]").fill("ERP of the mill")
    page.locator("[name=days]").fill("0")
    # What the browser would ask for first is asked for by the portal too.
    page.locator("form:has([name=days])").evaluate("(form) => { form.noValidate = true; }")
    page.locator("form:has([name=days]) .pk-primary").click()
    expect(page.locator("[name=days]")).to_have_attribute("aria-invalid", "true")
    look(page, options)
    page.locator("[name=days]").fill("30")
    page.locator("form:has([name=days]) .pk-primary").click()
    key = page.locator("input[readonly]").first.input_value()
    look(page, options)

    def answer():
        bearing = {"authorization": f"Bearer {key}"}
        return page.request.get(f"{visits.url}/api/v1/documents", headers=bearing).status

    assert answer() == 200
    page.goto("/backoffice/api-keys")
    expect(page.locator("body")).not_to_contain_text(key)
    row = page.locator(".pk-person").filter(has_text="ERP of the mill").first
    row.locator("summary").click()
    row.locator("form[action$='/end'] button").click()
    said(page)
    assert answer() == 401
