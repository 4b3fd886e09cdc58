"""A link opens one document and nothing else (cases O01-O04 of shared documents)."""

import re
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import event, select, update

from portalkit.access.models import Contact, Link, Membership, SessionRow
from portalkit.access.share_rules import ShareRules
from portalkit.access.sharing import MAX_LINKS, make_share_link
from portalkit.audit import Actor, Event
from portalkit.audit.words import EVENT_WORDS
from portalkit.config import MailConfig, Secret
from portalkit.documents.models import DocumentRow
from portalkit.testing.factories import NOW, make_person
from portalkit.testing.post_office import open_post_office

from .conftest import PASSWORD
from .walking import is_sign_in, routes_of, snapshot

LINK = re.compile(r"http://[\w.:]+(/\S*d/[\w.~-]+)")
CODE = re.compile(r"^(\d{6})$", re.MULTILINE)
PROOF = re.compile(r'name="proof" value="([^"]+)"')
# A PDF is kept once it was made; whose session it is, and how often a link was used, changes.
# What is downloaded by link is an event.
BESIDE = {"portalkit_throttle", "portalkit_session", "portalkit_link", "portalkit_rendering"}
TOLD = {*BESIDE, "portalkit_event"}


@pytest.fixture
async def office():
    async with open_post_office() as office:
        yield office


@pytest.fixture
def portal_config(portal_config, office):
    return msgspec.structs.replace(
        portal_config,
        smtp_url=Secret(office.url),
        mail=MailConfig(from_address="portal@mill.example"),
    )


@pytest.fixture
async def note(town):
    """Address of the delivery note that can be answered."""
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(
            update(DocumentRow)
            .where(DocumentRow.id == town.documents["delivery_note"])
            .values(status="shipped")
        )
    return f"/sales/delivery-notes/{town.documents['delivery_note']}"


@pytest.fixture
def share(town, visitor, note):
    """Let Ana make a link, and return its path and its row."""

    async def share_it(address=note):
        async with visitor() as ana:
            await ana.sign_in("ana@ana.example", PASSWORD)
            answer = await ana.submit(f"{address}/share")
        async with town.app.portal.reading() as session:
            row = await session.scalar(select(Link).order_by(Link.id.desc()).limit(1))
        return LINK.search(answer.text)[1], row

    return share_it


@pytest.fixture
def holder(visitor, share):
    """A browser that came by a link."""

    async def open_it():
        path, row = await share()
        client = visitor()
        answer = await client.submit(path)
        assert answer.status_code == 303, answer.text
        return client, path, row

    return open_it


@pytest.fixture
def ask(town, office, note):
    """Have the contact sent a code; return the digits and what the browser keeps."""

    async def ask_it(client):
        async with town.app.portal.writing() as session, session.begin():
            await session.execute(
                update(Contact).where(Contact.id == town.ana).values(email="office@ana.example")
            )
        sent = await client.submit(f"{note}/confirm/send", page=f"{note}/confirm")
        assert sent.status_code == 200, sent.text
        await town.app.portal.queue.work_off(town.app.portal)
        assert office.recipients[-1] == "office@ana.example"
        text = office.mails[-1].get_body(("plain",)).get_content().replace("\r\n", "\n")
        return {"code": CODE.search(text)[1], "proof": PROOF.search(sent.text)[1]}

    return ask_it


@pytest.fixture
def confirm(ask, note):
    """Type the code that the contact is sent."""

    async def type_it(client, **changes):
        return await client.submit(f"{note}/confirm", await ask(client) | changes)

    return type_it


async def hammer(client, note):
    """Ask for codes and guess at them until nothing more is taken; return the answers."""
    sent, guessed = [], []
    for number in range(12):
        page = await client.submit(f"{note}/confirm/send", page=f"{note}/confirm")
        sent.append(page.status_code)
        if page.status_code == 200:
            proof = PROOF.search(page.text)[1]
        for _ in range(2):
            fields = {"proof": proof, "code": f"{number:06d}"}
            answer = await client.submit(f"{note}/confirm", fields)
            guessed.append(answer.status_code)
    return sent, guessed


async def events(town, *names):
    async with town.app.portal.reading() as session:
        rows = await session.scalars(select(Event).where(Event.name.in_(names)).order_by(Event.id))
        return list(rows)


async def test_the_link_says_nothing_before_the_button_and_looking_counts_nothing(
    town, visitor, share
):
    path, _ = await share()
    before = await snapshot(town.app)
    async with visitor() as client:
        for method in ("GET", "HEAD"):
            answer = await client.request(method, path)
            assert answer.status_code in {200, 405}
        page = await client.get(path)

    assert "delivery_note" not in page.text
    assert "Ana" not in page.text
    assert '<meta name="robots" content="noindex">' in page.text
    assert await snapshot(town.app) == before


async def test_the_link_opens_the_document_its_pdf_paper_and_files(town, holder, note):
    client, _, row = await holder()
    file = town.files[town.documents["delivery_note"]]

    page = await client.get(note)

    assert page.status_code == 200
    assert "delivery_note-" in page.text
    for part in ("print", f"files/{file}", "export/text"):
        assert (await client.get(f"{note}/{part}")).status_code == 200, part
    [opened] = await events(town, "document.share_opened")
    assert (opened.actor_kind, opened.actor_id) == ("share", row.id)
    assert opened.document_id == town.documents["delivery_note"]
    assert await events(town, "document.viewed") == []


async def test_what_is_downloaded_by_link_is_told_as_that(town, visitor, holder, note):
    client, _, row = await holder()
    file = f"{note}/files/{town.files[town.documents['delivery_note']]}"
    for address in (file, file, f"{note}/export/text"):
        assert (await client.get(address)).status_code == 200
        await town.app.portal.drain()

    loads = await events(town, "document.downloaded")

    assert [(each.actor_kind, each.actor_id) for each in loads] == [("share", row.id)] * 2
    async with visitor() as ana:
        ana.headers["accept-language"] = "en"
        await ana.sign_in("ana@ana.example", PASSWORD)
        assert (await ana.get(note)).text.count("Downloaded by link") == 2
        log = (await ana.get("/profile/log")).text
    assert log.count("Somebody with the link downloaded a document") == 2


async def test_the_page_names_no_other_document_person_or_section(town, holder, note):
    client, _, _ = await holder()

    text = (await client.get(note)).text

    for word in ('href="/sales/invoices"', "/home", "/profile", "ana@ana.example", "pk-history"):
        assert word not in text, word
    ids = set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", text))
    assert not ids & (set(town.documents.values()) - {town.documents["delivery_note"]})


async def test_a_share_session_walks_into_its_document_and_nowhere_else(town, holder):
    client, _, _ = await holder()
    own = town.documents["delivery_note"]
    values = {"file_id": town.files[own], "action": "confirm-receipt", "exporter": "text"}
    reached = set()
    before = await snapshot(town.app, but=TOLD)
    for route in routes_of(town.app):
        if route.opt.get("public") or not set(route.wanted) <= {"id", *values}:
            continue
        for document in [own, *(each for each in town.documents.values() if each != own)]:
            address = route.address({**values, "id": document})
            answer = await client.request(
                route.method,
                address,
                **(
                    {}
                    if route.method in {"GET", "HEAD"}
                    else {
                        "data": {"csrf_token": await client.token("/login")},
                        "headers": {"sec-fetch-site": "same-origin"},
                    }
                ),
            )
            if answer.status_code == 200:
                reached.add((route.name, route.method))
                assert document == own, address
            else:
                assert answer.status_code in {400, 403, 404, 422} or is_sign_in(answer), address
    assert {name for name, _ in reached} == {
        f"sales:delivery-notes.{part}" for part in ("page", "pdf", "print", "file", "export")
    } | {"sales:delivery-notes.confirm"}
    assert await snapshot(town.app, but=TOLD) == before
    names = [each.name for each in await events(town, *EVENT_WORDS) if each.actor_kind == "share"]
    assert set(names) == {"document.share_opened", "document.downloaded"}


async def test_an_ended_link_shuts_out_whoever_came_by_it(town, visitor, holder, note):
    client, path, row = await holder()
    other = visitor()
    await other.submit(path)
    async with visitor() as ana:
        await ana.sign_in("ana@ana.example", PASSWORD)
        listed = await ana.get(f"{note}/share")
        assert "2" in re.search(r"<small>([^<]*2[^<]*)</small>", listed.text)[1]
        await ana.submit(f"{note}/share/{row.id}/end", page=f"{note}/share")

    for browser in (client, other):
        assert is_sign_in(await browser.get(note))
    assert (await other.get(path)).status_code == 410
    assert (await other.submit(path, page="/login")).status_code == 410
    assert len(await events(town, "document.share_ended")) == 1


@pytest.mark.parametrize("after", [timedelta(hours=48), timedelta(hours=48, seconds=1)])
async def test_an_expired_link_shuts_out_too(town, holder, note, after):
    client, path, _ = await holder()
    town.app.portal.now = lambda: NOW + after

    assert is_sign_in(await client.get(note))
    assert (await client.get(path)).status_code == 410


async def test_a_disabled_contact_ends_its_links(town, holder, note):
    client, _, _ = await holder()
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(update(Contact).values(is_enabled=False))

    assert is_sign_in(await client.get(note))


async def test_a_share_sessions_id_is_worth_nothing_in_another_cookie(town, holder, visitor, note):
    client, _, _ = await holder()
    [(name, value)] = [(n, v) for n, v in client.cookies.items() if n.startswith("pk_share")]
    for planted in ("pk", "pk_view", name.replace("delivery", "x"), "pk_share"):
        if planted == name:
            continue
        async with visitor() as thief:
            thief.cookies.set(planted, value)
            assert is_sign_in(await thief.get("/home"))
            assert is_sign_in(await thief.get(note))
            assert is_sign_in(await thief.get("/backoffice"))
    invoice = town.documents["invoice"]
    async with visitor() as thief:
        thief.cookies.set(f"pk_share-{invoice}", value)
        assert is_sign_in(await thief.get(f"/sales/invoices/{invoice}"))


@pytest.mark.parametrize("which", ["chosen", "their own"])
async def test_a_planted_share_cookie_is_worth_nothing(
    *, town, visitor, holder, share, note, which
):
    """Case O03 at the door of links: the one who planted it must not see what the victim opens."""
    attacker, _, row = await holder()
    name = f"pk_share-{row.document_id}"
    planted = attacker.cookies[name] if which == "their own" else "A" * 43
    path, _ = await share()
    victim = visitor()
    victim.cookies.set(name, planted)

    answer = await victim.submit(path)

    assert answer.status_code == 303
    given = re.search(rf"{name}=([^;]+)", answer.headers["set-cookie"])[1]
    assert given != planted
    for value, is_open in ((planted, False), (given, True)):
        seen = await visitor().get(note, headers={"cookie": f"{name}={value}"})
        assert is_sign_in(seen) == (not is_open)


async def test_whose_document_it_is_just_goes_there(town, visitor, share, note):
    path, _ = await share()
    async with visitor() as ana:
        await ana.sign_in("ana@ana.example", PASSWORD)
        looked = await ana.get(path)
        opened = await ana.submit(path, page="/profile")

        assert (looked.status_code, looked.headers["location"]) == (303, note)
        assert (opened.status_code, opened.headers["location"]) == (303, note)
        assert not [name for name in ana.cookies if name.startswith("pk_share")]
    assert await events(town, "document.share_opened") == []


async def test_a_link_neither_replaces_nor_weakens_who_is_signed_in(visitor, share, note):
    path, _ = await share()
    async with visitor() as ben:
        await ben.sign_in("ben@ben.example", PASSWORD)
        await ben.submit(path)

        assert (await ben.get(note)).status_code == 200
        assert (await ben.get("/home")).status_code == 200
        assert (await ben.submit("/language", {"locale": "en"}, page=note)).status_code == 303
    async with visitor() as ana:
        await ana.submit(path)
        await ana.sign_in("ana@ana.example", PASSWORD)
        page = (await ana.get(note)).text

        assert "pk-history" in page
        assert f"{note}/share" in page


async def test_acting_asks_for_a_code_to_the_contacts_own_address(town, holder, confirm, note):
    client, _, row = await holder()
    act = f"{note}/actions/confirm-receipt"
    before = await snapshot(town.app)
    assert f"{note}/confirm" in (await client.get(note)).text
    assert act not in (await client.get(note)).text
    assert (await client.submit(act, page=f"{note}/confirm")).status_code == 403
    assert await snapshot(town.app) == before

    answer = await confirm(client)

    assert answer.status_code == 303, answer.text
    assert act in (await client.get(note)).text
    assert (await client.submit(act, {"note": "All well"}, page=note)).status_code == 303
    async with town.app.portal.reading() as session:
        status = await session.scalar(
            select(DocumentRow.status).where(DocumentRow.id == row.document_id)
        )
    assert status == "delivered"
    [confirmed] = await events(town, "document.share_confirmed")
    done = (await events(town, "document.transitioned"))[-1]
    assert (confirmed.actor_kind, confirmed.actor_name) == ("share", "office@ana.example")
    assert (done.actor_kind, done.actor_name) == ("share", "office@ana.example")


async def test_the_right_to_act_ends_after_half_an_hour_and_with_the_address(
    town, holder, confirm, note
):
    client, _, _ = await holder()
    await confirm(client)
    act = f"{note}/actions/confirm-receipt"
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(
            update(Contact).where(Contact.id == town.ana).values(email="new@ana.example")
        )
    assert (await client.submit(act, page=f"{note}/confirm")).status_code == 403
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(
            update(Contact).where(Contact.id == town.ana).values(email="office@ana.example")
        )
    assert act in (await client.get(note)).text
    town.app.portal.now = lambda: NOW + timedelta(minutes=30)

    assert (await client.submit(act, page=f"{note}/confirm")).status_code == 403
    assert (await client.get(note)).status_code == 200


async def test_a_wrong_code_changes_nothing_and_a_right_one_makes_a_new_session(
    holder, confirm, note
):
    client, _, _ = await holder()
    [name] = [each for each in client.cookies if each.startswith("pk_share")]
    old = client.cookies[name]

    wrong = await confirm(client, code="00000x")
    assert (wrong.status_code, client.cookies[name]) == (422, old)
    await confirm(client)

    new = client.cookies[name]
    assert new != old
    client.cookies.delete(name)
    client.cookies.set(name, old)
    assert is_sign_in(await client.get(note))


async def test_without_an_address_of_the_contact_no_code_is_sent(holder, note):
    client, _, _ = await holder()

    page = await client.get(f"{note}/confirm")

    assert page.status_code == 200
    assert f"{note}/confirm/send" not in page.text
    assert (await client.submit(f"{note}/confirm/send", page="/login")).status_code == 404


async def test_a_code_of_one_link_confirms_no_other(*, town, visitor, share, confirm, note, office):
    one, other = visitor(), visitor()
    for client in (one, other):
        path, _ = await share()
        await client.submit(path)
    await confirm(one, code="wrong")
    text = office.mails[-1].get_body(("plain",)).get_content().replace("\r\n", "\n")
    sent = await other.submit(f"{note}/confirm/send", page=f"{note}/confirm")

    answer = await other.submit(
        f"{note}/confirm",
        {"code": CODE.search(text)[1], "proof": PROOF.search(sent.text)[1]},
    )

    assert answer.status_code in {303, 422}
    assert len(await events(town, "document.share_confirmed")) == (answer.status_code == 303) == 0


async def test_staff_share_list_and_end(town, visitor, note):
    address = f"/backoffice/documents/{town.documents['delivery_note']}/share"
    async with visitor() as carmen, visitor() as client:
        await carmen.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        path = LINK.search((await carmen.submit(address)).text)[1]
        await client.submit(path)
        assert (await client.get(note)).status_code == 200
        listed = (await carmen.get(address)).text
        end = re.search(rf'action="({address}/[^"]+/end)"', listed)[1]
        assert (await carmen.submit(end, page=address)).status_code == 303

        assert is_sign_in(await client.get(note))
    made, ended = await events(town, "document.shared", "document.share_ended")
    assert (made.actor_kind, ended.actor_kind) == ("staff", "staff")


async def test_readers_share_nothing(town, visitor, note):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(update(Membership).values(role="reader"))
    async with visitor() as ana:
        await ana.sign_in("ana@ana.example", PASSWORD)
        assert f"{note}/share" not in (await ana.get(note)).text
        assert (await ana.get(f"{note}/share")).status_code == 403
        assert (await ana.submit(f"{note}/share", page="/profile")).status_code == 403


@pytest.mark.parametrize(("hours", "status"), [("1", 303), ("720", 303), ("0", 400), ("721", 400)])
async def test_the_business_sets_how_long_links_work(town, visitor, share, hours, status):
    async with visitor() as carmen:
        await carmen.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        answer = await carmen.submit(
            "/backoffice/sign-in/sharing", {"hours": hours}, page="/backoffice/sign-in"
        )
    assert answer.status_code == status
    _, row = await share()

    expected = int(hours) if status == 303 else 48
    assert row.expires_at - row.created_at == timedelta(hours=expected)


async def test_a_browser_with_three_sessions_costs_one_statement(town, holder, note):
    client, _, _ = await holder()
    await client.sign_in("ben@ben.example", PASSWORD)
    client.cookies.set("pk_view", "x" * 43)
    ran = []
    engine = town.app.portal.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *call: ran.append(call[2]))

    assert (await client.get(note)).status_code == 200

    asked = [each for each in ran if each.startswith("SELECT") and "portalkit_session" in each]
    assert len(asked) == 1


async def test_holders_of_one_link_do_not_end_each_others_codes(*, visitor, holder, note, ask):
    one, path, _ = await holder()
    other = visitor()
    await other.submit(path)
    first, second = await ask(one), await ask(other)

    crossed = await one.submit(f"{note}/confirm", first | {"code": second["code"]})
    answers = [
        await client.submit(f"{note}/confirm", typed)
        for client, typed in ((one, first), (other, second))
    ]

    assert crossed.status_code == 422
    assert [answer.status_code for answer in answers] == [303, 303]


async def test_one_holder_who_hammers_shuts_out_neither_the_others_nor_the_mails(
    holder, visitor, ask, confirm, note
):
    """Case O13: somebody has the same link, at the same address, and opens it again and again."""
    hammering, path, _ = await holder()
    honest = visitor()
    await honest.submit(path)
    await ask(hammering)

    sent, guessed = await hammer(hammering, note)

    assert sent == [200] * 2 + [429] * 10
    assert guessed[-1] == 429
    assert (await confirm(honest)).status_code == 303
    for _ in range(6):
        anew = visitor()
        await anew.submit(path)
        last = await anew.submit(f"{note}/confirm/send", page=f"{note}/confirm")
    assert last.status_code == 429
    assert 0 < int(last.headers["retry-after"]) <= 900
    other, _, _ = await holder()
    assert (await confirm(other, code="000000")).status_code in {200, 422}


@pytest.mark.parametrize(
    ("act", "status"),
    [
        (("withdraw", {}), 410),
        (("role", {"role": "reader"}), 410),
        (("role", {"role": "accountant"}), 200),
    ],
)
async def test_a_link_ends_when_its_maker_may_share_no_longer(
    *, town, visitor, holder, note, act, status
):
    client, path, row = await holder()
    contact = f"/backoffice/contacts/{town.ana}"
    what, fields = act
    async with visitor() as carmen:
        await carmen.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        answer = await carmen.submit(
            f"{contact}/people/{row.actor_id}/{what}", fields, page=contact
        )
    assert answer.status_code == 303

    assert (await visitor().get(path)).status_code == status
    assert is_sign_in(await client.get(note)) == (status == 410)
    ended = [each.data["link"] for each in await events(town, "document.share_ended")]
    assert ended == ([row.id] if status == 410 else [])


async def test_links_that_others_made_stay_when_somebody_is_shut_out(town, visitor, share):
    path, row = await share()
    async with town.app.portal.writing() as session, session.begin():
        other = await make_person(session, town.mill, [town.ana], "eva@ana.example", role="buyer")
    async with visitor() as carmen:
        await carmen.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        contact = f"/backoffice/contacts/{town.ana}"
        await carmen.submit(f"{contact}/people/{other}/withdraw", page=contact)

    assert row.actor_id != other
    assert (await visitor().get(path)).status_code == 200


@pytest.mark.parametrize("way", ["/logout", "/profile/devices/close-all"])
async def test_signing_out_leaves_no_shared_document_in_the_browser(
    *, town, visitor, share, note, way
):
    path, _ = await share()
    client = visitor()
    await client.sign_in("ben@ben.example", PASSWORD)
    await client.submit(path, page="/profile")
    held = {name: value for name, value in client.cookies.items() if "pk_share-" in name}
    assert (len(held), (await client.get(note)).status_code) == (1, 200)

    answer = await client.submit(way, page="/profile")

    assert answer.status_code == 303
    assert not [name for name in client.cookies if "share" in name]
    assert is_sign_in(await client.get(note))
    assert is_sign_in(await visitor().get(note, headers={"cookie": cookies_of(held)}))
    assert (await visitor().get(path)).status_code == 200


async def test_signing_out_ends_looking_as_a_contact(town, visitor):
    carmen, page = visitor(), f"/backoffice/contacts/{town.ana}"
    await carmen.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
    await carmen.submit(f"{page}/view-as", page=page)
    assert carmen.cookies["pk_view"]

    await carmen.submit("/backoffice/logout", page=page)

    assert "pk_view" not in carmen.cookies
    async with town.app.portal.reading() as session:
        assert list(await session.scalars(select(SessionRow.kind))) == []


def cookies_of(held):
    return "; ".join(f"{name}={value}" for name, value in held.items())


async def make_many(town, count):
    """Make links to the delivery note, as the host would."""
    async with town.app.portal.writing() as session, session.begin():
        for _ in range(count):
            await make_share_link(
                session,
                town.app.portal.config.secret_keys,
                business_id=town.mill,
                contact_id=town.ana,
                document_id=town.documents["delivery_note"],
                rules=ShareRules(),
                actor=Actor(kind="host", name="test"),
                now=NOW,
            )


async def test_a_document_has_so_many_links_and_all_are_listed_and_ended_at_once(
    town, visitor, note
):
    await make_many(town, MAX_LINKS - 1)
    staff = f"/backoffice/documents/{town.documents['delivery_note']}/share"
    async with visitor() as ana, visitor() as carmen, visitor() as client:
        ana.headers["accept-language"] = "en"
        await ana.sign_in("ana@ana.example", PASSWORD)
        await carmen.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        last = await ana.submit(f"{note}/share")
        await client.submit(LINK.search(last.text)[1])
        assert (last.status_code, last.text.count("/end")) == (200, MAX_LINKS + 1)

        refused = await ana.submit(f"{note}/share")
        assert refused.status_code == 422
        assert "This document has too many links that work: end one first." in refused.text
        assert (await carmen.submit(staff)).status_code == 422

        ended = await ana.submit(f"{note}/share/end", page=f"{note}/share")
        assert ended.status_code == 303
        assert is_sign_in(await client.get(note))
        assert len(await events(town, "document.share_ended")) == MAX_LINKS

        assert (await carmen.submit(staff)).status_code == 200
        assert (await carmen.submit(f"{staff}/end", page=staff)).status_code == 303
    assert len(await events(town, "document.share_ended")) == MAX_LINKS + 1


async def test_a_flood_of_links_is_slowed_down(town, visitor, note):
    """Also where each is ended at once; what makes no link is not counted."""
    async with visitor() as ana:
        await ana.sign_in("ana@ana.example", PASSWORD)
        form = {"csrf_token": await ana.token(f"{note}/share")}

        async def make(times):
            return [(await ana.post(f"{note}/share", data=form)).status_code for _ in range(times)]

        answers = []
        for _ in range(2):
            answers += await make(21)
            await ana.post(f"{note}/share/end", data=form)
        answers += await make(1)

    assert answers == [200] * 20 + [422] + [200] * 20 + [429] * 2
