"""What a document can reach while it is rendered: nothing (security R39, case O10)."""

import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pikepdf
import pytest
from weasyprint import HTML

from portalkit.model import Address, Item, Line, Note, Party, PartyRole
from portalkit.rendering.pdf import ASSET_ROOT

SECRET = b"canary-3f9c1d"
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc"
    b"\xf8\xcf\xc0\xf0\x1f\0\5\0\1\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82"
)


class Canary(BaseHTTPRequestHandler):
    """Counts who calls."""

    def do_GET(self):
        self.server.hits.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PNG)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def canary():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    server.hits = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_bytes(SECRET)
    return path.as_uri()


@pytest.fixture
def print_body(press, renderer):
    async def print_it(body) -> bytes:
        return await renderer.render(press.page(press.view(body)), identifier="uuid:x")

    return print_it


HTTP = {
    "img": '<img src="{http}/img" alt="x">',
    "import": "<style>@import '{http}/import';</style>",
    "background": '<p style="background: url({http}/background)">x</p>',
    "stylesheet": '<link rel="stylesheet" href="{http}/stylesheet">',
    "font": "<style>@font-face {{ font-family: f; src: url({http}/font) }}"
    " p {{ font-family: f }}</style>",
    "svg": '<svg viewBox="0 0 9 9"><title>x</title>'
    '<image href="{http}/svg" width="9" height="9"/></svg>',
    "object": '<object data="{http}/object"></object>',
    "embed": '<embed src="{http}/embed">',
    "attachment": '<link rel="attachment" href="{http}/attachment">',
}
FILES = {
    "attachment": '<link rel="attachment" href="{file}">',
    "anchor": '<a rel="attachment" href="{file}">x</a>',
    "hidden": '<a rel="attachment" href="{file}" title="x"></a><object data="{file}"></object>',
}
PAGE = '<html lang="en"><title>x</title><body><p>x</p>{vector}</body></html>'


def page(vector: str, canary, secret: str) -> str:
    http = f"http://127.0.0.1:{canary.server_port}"
    return PAGE.format(vector=vector.format(http=http, file=secret))


def has_secret(content: bytes) -> bool:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        if any(SECRET in name.encode() for name in pdf.attachments):
            return True
        return any(
            SECRET in item.read_bytes()
            for item in pdf.objects
            if isinstance(item, pikepdf.Stream) and item.get("/Subtype") != "/Image"
        )


@pytest.mark.parametrize("name", list(HTTP))
async def test_a_page_calls_nobody(renderer, canary, secret, name):
    content = await renderer.render(page(HTTP[name], canary, secret), identifier="uuid:x")

    assert content.startswith(b"%PDF")
    assert canary.hits == []


@pytest.mark.parametrize("name", list(FILES))
async def test_a_page_takes_no_file(renderer, canary, secret, name):
    content = await renderer.render(page(FILES[name], canary, secret), identifier="uuid:x")

    assert not has_secret(content)


@pytest.mark.filterwarnings("ignore")
def test_without_the_protection_all_of_them_would_work(canary, secret):
    """The control: with WeasyPrint's own fetcher the vectors are alive."""
    for vector in HTTP.values():
        HTML(string=page(vector, canary, secret)).write_pdf()
    leaks = [
        has_secret(HTML(string=page(vector, canary, secret)).write_pdf())
        for vector in FILES.values()
    ]

    assert {hit.removeprefix("/") for hit in canary.hits} == set(HTTP)
    assert any(leaks)


async def test_an_svg_that_was_handed_over_reaches_nothing_either(renderer, canary, secret):
    http = f"http://127.0.0.1:{canary.server_port}"
    logo = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
        f'<image href="{http}/logo" width="9" height="9"/>'
        f'<image href="{secret}" width="9" height="9"/>'
        f'<style>@import "{http}/style"; rect {{ fill: url({http}/fill) }}</style>'
        f'<use href="{http}/use#x"/><rect width="9" height="9"/></svg>'
    )
    html = PAGE.format(vector=f'<img src="{ASSET_ROOT}logo.svg" alt="x">')

    content = await renderer.render(html, {"logo.svg": logo.encode()}, identifier="uuid:x")

    assert canary.hits == []
    assert not has_secret(content)


@pytest.mark.parametrize("vector", [*HTTP.values(), *FILES.values()])
async def test_texts_of_a_document_reach_nothing(print_body, samples, canary, secret, vector):
    http = f"http://127.0.0.1:{canary.server_port}"
    text = vector.format(http=http, file=secret)
    buyer = Party(role=PartyRole.BUYER, name=text, address=Address(lines=(text,), city=text))
    body = samples.invoice(
        notes=(Note(text),),
        parties=(samples.MILL, buyer),
        description=text,
        lines=(Line(id="1", item=Item(name=text, description=text), net_amount=1),),
    )

    content = await print_body(body)

    assert canary.hits == []
    assert not has_secret(content)


@pytest.mark.parametrize(
    "url",
    [
        "https://sheet.invalid.evil.example/logo.svg",
        "https://sheet.invalid/other.svg",
        "https://sheet.invalid/../logo.svg",
        "https://sheet.invalid:443/logo.svg",
        "https://user@sheet.invalid/logo.svg",
        "http://sheet.invalid/logo.svg",
        "https://sheet.invalid/logo.svg?x",
        "data:image/svg+xml,<svg/>",
        "file:///etc/passwd",
        "//127.0.0.1/x",
        "/logo%2esvg/../x",
    ],
)
async def test_only_exact_names_are_served(renderer, caplog, url):
    html = PAGE.format(vector=f'<img src="{url}" alt="x">')

    await renderer.render(html, {"logo.svg": PNG}, identifier="uuid:x")

    assert "Failed to load image" in caplog.text
