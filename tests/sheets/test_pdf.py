"""PDFs: tagged, in their language, with embedded fonts, saying what was stated, always the same."""

import asyncio
import hashlib
import io
from datetime import date
from xml.etree.ElementTree import fromstring

import pikepdf
import pytest

from portalkit.config import PdfConfig
from portalkit.model import PdfAttachment
from portalkit.rendering.pdf import PdfRenderer

ID = "uuid:019a7c1e-0000-7000-8000-00000000000a"
NS = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
}


@pytest.fixture
def print_sample(press, samples, renderer):
    async def print_it(name: str, locale: str | None = None) -> bytes:
        own, make = samples.SAMPLES[name]
        page = press.page(press.view(make(), locale or own))
        return await renderer.render(page, identifier=ID)

    return print_it


def described(pdf: pikepdf.Pdf, key: str) -> str | None:
    rdf = fromstring(pdf.Root.Metadata.read_bytes()).find("rdf:RDF", NS)
    prefix, _, name = key.partition(":")
    for element in rdf:
        if (found := element.get(f"{{{NS[prefix]}}}{name}")) is not None:
            return found
    return None


def fonts_of(pdf: pikepdf.Pdf):
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            yield item


def figures_of(pdf: pikepdf.Pdf):
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure":
            yield item


@pytest.mark.parametrize("name", ["invoice", "delivery_note", "quote", "arabic_invoice"])
async def test_a_pdf_is_tagged_and_archivable(print_sample, name):
    content = await print_sample(name)

    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert "/StructTreeRoot" in pdf.Root
        assert "/OutputIntents" in pdf.Root
        assert described(pdf, "pdfaid:part") == "3"
        assert described(pdf, "pdfaid:conformance") == "A"
        assert described(pdf, "pdfuaid:part") == "1"
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts_of(pdf))
        assert all("/Alt" in figure for figure in figures_of(pdf))
        assert "/AF" not in pdf.Root


async def test_a_pdf_knows_its_title_language_and_document(print_sample):
    content = await print_sample("invoice")

    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.docinfo.Title) == "Factura F26-0412 · Almazara Sierra Alta"
        assert str(pdf.docinfo.Author) == "Almazara Sierra Alta, S.L."
        assert str(pdf.Root.Lang) == "es"
        assert described(pdf, "xmpMM:DocumentID") == ID


async def test_the_text_of_a_pdf_says_the_stated_totals(print_sample, read_pdf):
    text = read_pdf(await print_sample("invoice"))

    for stated in ("1.369,54 €", "68,88 €", "1.438,42 €", "ES91 2100 0418 4502 0005 1332"):
        assert stated in text


@pytest.mark.parametrize(
    ("locale", "title", "day", "amount"),
    [
        ("ca", "Factura F26-0412", "18 de novembre del 2026", "1.438,42\xa0€"),
        ("fr", "Facture F26-0412", "18 novembre 2026", "1\u202f438,42\xa0€"),
        ("pt-PT", "Fatura F26-0412", "18 de novembro de 2026", "1\xa0438,42\xa0€"),
    ],
)
async def test_a_language_is_printed_in_the_letters_that_come_along(
    *, press, samples, renderer, read_pdf, locale, title, day, amount
):
    page = press.page(press.view(samples.invoice(), locale))

    content = await renderer.render(page, identifier=ID)

    assert amount in page
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.docinfo.Title) == f"{title} · Almazara Sierra Alta"
        assert str(pdf.Root.Lang) == locale
        # A letter or a narrow space that the fonts lack would be taken from another one.
        assert {str(font.FontName).partition("+")[2] for font in fonts_of(pdf)} == {
            "Sheet-Sans",
            "Sheet-Sans-Semi-Bold",
        }
    text = " ".join(read_pdf(content).split())
    assert day in text
    assert " ".join(amount.split()) in text


async def test_a_long_invoice_carries_its_subtotal_from_page_to_page(print_sample, read_pdf):
    content = await print_sample("long_invoice")

    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == 4
    text = read_pdf(content)
    assert text.count("Suma y sigue") == 3
    assert text.count("Suma anterior") == 3
    carried = [line.rpartition("   ")[2] for line in text.split("\n") if "Suma y sigue" in line]
    brought = [line.rpartition("   ")[2] for line in text.split("\n") if "Suma anterior" in line]
    assert carried == brought
    assert "Página 4 de 4" in text.replace("\n", "")


async def test_few_tall_lines_do_not_leave_the_first_page_empty(press, samples, renderer, read_pdf):
    tall = "\n".join(["A line of the description"] * 12)
    lines = tuple(
        samples.line(number, samples.OIL[0], "1", "1.00", "4", note=tall) for number in range(3)
    )

    content = await renderer.render(
        press.page(press.view(samples.invoice(lines=lines))), identifier=ID
    )

    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == 2
    assert read_pdf(content).index("Suma y sigue") > read_pdf(content).index("PIC-050")


async def test_a_right_to_left_document_runs_from_the_right(print_sample):
    content = await print_sample("arabic_invoice")

    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.Root.Lang) == "ar"
        assert any("Sheet-Arabic" in str(font.FontName) for font in fonts_of(pdf))


async def test_the_same_input_makes_the_same_bytes(print_sample):
    first = await print_sample("quote")
    await print_sample("arabic_invoice")
    again = await print_sample("quote")

    assert hashlib.sha256(first).digest() == hashlib.sha256(again).digest()


async def test_another_process_makes_the_same_bytes(press, samples, renderer):
    page = press.page(press.view(samples.invoice()))
    other = PdfRenderer(PdfConfig(workers=1))
    try:
        assert await other.render(page, identifier=ID) == await renderer.render(page, identifier=ID)
    finally:
        await other.close()


async def test_letters_of_many_scripts_come_out_as_they_went_in(renderer, read_pdf):
    words = "Łódź Ελλάδα Привет señor Dvořák"
    page = f'<html lang="es"><title>x</title><body class="sheet"><p>{words}</p></body></html>'

    content = await renderer.render(page, identifier=ID)

    text = read_pdf(content).replace("\n", "")
    assert sorted(text) == sorted(words)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        families = {str(font.FontName).partition("+")[2] for font in fonts_of(pdf)}
    assert families == {"Sheet-Sans", "Sheet-Sans-Ext", "Sheet-Greek", "Sheet-Cyrillic"}


async def test_a_file_in_the_pdf_is_listed_once(renderer):
    xml = PdfAttachment(
        name="factur-x.xml",
        content=b"<x/>",
        media_type="text/xml",
        modified_on=date(2026, 11, 24),
        description="The same figures",
        relationship="Alternative",
    )
    page = '<html lang="es"><title>x</title><body><p>x</p></body></html>'

    content = await renderer.render(page, identifier=ID, attachments=(xml,))

    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.Root.AF) == 1
        assert pdf.Root.AF[0].AFRelationship == "/Alternative"
        file = pdf.attachments["factur-x.xml"].get_file()
        assert file.read_bytes() == b"<x/>"
        assert file.mime_type == "text/xml"
        assert file.mod_date.date() == date(2026, 11, 24)
    again = await renderer.render(page, identifier=ID, attachments=(xml,))
    assert again == content


async def test_schemas_that_an_export_describes_join_the_list_that_is_there(renderer):
    description = b"""<rdf:Description rdf:about=""
        xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
        xmlns:own="urn:own#" own:Number="7"><pdfaExtension:schemas><rdf:Bag>
        <rdf:li rdf:parseType="Resource"><own:described/></rdf:li>
        </rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
    page = '<html lang="es"><title>x</title><body><p>x</p></body></html>'

    content = await renderer.render(page, identifier=ID, xmp=(description,))

    with pikepdf.open(io.BytesIO(content)) as pdf:
        packet = pdf.Root.Metadata.read_bytes()
        first = pdf.trailer.ID[0]
    assert packet.count(b"<rdf:RDF") == packet.count(b"<pdfaExtension:schemas>") == 1
    assert packet.count(b'<rdf:li rdf:parseType="Resource">') == 3
    assert b'own:Number="7"' in packet
    with pikepdf.open(io.BytesIO(await renderer.render(page, identifier=ID))) as plain:
        assert plain.trailer.ID[0] != first


async def test_the_loop_goes_on_while_a_pdf_is_made(press, samples, renderer):
    page = press.page(press.view(samples.long_invoice()))
    rendering = asyncio.create_task(renderer.render(page, identifier=ID))

    turns = 0
    while not rendering.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > 100
    assert rendering.result().startswith(b"%PDF")
