"""The log: one line for each event that counts, with its ids and without a secret (R69)."""

import json
import logging
import re
from contextlib import contextmanager
from urllib.parse import parse_qsl

import pytest
from litestar import get
from sqlalchemy import select, update

from portalkit.access.api_keys import make_api_key
from portalkit.access.models import ApiKey, Person, Staff
from portalkit.app import create_app
from portalkit.audit import Actor, record
from portalkit.documents.models import DocumentRow
from portalkit.hooks import HOOK_API, Manifest, PluginRoute, hookimpl
from portalkit.log import JsonFormatter
from portalkit.model import new_id
from portalkit.testing.client import PortalClient, open_portal
from portalkit.testing.factories import NOW

from .conftest import PASSWORD, _by_prefix, settle

ANA, CARMEN = "ana@ana.example", "carmen@mill.example"
WRONG = "figs-and-almonds-9"
TYPED = "rosemary@nowhere.example"


@get("/fail", name="broken:fail")
async def fail_page() -> None:
    raise ValueError(PASSWORD)


class Broken:
    """Fails, and says what it must not."""

    manifest = Manifest(name="broken", title="Broken", api=HOOK_API, activation="site")

    @hookimpl
    async def portalkit_render_slot(self):
        raise RuntimeError(f"{PASSWORD} of {ANA}")

    @hookimpl
    def portalkit_register_routes(self):
        yield PluginRoute(handler=fail_page)


@pytest.fixture(scope="module")
async def app(shared_portal_config):
    plugins = {"broken": Broken()}
    app = create_app(shared_portal_config, plugins=plugins, clock=lambda: NOW, resolver=_by_prefix)
    async with open_portal(app):
        yield app


@pytest.fixture(scope="module")
async def town(app):
    return await settle(app)


@pytest.fixture(scope="module")
async def ids(town):
    """What lines may say of the people and things that the cases are about."""
    portal = town.app.portal
    async with portal.writing() as session, session.begin():
        key = await make_api_key(
            session, business_id=town.mill, name="till", actor=Actor(kind="staff"), now=NOW
        )
    async with portal.reading() as session:
        foreign = select(DocumentRow.id).where(
            DocumentRow.contact_id == town.ben, DocumentRow.kind == "invoice"
        )
        return {
            "mill": town.mill,
            "ana": town.ana,
            "note": town.documents["delivery_note"],
            "nothing": new_id(),
            "secret key": key,
            "key": await session.scalar(select(ApiKey.id)),
            "person": await session.scalar(select(Person.id).where(Person.email == ANA)),
            "staff": await session.scalar(select(Staff.id).where(Staff.email == CARMEN)),
            "foreign": await session.scalar(foreign),
        }


class Lines(logging.Handler):
    """Keeps lines as ``portalkit serve`` writes them."""

    def __init__(self):
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.texts = []

    def emit(self, record):
        self.texts.append(self.format(record))


@contextmanager
def listening():
    handler, logger = Lines(), logging.getLogger("portalkit")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    try:
        yield handler.texts
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


@pytest.fixture
def lines():
    with listening() as texts:
        yield texts


async def signed_in(client, email=ANA, path="/login"):
    return await client.sign_in(email, PASSWORD, path=path)


async def sign_in(client, ids):
    return await signed_in(client)


async def sign_in_staff(client, ids):
    return await signed_in(client, CARMEN, "/backoffice/login")


async def fail(client, ids):
    return await client.submit("/login", {"email": ANA, "password": WRONG})


async def fail_unknown(client, ids):
    return await client.submit("/login", {"email": "nobody@ana.example", "password": WRONG})


async def fail_too_often(client, ids):
    for _ in range(10):
        await client.submit("/login", {"email": TYPED, "password": WRONG})
    return await client.submit("/login", {"email": TYPED, "password": WRONG})


async def sign_out(client, ids):
    await signed_in(client)
    return await client.submit("/logout", page="/home")


async def ask_for_a_foreign_document(client, ids):
    await signed_in(client)
    return await client.get(f"/sales/invoices/{ids['foreign']}")


async def ask_for_nothing(client, ids):
    await signed_in(client)
    return await client.get(f"/sales/invoices/{ids['nothing']}")


async def knock_at_the_back_office(client, ids):
    await signed_in(client)
    return await client.get("/backoffice/contacts?q=olive-trees-7")


async def look_as_a_contact_for_more(client, ids):
    await signed_in(client, CARMEN, "/backoffice/login")
    address = f"/backoffice/contacts/{ids['ana']}"
    await client.submit(f"{address}/view-as", page=address)
    return await client.get(f"/sales/invoices/{ids['foreign']}")


async def send_a_foreign_form(client, ids):
    await signed_in(client)
    return await client.post("/language", data={"locale": "en", "csrf_token": "forged-token"})


async def send_a_form_without_a_session(client, ids):
    token = await client.token("/login")
    path = f"/sales/delivery-notes/{ids['note']}/actions/confirm-receipt"
    return await client.post(path, data={"csrf_token": token})


async def use_a_key(client, ids):
    bearer = {"authorization": f"Bearer {ids['secret key']}"}
    return await client.get("/api/v1/documents", headers=bearer)


async def use_a_wrong_key(client, ids):
    bearer = {"authorization": "Bearer pk_abcdefgh_wrong-and-secret"}
    return await client.get("/api/v1/documents", headers=bearer)


async def confirm_a_receipt(client, ids):
    async with client.app.portal.writing() as session, session.begin():
        await session.execute(
            update(DocumentRow).where(DocumentRow.id == ids["note"]).values(status="shipped")
        )
    await signed_in(client)
    path = f"/sales/delivery-notes/{ids['note']}"
    fields = {"note": "All well\r\nFORGED LINE"}
    return await client.submit(f"{path}/actions/confirm-receipt", fields, page=path)


async def open_a_page_with_a_broken_plugin(client, ids):
    return await client.get("/login")


ABOUT_ANA = {"business": "mill", "contact": "ana", "person": "person"}
# What is done; how it is answered; the event; ids by the name of the field; other fields.
CASES = [
    (sign_in, 303, "access.signed_in", ABOUT_ANA, {"data": {"by": "password"}}),
    (sign_in_staff, 303, "access.signed_in", {"business": "mill", "staff": "staff"}, {}),
    (fail, 422, "access.sign_in_failed", {"business": "mill"}, {"level": "warning"}),
    (fail_unknown, 422, "access.sign_in_failed", {"business": "mill"}, {"actor": "unknown"}),
    (fail_too_often, 429, "access.throttled", {"business": "mill"}, {"reason": "throttled"}),
    (sign_out, 303, "access.signed_out", ABOUT_ANA, {"level": "info"}),
    (
        ask_for_a_foreign_document,
        404,
        "access.refused",
        ABOUT_ANA | {"target": "foreign"},
        {"reason": "not_found", "route": "sales:invoices.page", "method": "GET"},
    ),
    (ask_for_nothing, 404, "access.refused", ABOUT_ANA | {"target": "nothing"}, {"status": 404}),
    (
        knock_at_the_back_office,
        303,
        "access.refused",
        ABOUT_ANA,
        {"reason": "sign_in_required", "route": "backoffice:contacts"},
    ),
    (
        look_as_a_contact_for_more,
        404,
        "access.refused",
        {"contact": "ana", "staff": "staff", "target": "foreign"},
        {"person": None},
    ),
    (send_a_foreign_form, 403, "access.refused", ABOUT_ANA, {"reason": "cross_site"}),
    (
        send_a_form_without_a_session,
        401,
        "access.refused",
        {"business": "mill", "target": "note"},
        {"reason": "sign_in_required"},
    ),
    (use_a_key, 200, "api.key_used", {"business": "mill", "key": "key"}, {"level": "info"}),
    (use_a_wrong_key, 401, "api.key_refused", {"business": "mill"}, {"reason": "key_required"}),
    (
        confirm_a_receipt,
        303,
        "document.transitioned",
        ABOUT_ANA | {"document": "note"},
        {"actor": "person"},
    ),
    (
        open_a_page_with_a_broken_plugin,
        200,
        "plugin.failed",
        {"business": "mill"},
        {"plugin": "broken", "hook": "portalkit_render_slot", "error": "RuntimeError"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
async def test_an_event_is_one_line_with_its_ids(town, ids, visitor, lines, case):
    act, status, event, who, said = case
    async with visitor() as client:
        answer = await act(client, ids)
    await town.app.portal.drain()

    assert answer.status_code == status
    [line] = [
        line
        for line in map(json.loads, lines)
        if line["request"] == answer.headers["x-request-id"]
        and (event == "plugin.failed" or line["event"] != "plugin.failed")
    ]
    wanted = {"event": event} | {name: ids[value] for name, value in who.items()} | said
    assert {name: line.get(name) for name in wanted} == wanted
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert line["logger"].startswith("portalkit.")


async def test_a_page_that_is_only_looked_at_and_a_made_up_path_leave_no_line(
    town, ids, visitor, lines
):
    async with visitor() as client:
        await client.get("/home")
        await client.get("/wp-login.php")
        await signed_in(client)
        lines.clear()
        await client.get("/sales/invoices")
        await client.get("/nothing/here")

    assert [line for line in lines if "plugin.failed" not in line] == []


async def test_no_line_tells_what_was_typed_or_sent(town, ids, app, lines):
    sent = {PASSWORD, WRONG, ids["secret key"], "FORGED"}

    async def note(request):
        body = dict(parse_qsl(request.content.decode()))
        sent.update(value for name, value in body.items() if name != "door")
        cookies = request.headers.get("cookie", "").split("; ")
        sent.update(cookie.partition("=")[2] for cookie in cookies)
        sent.add(request.headers.get("authorization", "").removeprefix("Bearer "))

    for act, *_ in CASES:
        async with PortalClient(app, event_hooks={"request": [note]}) as client:
            await act(client, ids)
    await app.portal.drain()

    sent = {value for value in sent if len(value) > 3}
    assert len(sent) > 20
    assert len(lines) > len(CASES)
    for text in lines:
        assert "\n" not in text
        assert [value for value in sent if value in text] == []


async def test_what_is_not_committed_leaves_no_line(town, lines):
    event = {"business_id": town.mill, "actor": Actor(kind="system"), "at": NOW}
    async with town.app.portal.writing() as session:
        await record(session, name="acme.undone", **event)
        await session.rollback()
        await record(session, name="acme.kept", **event)
        savepoint = await session.begin_nested()
        await record(session, name="acme.half", **event)
        await savepoint.rollback()
        async with session.begin_nested():
            await record(session, name="acme.inner", **event)
        assert lines == []
        await session.commit()
        await session.commit()

    assert [json.loads(line)["event"] for line in lines] == ["acme.kept", "acme.inner"]


async def test_a_failed_request_is_found_by_the_number_on_its_page(town, ids, visitor, lines):
    async with visitor() as client:
        await signed_in(client)
        lines.clear()
        page = await client.get("/-/broken/fail?token=olive-trees-7")

    [line] = [json.loads(line) for line in lines if "request.failed" in line]
    assert page.status_code == 500
    assert line["request"] in page.text
    assert {name: line[name] for name in ABOUT_ANA} == {n: ids[v] for n, v in ABOUT_ANA.items()}
    assert (line["route"], line["status"], line["error"]) == ("broken:fail", 500, "ValueError")
    assert re.search(r"test_log\.py:\d+ fail_page$", line["trace"][-2])
    assert "olive" not in json.dumps(line)
