"""A contact reads a document on its page, on paper and as PDF."""

import anyio
import pytest


@pytest.fixture
async def ana(town, visitor):
    client = visitor()
    answer = await client.sign_in("ana@ana.example", "olive-trees-7")
    assert answer.status_code == 303
    return client


@pytest.fixture
def path(town) -> str:
    return f"/sales/invoices/{town.documents['invoice']}"


async def test_the_page_shows_the_sheet(ana, path):
    page = await ana.get(path)

    assert page.status_code == 200
    assert '<article class="sheet"' in page.text
    assert "Total a pagar" in page.text
    assert "style=" not in page.text


async def test_the_print_view_is_the_sheet_alone(ana, path):
    page = await ana.get(f"{path}/print")

    assert page.status_code == 200
    assert page.text.count("<article") == 1
    assert "<nav" not in page.text


async def test_a_pdf_is_served_revalidated_and_named(ana, path):
    first = await ana.get(f"{path}/pdf")
    again = await ana.get(f"{path}/pdf", headers={"if-none-match": first.headers["etag"]})
    saved = await ana.get(f"{path}/pdf?download=1")

    assert first.status_code == 200
    assert first.headers["content-type"] == "application/pdf"
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.content.startswith(b"%PDF")
    assert int(first.headers["content-length"]) == len(first.content)
    assert again.status_code == 304
    assert again.content == b""
    assert saved.content == first.content
    assert saved.headers["content-disposition"].startswith('attachment; filename="factura-')


async def test_a_pdf_ends_by_itself_though_the_client_stays(ana, path):
    received, sent = iter([{"type": "http.request", "body": b"", "more_body": False}]), []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"{path}/pdf",
        "raw_path": f"{path}/pdf".encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", ana.base_url.netloc),
            (b"cookie", "; ".join(f"{c.name}={c.value}" for c in ana.cookies.jar).encode()),
        ],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 1),
    }

    async def receive():
        for message in received:
            return message
        return await anyio.sleep_forever()

    async def send(message):
        sent.append(message)

    with anyio.fail_after(60):
        await ana.app(scope, receive, send)

    start, *pieces = sent
    assert start["status"] == 200
    assert b"".join(piece["body"] for piece in pieces).startswith(b"%PDF")
    assert [piece["more_body"] for piece in pieces][-1] is False


async def test_a_pdf_is_nobody_elses(town, visitor, path):
    stranger = visitor()
    await stranger.sign_in("ben@ben.example", "olive-trees-7")

    assert (await stranger.get(f"{path}/pdf")).status_code == 404
    assert (await visitor().get(f"{path}/pdf")).status_code in {303, 401}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("quote", "presupuesto"),
        ("proforma", "proforma"),
        ("delivery_note", "albaran"),
        ("sales_order", "pedido-de-venta"),
        ("credit_note", "abono"),
    ],
)
async def test_every_kind_can_be_printed(town, ana, name, word):
    places = {
        "quote": "quotes",
        "proforma": "proformas",
        "delivery_note": "delivery-notes",
        "sales_order": "orders",
        "credit_note": "credit-notes",
    }

    pdf = await ana.get(f"/sales/{places[name]}/{town.documents[name]}/pdf")

    assert pdf.status_code == 200
    assert f'filename="{word}-' in pdf.headers["content-disposition"]
