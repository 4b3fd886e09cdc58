"""The API of the business's own systems: what it gives to whom has a key, and to nobody else."""

import hashlib
import re
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import delete, select, update

from portalkit.access.api_keys import list_api_keys, make_api_key, revoke_api_key
from portalkit.access.models import ApiKey, Business, PluginSwitch, Throttle
from portalkit.audit import Actor
from portalkit.context import Audience
from portalkit.documents import digest, publish_in
from portalkit.documents.canonical import canonical
from portalkit.documents.models import DocumentRow
from portalkit.model import DocumentBody, new_id
from portalkit.testing.client import PortalClient
from portalkit.testing.factories import NOW, make_body, make_publication

from .conftest import KINDS, PASSWORD, running, settle
from .walking import (
    MALFORMED,
    NOBODY_KNOWS,
    ask,
    check_all_named,
    is_sign_in,
    owned_things,
    routes_of,
    shape,
    snapshot,
)

DOCUMENTS = "/api/v1/documents"
CARMEN = Actor(kind="staff", name="Carmen")
# A key's use and a wrong key's try are written down, whatever the answer is.
COUNTED = {"portalkit_throttle", "portalkit_api_key"}


@pytest.fixture(scope="module")
async def app(shared_portal_config):
    async with running(shared_portal_config) as app:
        yield app


@pytest.fixture(scope="module")
async def town(app):
    return await settle(app)


@pytest.fixture(scope="module")
async def things(town):
    return await owned_things(town, lambda: PortalClient(town.app))


@pytest.fixture(scope="module")
async def keys(town, things):
    """Keys by what is wrong with them."""
    portal = town.app.portal
    async with portal.writing() as session, session.begin():

        async def make(business, name, **changes):
            wish = {"business_id": business, "name": name, "actor": CARMEN, "now": NOW} | changes
            return await make_api_key(session, **wish)

        keys = {
            "right": await make(town.mill, "right"),
            "of another business": await make(town.bees, "bees"),
            "expired": await make(town.mill, "old", days=1, now=NOW - timedelta(days=1)),
            "ended": await make(town.mill, "ended"),
            "without scopes": await make(town.mill, "bare", scopes=()),
        }
        listed = await list_api_keys(session, business_id=town.mill)
        [ended] = [each.id for each in listed if each.name == "ended"]
        await revoke_api_key(session, ended, business_id=town.mill, actor=CARMEN, now=NOW)
    return keys | {"made up": f"{keys['right'][:-4]}AAAA", "empty": "", "odd": "\xff" * 9_000}


@pytest.fixture
async def system(town, keys):
    """The business's own system."""
    async with PortalClient(town.app, headers=bearer(keys["right"])) as client:
        yield client


@pytest.fixture
async def forget_tries(town):
    async def forget():
        async with town.app.portal.writing() as session, session.begin():
            await session.execute(delete(Throttle))

    await forget()
    yield forget
    await forget()


def bearer(key):
    return {"authorization": f"Bearer {key}".encode("latin-1")}


def api_routes(app):
    found = [route for route in routes_of(app) if route.opt.get("audience") is Audience.API]
    assert len(found) >= 6
    return found


def problem(answer, status, code):
    """Return an answer's problem details, after a look at all that every one must have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    said = answer.json()
    assert (said["status"], said["code"]) == (status, code)
    assert said["type"] == f"urn:portalkit:problem:{code}"
    assert said["request_id"] == answer.headers["x-request-id"]
    assert said["title"]
    assert said["detail"]
    return said


async def test_only_a_key_of_the_business_that_works_opens_the_api(
    town, things, visitor, keys, forget_tries
):
    check_all_named(api_routes(town.app), things)
    senders = {name: bearer(key) for name, key in keys.items() if name != "right"}
    senders |= {"nobody": {}, "basic": {"authorization": f"Basic {keys['right']}"}}
    for email, door in (
        (None, ""),
        ("ana@ana.example", ""),
        ("carmen@mill.example", "/backoffice"),
    ):
        async with visitor() as client:
            if email:
                await client.sign_in(email, PASSWORD, path=f"{door}/login")
            before = await snapshot(town.app, but=COUNTED)
            for who, headers in senders.items() if email is None else [("session", {})]:
                await forget_tries()
                for route in api_routes(town.app):
                    address = route.address(things.ana)
                    answer = await client.request(route.method, address, headers=headers)

                    if who == "without scopes":
                        if route.name != "api:openapi":
                            problem(answer, 403, "scope_missing")
                        continue
                    problem(answer, 401, "key_required")
                    assert answer.headers["www-authenticate"] == "Bearer", (who, route.name)
            assert await snapshot(town.app, but=COUNTED) == before, email
    async with visitor() as client:
        for route in api_routes(town.app):
            if route.name.endswith(".pdf"):
                continue
            answer = await client.get(route.address(things.ana), headers=bearer(keys["right"]))

            assert answer.status_code == 200, (route.name, answer.text)
            assert "set-cookie" not in answer.headers


async def test_a_key_opens_nothing_but_the_api(town, things, system):
    walked = 0
    for route in routes_of(town.app):
        opt = route.opt
        if opt.get("public") or opt.get("audience") is Audience.API:
            continue
        if any(name not in things.ana for name in route.wanted):
            continue
        walked += 1
        answer = await ask(system, route, route.address(things.ana), fields={})

        assert is_sign_in(answer), (route.method, route.name, answer.status_code)
    assert walked >= 40


async def test_nothing_of_others_no_draft_and_no_odd_id_is_found(town, things, system):
    portal = town.app.portal
    async with portal.writing() as session, session.begin():
        [draft] = await publish_in(
            session,
            town.mill,
            [make_publication(town.ana, make_body("invoice", "DRAFT-1"), status="draft")],
            kinds=portal.kinds,
            storage=portal.storage,
            now=NOW,
        )
    named = [route for route in api_routes(town.app) if "id" in route.wanted]
    for route in named:
        nobodys = await system.get(route.address(things.ana | {"id": NOBODY_KNOWS}))
        problem(nobodys, 404, "not_found")
        for wrong in (things.cleo["id"], draft.id, *MALFORMED):
            answer = await system.get(route.address(things.ana | {"id": wrong}))

            assert answer.status_code in {404, 405}, (route.name, wrong[:80])
            if wrong not in MALFORMED:
                assert shape(answer) == shape(nobodys), route.name
        for name in set(route.wanted) - {"id"}:
            for wrong in (things.ben["file_id"], NOBODY_KNOWS, *MALFORMED):
                answer = await system.get(route.address(things.ana | {name: wrong}))

                assert answer.status_code in {404, 405}, (route.name, name, wrong[:80])
    listed = await system.get(DOCUMENTS, params={"limit": 200})
    numbers = {each["number"] for each in listed.json()["documents"]}
    assert "DRAFT-1" not in numbers
    assert not any(number.endswith(things.cleo["contact"][-6:]) for number in numbers)


async def test_wrong_keys_are_slowed_down_and_right_ones_are_not(town, visitor, keys, forget_tries):
    async with visitor() as client:
        wrong = [await client.get(DOCUMENTS, headers=bearer("pk_wrong")) for _ in range(21)]
        right = await client.get(DOCUMENTS, headers=bearer(keys["right"]))
        silent = await client.get(DOCUMENTS)

    assert {answer.status_code for answer in wrong[:20]} == {401}
    problem(wrong[20], 429, "throttled")
    assert int(wrong[20].headers["retry-after"]) > 0
    assert right.status_code == 200
    assert silent.status_code == 401


async def test_the_last_use_of_a_key_is_kept(town, system):
    await system.get(DOCUMENTS)
    await town.app.portal.drain()

    async with town.app.portal.reading() as session:
        used = await session.scalar(select(ApiKey.used_at).where(ApiKey.name == "right"))
    assert used == NOW


async def test_the_list_is_complete_while_documents_come_in(town, system):
    portal = town.app.portal
    async with portal.reading() as session:
        there = await session.scalars(
            select(DocumentRow.id).where(
                DocumentRow.business_id == town.mill, DocumentRow.status != "draft"
            )
        )
        there = set(there.all())
    seen, address, pages = [], f"{DOCUMENTS}?limit=3", 0
    while address:
        page = (await system.get(address)).json()
        assert len(page["documents"]) <= 3
        seen += [each["id"] for each in page["documents"]]
        address, pages = page["next"], pages + 1
        async with portal.writing() as session, session.begin():
            bodies = [
                make_body("invoice", f"{day}-{pages}", issued_on=date(2026, 11, day))
                for day in (1, 10, 20)
            ]
            await publish_in(
                session,
                town.mill,
                [make_publication(town.ben, body) for body in bodies if pages < 4],
                kinds=portal.kinds,
                storage=portal.storage,
                now=NOW,
            )

    assert pages > 4
    assert there <= set(seen)
    assert len(seen) == len(set(seen))


async def test_the_list_is_filtered(town, system):
    async def numbers(**parameters):
        answer = await system.get(DOCUMENTS, params=parameters | {"contact": town.ana})
        assert answer.status_code == 200, answer.text
        return [each["number"] for each in answer.json()["documents"]]

    every = await numbers()
    [quote] = await numbers(kind="quote")

    assert len(every) == len(KINDS)
    assert await numbers(number=quote) == [quote]
    assert await numbers(number=quote, kind="invoice") == []
    assert await numbers(issued_since="2026-11-10", issued_until="2026-11-10") == every
    assert await numbers(issued_since="2026-11-11") == []
    assert await numbers(issued_until="2026-11-09") == []
    assert await numbers(updated_since="2026-11-24T10:00:00+01:00") == every
    assert await numbers(updated_since="2026-11-24T09:00:01Z") == []
    following = (await system.get(DOCUMENTS, params={"contact": town.ana, "limit": 2})).json()
    assert f"contact={town.ana}" in following["next"]


async def test_a_wrong_parameter_is_named(town, system):
    long = "x" * 5_000
    for field, values in {
        "kind": ("nothing", "", long, "\x00"),
        "contact": (NOBODY_KNOWS, "x", "", long, "a\x00b"),
        "number": ("", long, "a\x00b"),
        "issued_since": ("yesterday", "2026-02-30", long),
        "issued_until": ("1", "0000-01-01"),
        "updated_since": ("2026-11-24", "2026-11-24T09:00:00", "now"),
        "limit": ("0", "201", "-1", "1.5", "many", "9" * 4_000),
        "cursor": ("x", "", "e30", "WyJhIiwiZGF0ZSIsWzFdXQ", long, "ñ"),
        "contcat": (town.ana,),
        "status": ("pending",),
    }.items():
        for value in values:
            answer = await system.get(DOCUMENTS, params={field: value})

            said = problem(answer, 400, "input_refused")
            assert said["field"] == field, (field, value[:40], said)
            assert said["reason"], (field, value[:40])


async def test_a_document_is_given_as_it_is_stored(town, system):
    id_ = town.documents["delivery_note"]

    answer = await system.get(f"{DOCUMENTS}/{id_}")

    said = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    body = msgspec.convert(said["body"], DocumentBody)
    assert digest(canonical(body)) == said["document"]["sha256"]
    assert body.number == said["document"]["number"]
    formats = {each["name"]: each for each in said["formats"]}
    assert formats.keys() == {"text", "strict"}
    assert formats["text"]["reasons"] == []
    assert formats["strict"]["reasons"] == ["Total", "It has no amounts."]
    [file] = said["files"]
    sent = await system.get(file["url"])
    assert sent.content == town.ana.encode()
    assert hashlib.sha256(sent.content).hexdigest() == file["sha256"]
    assert (await system.get(said["document"]["url"])).json() == said
    assert (await system.get(formats["text"]["url"])).status_code == 200


async def test_a_document_is_exported_as_on_its_page(town, system):
    def place(kind, exporter):
        return f"{DOCUMENTS}/{town.documents[kind]}/exports/{exporter}"

    number = f"invoice-{town.ana[-6:]}"
    file = await system.get(place("invoice", "text"))
    english = await system.get(place("invoice", "text"), headers={"accept-language": "en"})
    known = await system.get(
        place("invoice", "text"), headers={"if-none-match": file.headers["etag"]}
    )

    assert file.content == f"es {number}".encode()
    assert english.content == f"en {number}".encode()
    name = file.headers["content-disposition"]
    assert name == f'attachment; filename="factura-{number}-text.txt"'
    assert known.status_code == 304
    refused = await system.get(place("proforma", "strict"))
    assert problem(refused, 422, "export_refused")["reasons"] == ["Total", "It has no amounts."]
    problem(await system.get(place("invoice", "nothing")), 404, "not_found")
    problem(await system.get(place("proforma", "printed")), 404, "not_found")


async def test_a_pdf_is_sent_once(town, system):
    place = f"{DOCUMENTS}/{town.documents['invoice']}/pdf"

    first = await system.get(place)
    again = await system.get(place, headers={"if-none-match": first.headers["etag"]})

    assert first.content.startswith(b"%PDF-")
    assert first.headers["content-disposition"].startswith("attachment; ")
    assert (again.status_code, again.content) == (304, b"")


async def test_what_is_not_there_or_not_meant_is_a_problem_too(system):
    for address in ("/api", "/api/", "/api/v1", "/api/v2/documents", "/api/v1/nothing"):
        problem(await system.get(address), 404, "not_found")
    answer = await system.post(DOCUMENTS, json={})
    assert problem(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


async def test_each_business_has_its_own_api(town, keys, visitor, forget_tries):
    async with visitor() as client:
        own = await client.get(f"/bees{DOCUMENTS}", headers=bearer(keys["of another business"]))
        foreign = await client.get(f"/bees{DOCUMENTS}", headers=bearer(keys["right"]))
        described = await client.get(
            "/bees/api/v1/openapi.json", headers=bearer(keys["of another business"])
        )

    assert len(own.json()["documents"]) == len(KINDS)
    assert own.json()["documents"][0]["url"].startswith(f"/bees{DOCUMENTS}/")
    problem(foreign, 401, "key_required")
    assert described.json()["servers"] == [{"url": "/bees"}]


async def test_the_description_names_every_route_and_what_it_answers(town, system):
    described = (await system.get("/api/v1/openapi.json")).json()

    wanted = {
        (route.path_format, method.lower())
        for route in town.app.routes
        if isinstance(route, HTTPRoute) and route.path_format.startswith("/api/v1/")
        for handler in route.route_handlers
        for method in handler.http_methods - {"OPTIONS"}
        if handler.name != "api:openapi"
    }
    said = {
        (path, method): each
        for path, item in described["paths"].items()
        for method, each in item.items()
    }
    assert said.keys() == wanted
    assert described["openapi"].startswith("3.1")
    assert described["security"] == [{"key": []}]
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    problems = {"$ref": "#/components/schemas/Problem"}
    for place, each in said.items():
        for status in {"401", "403", "429", "503"} | ({"404"} if "{" in place[0] else {"400"}):
            content = each["responses"][status]["content"]
            assert content["application/problem+json"]["schema"] == problems, (place, status)


async def test_the_documentation_names_every_route(system):
    described = (await system.get("/api/v1/openapi.json")).json()
    page = Path(__file__).parents[2] / "docs" / "api.md"

    rows = re.findall(r"^\| `GET (/api/v1/[^`]+)` \|", page.read_text("utf-8"), re.MULTILINE)

    assert sorted(rows) == sorted(described["paths"])


async def test_a_format_is_gone_where_its_plugin_is_switched_off(town, system):
    place = f"{DOCUMENTS}/{town.documents['invoice']}"
    switch = PluginSwitch(
        id=new_id(), business_id=town.mill, contact_id=None, plugin="formats", is_enabled=False
    )
    assert (await system.get(f"{place}/exports/text")).status_code == 200
    portal = town.app.portal
    async with portal.writing() as session, session.begin():
        session.add(switch)
        await session.execute(
            update(Business).where(Business.id == town.mill).values(version=Business.version + 1)
        )
    try:
        shown = (await system.get(place)).json()

        problem(await system.get(f"{place}/exports/text"), 404, "not_found")
        assert shown["formats"] == []
    finally:
        async with portal.writing() as session, session.begin():
            await session.execute(delete(PluginSwitch).where(PluginSwitch.id == switch.id))
            await session.execute(
                update(Business)
                .where(Business.id == town.mill)
                .values(version=Business.version + 1)
            )
