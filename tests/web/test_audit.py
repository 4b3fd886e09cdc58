"""The audit log: in words, newest first, for those who may see it; nobody changes it."""

import csv
import io
import re
from collections import Counter
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import insert, select

from portalkit.access.models import Contact
from portalkit.access.sharing import ShareRules, make_share_link
from portalkit.audit import Actor, Event, event_values
from portalkit.audit.words import EVENT_WORDS
from portalkit.sections.backoffice import audit_queries
from portalkit.testing.factories import NOW, make_staff

from .conftest import PASSWORD
from .walking import FIELDS, NOBODY_KNOWS, ask, owned_things, routes_of, snapshot

LOG = "/backoffice/audit"


@pytest.fixture
async def carmen(visitor, town):
    async with visitor() as client:
        await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        yield client


@pytest.fixture
def note(town):
    """Write events, one a minute."""

    async def write(*names, actor="Zoe", business=None, contact=None, **data):
        async with town.app.portal.writing() as session, session.begin():
            for number, name in enumerate(names):
                await session.execute(
                    insert(Event).values(
                        event_values(
                            business_id=business or town.mill,
                            contact_id=contact,
                            name=name,
                            actor=Actor(kind="person", name=actor),
                            at=NOW - timedelta(days=3) + timedelta(minutes=number),
                            data=data,
                        )
                    )
                )

    return write


async def test_every_event_stands_there_in_words(carmen, note):
    await note(*EVENT_WORDS, "tickets.opened")

    text, url = "", LOG
    while url:
        page = (await carmen.get(url)).text
        text += page
        older = [part for part in page.split('href="') if "before=" in part.split('"')[0]]
        url = older[-1].split('"')[0].replace("&amp;", "&") if older else ""

    for name in (*EVENT_WORDS, "tickets.opened"):
        assert name not in text
    assert text.count("Zoe") >= len(EVENT_WORDS) - 5


async def test_pages_follow_one_another_without_a_gap(carmen, note):
    await note(*["mail.resent"] * 120, actor="Pager")

    url, seen = f"{LOG}?q=Pager", []
    for _ in range(3):
        page = (await carmen.get(url)).text
        seen.append(page.count("Pager ha reenviado"))
        found = [part.split('"')[0] for part in page.split('href="') if "before=" in part[:200]]
        url = found[-1].replace("&amp;", "&") if found else url

    assert seen == [50, 50, 20]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("group=sign_in", {"Ana-1"}),
        ("group=documents", {"Ben-2"}),
        ("q=ana-", {"Ana-1"}),
        ("q=%25", set()),
        ("from=2026-11-21&to=2026-11-21", {"Ana-1", "Ben-2"}),
        ("from=2026-11-22&group=documents&q=Ben-2", set()),
        ("to=2026-11-20", set()),
    ],
)
async def test_the_log_is_asked_for_by_kind_name_and_day(carmen, note, query, shown):
    assert (NOW - timedelta(days=3)).date().isoformat() == "2026-11-21"
    await note("access.signed_in", actor="Ana-1")
    await note("document.viewed", actor="Ben-2")

    page = (await carmen.get(f"{LOG}?{query}")).text

    assert {name for name in ("Ana-1", "Ben-2") if f"{name} ha" in page} == shown


@pytest.mark.parametrize(
    "query", ["group=x", "from=x", "to=2026-13-01", "before=x", "contact=x", "from=0001-01-01"]
)
async def test_what_cannot_be_asked_for_is_refused(carmen, query):
    assert (await carmen.get(f"{LOG}?{query}")).status_code == 400
    if "before" not in query:
        answer = await carmen.submit(f"{LOG}/csv?{query}", page=LOG)
        assert answer.status_code == 400


async def test_nobody_sees_the_log_of_another_business(visitor, note, town):
    await note("access.signed_in", actor="Secret", contact=town.ana)
    async with visitor() as abel:
        await abel.sign_in("abel@bees.example", PASSWORD, path="/bees/backoffice/login")

        for address in (LOG, f"{LOG}?contact={town.ana}"):
            for answer in (
                await abel.get(f"/bees{address}"),
                await abel.submit(f"/bees{address.replace(LOG, LOG + '/csv')}", page=f"/bees{LOG}"),
            ):
                assert answer.status_code == 200
                assert "Secret" not in answer.text


@pytest.mark.parametrize("role", ["sales", "support", "reader"])
async def test_the_log_is_for_admins(town, visitor, role):
    async with town.app.portal.writing() as session, session.begin():
        password = await town.app.portal.passwords.hash(PASSWORD)
        await make_staff(session, town.mill, "r@mill.example", role=role, password_hash=password)
    async with visitor() as client:
        await client.sign_in("r@mill.example", PASSWORD, path="/backoffice/login")

        assert (await client.get(LOG)).status_code == 403
        refused = await client.submit(f"{LOG}/csv", page="/backoffice/contacts")
        assert refused.status_code == 403
        assert f'href="{LOG}"' not in (await client.get("/backoffice/contacts")).text


async def test_the_file_holds_what_is_asked_for_and_no_formula(carmen, note, town):
    await note("access.signed_in", actor='=HYPERLINK("x")', contact=town.ana, by="password")
    await note("document.viewed", actor="Other")

    answer = await carmen.submit(f"{LOG}/csv?group=sign_in&q=HYPER", page=LOG)

    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    head, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert dict(zip(head, row, strict=True)) == {
        "at": (NOW - timedelta(days=3)).isoformat(),
        "event": "access.signed_in",
        "text": '\'=HYPERLINK("x") ha iniciado sesión',
        "actor_kind": "person",
        "actor": '\'=HYPERLINK("x")',
        "contact": "Ana",
        "document": "",
        "details": '{"by":"password"}',
    }
    async with town.app.portal.reading() as session:
        taken = await session.scalar(select(Event).where(Event.name == "audit.exported"))
    assert (taken.actor_kind, taken.actor_name, taken.data) == ("staff", "Carmen", {"rows": 1})


async def test_looking_as_a_contact_is_told_with_its_end(carmen, note, town):
    await note("access.viewed_as", contact=town.ana, until="2026-11-24T10:30:00+00:00")
    carmen.headers["accept-language"] = "en"

    page = (await carmen.get(LOG)).text

    assert re.search("Until .*11:30.* at the latest", page)


async def test_a_name_is_looked_for_piece_by_piece(carmen, note, monkeypatch):
    monkeypatch.setattr(audit_queries, "SEARCHED", 4)
    await note("mail.resent", actor="Old")
    await note(*["mail.resent"] * 8, actor="New")

    url, found = f"{LOG}?q=Old", []
    while url and True not in found and len(found) < 9:
        page = (await carmen.get(url)).text
        found.append("Old ha reenviado" in page)
        more = re.search('href="([^"]*before=[^"]*)"', page)
        url = more and more[1].replace("&amp;", "&")

    assert found == [False, False, True]


async def test_names_from_outside_are_shown_as_text(carmen, note, town):
    async with town.app.portal.writing() as session, session.begin():
        (await session.get_one(Contact, town.ana)).name = "<script>x</script>"
    await note("access.signed_in", actor="<b>bold</b>", contact=town.ana)

    page = (await carmen.get(LOG)).text

    assert "<b>bold" not in page
    assert "<script>x" not in page


@pytest.mark.parametrize("who", ["staff", "contact", "share"])
async def test_no_route_changes_an_event(town, visitor, note, who):
    """All that can be sent, with ids that are there: events are added, and none changes."""
    things = await owned_things(town, visitor)
    await note(*EVENT_WORDS, contact=town.ana)
    client = await _let_in(town, visitor, who, things)
    before = (await snapshot(town.app))["portalkit_event"]
    routes = [
        route
        for route in routes_of(town.app)
        if route.method not in {"GET", "HEAD"}
        # Whoever is out, or is no longer somebody's contact, can send nothing more.
        and not {"logout", "view_as", "withdraw", "remove"} & set(re.split("[:.]", route.name))
    ]
    # What lets in is known to nobody, and nobody here has a passkey or a provider.
    named = {"token": "x", "passkey": NOBODY_KNOWS, "provider": "x"} | things.ana
    assert {name for route in routes for name in route.wanted} <= named.keys()
    assert [route.name for route in routes if "audit" in route.name] == ["backoffice:audit.csv"]

    answers = Counter()
    for route in routes:
        page = "/backoffice/contacts" if who == "staff" else "/profile"
        fields = _filled(route)
        answer = await ask(client, route, route.address(named), page=page, fields=fields)
        answers[answer.status_code // 100] += 1

    after = (await snapshot(town.app))["portalkit_event"]
    assert set(before) <= set(after)
    # Nothing breaks, and what is theirs to do is done.
    assert answers[5] == 0
    assert who == "share" or len(after) > len(before) + 3


def _filled(route):
    field = route.handler.parsed_data_field
    known = FIELDS | {"reason": "x"}
    fields = msgspec.structs.fields(field.annotation) if field is not None else ()
    return {
        each.name: known.get(each.name, "1")
        for each in fields
        if each.required or each.name in known
    }


async def _let_in(town, visitor, who, things):
    client = visitor()
    if who == "staff":
        await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
    elif who == "contact":
        await client.sign_in("ana@ana.example", PASSWORD)
    else:
        portal = town.app.portal
        async with portal.writing() as session, session.begin():
            token = await make_share_link(
                session,
                portal.config.secret_keys,
                business_id=town.mill,
                contact_id=town.ana,
                document_id=things.ana["id"],
                rules=ShareRules(),
                actor=Actor(kind="system"),
                now=NOW,
            )
        await client.submit(f"/d/{token}")
    return client
