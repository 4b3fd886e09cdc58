"""A language that nobody speaks, from right to left, shows what does not pass the catalogues.

Its texts are the English ones in brackets. Whatever Latin letters stand outside of brackets on
a page are either what somebody stored or a text that every reader would see in English.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

import portalkit
from portalkit.i18n.extract import extract_messages

from .conftest import KINDS, PASSWORD

TAG = "ar-XB"
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
    r"|Olive oil,\s500\sml|EUR|PDF|ZIP|IBAN|XLSX|CSV"
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
    return msgspec.structs.replace(portal_config, locales=(TAG,), locale_dir=brackets)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_page_of_a_contact_shows_a_text_that_passes_no_catalogue(town, visitor):
    kinds = town.app.portal.kinds
    paths = {kind: f"/{kinds[kind].section}/{kinds[kind].path}" for kind in KINDS}
    documents = [f"{path}/{town.documents[kind]}" for kind, path in paths.items()]
    # Credit notes are listed among the invoices.
    lists = [path for kind, path in paths.items() if kind != "credit_note"]
    async with visitor() as client:
        assert await _english_on(client, ["/login"]) == {}
        await client.sign_in("ana@ana.example", PASSWORD)
        own = ["/home", "/profile", "/security", "/security/totp"]

        assert await _english_on(client, [*own, *lists, *documents]) == {}
        assert await _english_on(client, ["/no-such-page"], status=404) == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_page_of_staff_shows_a_text_that_passes_no_catalogue(town, visitor):
    places = ["contacts", "documents", "plugins", "outbox", "mail-templates", "sign-in"]
    places += [f"contacts/{town.ana}", f"documents/{town.documents['invoice']}"]
    async with visitor() as client:
        assert await _english_on(client, ["/backoffice/login"]) == {}
        await client.sign_in("carmen@mill.example", PASSWORD, path="/backoffice/login")

        assert await _english_on(client, [f"/backoffice/{place}" for place in places]) == {}


async def _english_on(client, paths, *, status=200):
    """Return what is English by page, after a look at language and direction of each."""
    found = {}
    for path in paths:
        response = await client.get(path)

        assert response.status_code == status, path
        root = Shown(response.text).root
        assert (root["lang"], root["dir"]) == (TAG, "rtl"), path
        assert "⟦" in response.text, path
        if texts := english_left(response.text):
            found[path] = texts
    return found
