"""A language that nobody speaks, from right to left, shows what does not pass the catalogues.

Its texts are the English ones in brackets. Whatever Latin letters stand outside of brackets on
a page are either what somebody stored or a text that every reader would see in English.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, update

import portalkit
from portalkit.access.choices import unsubscribe_token
from portalkit.access.links import LinkPurpose, make_link
from portalkit.access.models import Contact, Membership, Person
from portalkit.config import MailConfig, Secret
from portalkit.documents.models import DocumentRow
from portalkit.i18n.extract import extract_messages
from portalkit.testing.factories import NOW, make_contact

from .conftest import KINDS, PASSWORD

TAG = "ar-XB"
ANA = "ana@ana.example"
SOURCE = Path(__file__).resolve().parents[2]
PACKAGES = [
    Path(portalkit.__file__).parent,
    *(SOURCE / "plugins" / name / "src" / f"portalkit_{name}" for name in ("sales", "purchases")),
]
READ_OUT = {"aria-label", "alt", "placeholder", "title"}
SILENT = {"script", "style", "svg", "title"}
# Names of people, businesses, documents and the plugin of these tests; codes and keys.
STORED = re.compile(
    r"Mill|Bees|Ana|Ben|Carmen|Tienda Sol|Document [a-z_]+-\w+|[a-z_]+-[0-9a-f]{6}|[\w.]+@[\w.]+"
    r"|(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}|\b[0-9a-f]{16}\b"
    r"|It has no amounts\.|Formats|Plain text|Strict text|PDF with text|analysis\.txt"
    r"|Olive oil,\s500\sml|EUR|PDF|ZIP|IBAN|XLSX|CSV|\bTS\b"
    r"|Lucía Romero|\{\{ \w+ \}\}|https://portal\.example/[\w./]*"
)


def bracketed(text: str) -> str:
    return f"⟦{text}⟧"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") + '"'


def write_catalogue(folder: Path) -> Path:
    """Write the brackets around all English texts; the rule is that of English."""
    lines = ['msgid ""', 'msgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"']
    for package in PACKAGES:
        for message in extract_messages(package):
            if not message.id:
                continue
            lines.append("")
            if message.context is not None:
                lines.append(f"msgctxt {quoted(message.context)}")
            if message.pluralizable:
                one, many = message.id
                lines += [f"msgid {quoted(one)}", f"msgid_plural {quoted(many)}"]
                lines += [f"msgstr[0] {quoted(bracketed(one))}"]
                lines += [f"msgstr[1] {quoted(bracketed(many))}"]
            else:
                lines += [f"msgid {quoted(message.id)}"]
                lines += [f"msgstr {quoted(bracketed(message.id))}"]
    path = folder / "ar_XB" / "LC_MESSAGES" / "brackets.po"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return folder


class Shown(HTMLParser):
    """Collects what is read on a page, and the language and direction that it states."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.root: dict[str, str | None] = {}
        self._silent = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self._silent += tag in SILENT
        given = dict(attrs)
        if tag == "html":
            self.root = given
        if "lang" not in given:
            self.texts += [text for name, text in attrs if name in READ_OUT and text]

    def handle_endtag(self, tag):
        self._silent -= tag in SILENT

    def handle_data(self, data):
        if not self._silent:
            self.texts.append(data)


def english_left(page: str) -> list[str]:
    """Return what is readable on a page and neither in brackets nor stored by somebody."""
    found = []
    for text in Shown(page).texts:
        rest = STORED.sub("", text)
        while (less := re.sub(r"⟦[^⟦⟧]*⟧", "", rest)) != rest:
            rest = less
        if re.search(r"[A-Za-z]{2}", rest):
            found.append(" ".join(text.split()))
    return found


@pytest.fixture(scope="module")
def brackets(tmp_path_factory) -> Path:
    return write_catalogue(tmp_path_factory.mktemp("locale"))


@pytest.fixture
def portal_config(portal_config, brackets):
    """Send mails, or there would be no pages to which they lead; none leaves here."""
    return msgspec.structs.replace(
        portal_config,
        locales=(TAG,),
        locale_dir=brackets,
        smtp_url=Secret("smtp://127.0.0.1:9"),
        mail=MailConfig(from_address="portal@mill.example"),
    )


@pytest.fixture
async def ana(town, visitor):
    async with visitor() as client:
        await client.sign_in(ANA, PASSWORD)
        yield client


@pytest.fixture
async def carmen(town, visitor):
    async with visitor() as client:
        await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")
        yield client


async def test_no_page_of_a_contact_shows_a_text_that_passes_no_catalogue(town, ana):
    kinds = town.app.portal.kinds
    paths = {kind: f"/{kinds[kind].section}/{kinds[kind].path}" for kind in KINDS}
    documents = [f"{path}/{town.documents[kind]}" for kind, path in paths.items()]
    # Credit notes are listed among the invoices.
    lists = [path for kind, path in paths.items() if kind != "credit_note"]

    assert await _english_on(ana, ["/home", *lists, *documents]) == {}
    assert await _english_on(ana, ["/no-such-page"], status=404) == {}


async def test_no_page_about_oneself_shows_a_text_that_passes_no_catalogue(town, visitor, ana):
    async with town.app.portal.writing() as session, session.begin():
        other = await make_contact(session, town.mill, "Tienda Sol")
        person = await session.scalar(select(Person.id).where(Person.email == ANA))
        session.add(
            Membership(person_id=person, contact_id=other, business_id=town.mill, role="owner")
        )
    own = ["", "/people", "/log", "/data", "/contacts"]
    pages = [f"/profile{place}" for place in own]
    pages += ["/security", "/security/totp", "/security/confirm"]

    assert await _english_on(ana, pages) == {}
    wrong = (
        ("/profile/people", {"name": "", "email": "", "role": "x"}, "/profile/people"),
        ("/profile/password", {"current_password": "", "new_password": "x"}, "/profile"),
    )
    for path, fields, page in wrong:
        assert _english_in(await ana.submit(path, fields, page=page), status=422) == []


async def test_no_door_shows_a_text_that_passes_no_catalogue(town, visitor):
    async with visitor() as client:
        pages = ["/login", "/login/forgot", "/login/forgot/sent", "/backoffice/login"]
        assert await _english_on(client, pages) == {}
        typed = {"email": ANA, "password": "not-this-one"}
        for door in ("/login", "/backoffice/login"):
            assert _english_in(await client.submit(door, typed), status=422) == []
        await client.submit("/login/mail", {"email": ANA}, page="/login")
        assert await _english_on(client, ["/login/mail"]) == {}
        wrong = await client.submit("/login/mail/code", {"code": "000000"}, page="/login/mail")
        assert _english_in(wrong, status=422) == []


@pytest.fixture
def link(town):
    """Make a one-time link of Ana's; return its token."""

    async def make(purpose):
        portal = town.app.portal
        async with portal.writing() as session, session.begin():
            person = await session.scalar(select(Person.id).where(Person.email == ANA))
            return await make_link(
                session,
                portal.config.secret_keys,
                business_id=town.mill,
                contact_id=town.ana,
                now=NOW,
                person_id=person,
                purpose=purpose,
            )

    return make


async def test_no_page_that_a_mail_leads_to_shows_a_text_that_passes_no_catalogue(
    town, visitor, link
):
    reset = f"/login/reset/{await link(LinkPurpose.RECOVERY)}"
    doors = [f"/i/{await link(LinkPurpose.INVITATION)}", reset]
    doors.append(f"/login/host/{await link(LinkPurpose.HOST)}")
    portal = town.app.portal
    async with portal.reading() as session:
        person = await session.scalar(select(Person.id).where(Person.email == ANA))
    keys, kind = portal.config.secret_keys, "documents.announced"
    token = unsubscribe_token(keys, business_id=town.mill, person_id=person, kind=kind)
    stop = f"/mail/stop/{token}"
    async with visitor() as client:
        assert await _english_on(client, [*doors, stop]) == {}
        short = {"new_password": "x"}
        assert _english_in(await client.submit(reset, short), status=422) == []
        assert _english_in(await client.submit(stop, page="/login")) == []
        gone = ["/i/x", "/d/x", "/login/reset/x", "/login/host/x", "/mail/stop/x"]
        assert await _english_on(client, gone, status=410) == {}


async def test_a_one_time_password_is_changed_on_a_page_that_passes_the_catalogues(town, visitor):
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(
            update(Person)
            .where(Person.email == ANA)
            .values(must_change_password=True, password_set_at=NOW)
        )
    async with visitor() as client:
        await client.sign_in(ANA, PASSWORD)

        assert await _english_on(client, ["/password"]) == {}
        wrong = await client.submit("/password", {"new_password": "x"})
        assert _english_in(wrong, status=422) == []


async def test_no_page_of_sharing_shows_a_text_that_passes_no_catalogue(town, visitor, ana):
    note = f"/sales/delivery-notes/{town.documents['delivery_note']}"
    async with town.app.portal.writing() as session, session.begin():
        await session.execute(
            update(Contact).where(Contact.id == town.ana).values(email="office@ana.example")
        )
        await session.execute(
            update(DocumentRow)
            .where(DocumentRow.id == town.documents["delivery_note"])
            .values(status="shipped")
        )
    assert await _english_on(ana, [f"{note}/share"]) == {}
    shared = await ana.submit(f"{note}/share")
    assert _english_in(shared) == []
    path = re.search(r"http://[\w.:]+(/d/[\w.~-]+)", shared.text)[1]
    async with visitor() as holder:
        assert await _english_on(holder, [path]) == {}
        await holder.submit(path)
        assert await _english_on(holder, [note, f"{note}/confirm"]) == {}
        sent = await holder.submit(f"{note}/confirm/send", page=f"{note}/confirm")
        assert _english_in(sent) == []
        proof = re.search(r'name="proof" value="([^"]+)"', sent.text)[1]
        wrong = await holder.submit(f"{note}/confirm", {"proof": proof, "code": "000000"})
        assert _english_in(wrong, status=422) == []


async def test_no_page_of_staff_shows_a_text_that_passes_no_catalogue(town, carmen):
    portal = town.app.portal
    async with portal.reading() as session:
        person = await session.scalar(select(Person.id).where(Person.email == ANA))
    contact, document = f"contacts/{town.ana}", f"documents/{town.documents['invoice']}"
    places = ["contacts", "documents", "plugins", "outbox", "audit", "sign-in", "api-keys"]
    places += [contact, f"{contact}/privacy", f"{contact}/people/{person}/invite"]
    places += [f"{contact}/people/{person}/mail-link", document, f"{document}/share"]
    places += ["invitations", "mail-templates"]
    edited = [name for name, each in portal.mail_templates.items() if each.is_editable]
    places += [f"mail-templates/{name}/{TAG}" for name in edited]
    pages = [f"/backoffice/{place}" for place in places]
    # There is then a mail and an event to be shown.
    await carmen.submit(f"/backoffice/{contact}/people/{person}/invite")

    assert await _english_on(carmen, [*pages, "/security", "/security/totp"]) == {}
    assert _english_in(await carmen.submit(f"/backoffice/{document}/share")) == []


async def test_whatever_is_said_to_staff_about_what_they_typed_passes_a_catalogue(town, carmen):
    async with town.app.portal.reading() as session:
        person = await session.scalar(select(Person.id).where(Person.email == ANA))
    contact = f"/backoffice/contacts/{town.ana}"
    for path, fields, page in (
        ("/backoffice/api-keys", {"name": ""}, "/backoffice/api-keys"),
        (f"{contact}/people", {"name": "", "email": "", "role": "x"}, contact),
        (f"{contact}/people/{person}/password", {"password": "x"}, contact),
        (f"{contact}/privacy/erase", {"typed": "x"}, f"{contact}/privacy"),
    ):
        answer = await carmen.submit(path, fields, page=page)
        assert _english_in(answer, status=422) == []


async def _english_on(client, paths, *, status=200):
    """Return what is English by page, after a look at language and direction of each."""
    found = {}
    for path in paths:
        if texts := _english_in(await client.get(path), status=status):
            found[path] = texts
    return found


def _english_in(answer, *, status=200):
    told = answer.url.path
    assert answer.status_code == status, told
    root = Shown(answer.text).root
    assert (root["lang"], root["dir"]) == (TAG, "rtl"), told
    assert "⟦" in answer.text, told
    return english_left(answer.text)
