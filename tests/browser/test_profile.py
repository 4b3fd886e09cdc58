"""The profile in a browser: mails, the access log, one's own data, and no more mails."""
# ruff: noqa: PLR0917  # what a test needs are its arguments

import re
import sqlite3
from contextlib import closing
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from example_app.app import portal_of
from example_app.settings import DemoSettings
from portalkit.access.choices import unsubscribe_token

from .looking import look
from .visitors import CALLUM, DESK, LUCIA, PHONE

pytestmark = pytest.mark.browser

WAYS = [
    pytest.param(CALLUM, "en", DESK, True, id="english-desk-script"),
    pytest.param(LUCIA, "es", PHONE, False, id="spanish-phone-plain"),
    pytest.param(LUCIA, "es", PHONE, True, id="spanish-phone-script"),
]


def check(page, *, viewport, script):
    look(page, {"viewport": viewport, "script": script})


@pytest.mark.parametrize(("who", "language", "viewport", "script"), WAYS)
def test_people_choose_their_mails_read_the_log_and_take_their_data(
    visits, who, language, viewport, script, tmp_path
):
    page = visits.open(
        "/profile", who=who, is_new=True, viewport=viewport, language=language, script=script
    )
    form = page.locator("form[action='/profile/mails']")
    check(page, viewport=viewport, script=script)
    for is_on in (False, True):
        form.get_by_role("switch").set_checked(is_on)
        form.get_by_role("button").click()
        expect(page.locator("#pk-notice")).to_contain_text(
            {"es": "guardada", "en": "saved"}[language]
        )
        assert form.get_by_role("switch").is_checked() is is_on

    page.locator("a[href='/profile/log']").click()
    page.locator("[name=what]").select_option("access")
    page.locator("main form[method=get] button").click()
    page.wait_for_url("**/profile/log?*what=access*")
    assert page.locator(".pk-history a").count() == 0
    page.locator("[name=what]").select_option("documents")
    page.locator("main form[method=get] button").click()
    page.wait_for_url("**/profile/log?*what=documents*")
    assert page.locator(".pk-history a").count() > 0
    check(page, viewport=viewport, script=script)

    page.goto("/profile/data")
    check(page, viewport=viewport, script=script)
    with page.expect_download() as download:
        page.locator("form[action='/profile/data/file'] button").click()
    assert re.fullmatch(r"(my-data|mis-datos)-.*\.zip", download.value.suggested_filename)
    download.value.save_as(tmp_path / "data.zip")
    with ZipFile(tmp_path / "data.zip") as archive:
        assert who.email.encode() in archive.read("people.json")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize(("language", "viewport"), [("es", PHONE), ("en", DESK)])
def test_a_mail_is_stopped_and_wanted_again_without_signing_in(
    visits, demo_folder, language, viewport, script
):
    settings = DemoSettings.read({"DEMO_DIR": str(demo_folder)})
    keys = portal_of(settings).app.portal.config.secret_keys
    with closing(sqlite3.connect(demo_folder / "portal.db")) as database:
        [[person, business]] = database.execute(
            "SELECT id, business_id FROM portalkit_person WHERE email = ? LIMIT 1", [LUCIA.email]
        )
    token = unsubscribe_token(
        keys, business_id=business, person_id=person, kind="documents.announced"
    )
    page = visits.open(f"/mail/stop/{token}", viewport=viewport, language=language, script=script)
    check(page, viewport=viewport, script=script)

    headings = [page.get_by_role("heading", level=1).text_content()]
    for _ in range(2):
        page.locator(".pk-door-in form button").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text(headings[-1])
        headings.append(page.get_by_role("heading", level=1).text_content())
        check(page, viewport=viewport, script=script)

    assert len(set(headings)) == 3
