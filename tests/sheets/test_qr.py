"""QR codes read back from pictures of what is printed and shown, as a camera would."""

from urllib.parse import quote

import pypdfium2
import pytest
import weasyprint
import zxingcpp

from portalkit.documents.prepare import prepare
from portalkit.errors import DocumentRefusedError
from portalkit.hooks.types import Purpose
from portalkit.model import ContactRef, Note, PaymentMeans, Publication, Totals
from portalkit.rendering.sheet.qr import FISCAL_URL, fiscal_problem, fiscal_qr, is_verifiable

CHECK = "https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR"
# The example of the AEAT's own text.
VECTOR = f"{CHECK}?nif=89890001K&numserie=12345678%26G33&fecha=01-01-2024&importe=241.4"
DPI = 300
MM = DPI / 25.4


class Pages:
    """The pages of a PDF as pictures, and what is on them, in millimetres from the top left."""

    def __init__(self, content: bytes) -> None:
        self.pdf = pypdfium2.PdfDocument(content)
        self.pictures = [page.render(scale=DPI / 72).to_pil().convert("L") for page in self.pdf]

    def codes(self, number: int = 0) -> list[zxingcpp.Barcode]:
        """Return the QR codes of a page from the top down."""
        found = zxingcpp.read_barcodes(self.pictures[number], formats=zxingcpp.BarcodeFormat.QRCode)
        return sorted(found, key=lambda code: code.position.top_left.y)

    def box_of(self, text: str, number: int = 0) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of a text."""
        page = self.pdf[number]
        words = page.get_textpage()
        at, count = words.search(text).get_next()
        boxes = [words.get_charbox(place) for place in range(at, at + count)]
        height = page.get_height()
        left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
        bottom, top = min(box[1] for box in boxes), max(box[3] for box in boxes)
        return tuple(each / 72 * 25.4 for each in (left, height - top, right, height - bottom))

    def size_of(self, text: str, number: int = 0) -> float:
        """Return the size of the font in which a text is set."""
        words = self.pdf[number].get_textpage()
        at, _ = words.search(text).get_next()
        return pypdfium2.raw.FPDFText_GetFontSize(words.raw, at)


def corners(code: zxingcpp.Barcode) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a code in millimetres."""
    place = code.position
    points = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
    columns, rows = [point.x / MM for point in points], [point.y / MM for point in points]
    return min(columns), min(rows), max(columns), max(rows)


@pytest.fixture
def print_it(press, renderer):
    async def print_it(body, locale: str = "es") -> Pages:
        page = press.page(press.view(body, locale))
        return Pages(await renderer.render(page, identifier="uuid:019a7c1e"))

    return print_it


async def test_the_fiscal_qr_is_read_from_the_paper_as_the_aeat_wants_it(print_it, samples):
    body = samples.invoice(extra={FISCAL_URL: VECTOR})

    pages = await print_it(body)

    first, *others = pages.codes()
    assert first.text == VECTOR
    assert first.ec_level == "M"
    left, top, right, bottom = corners(first)
    assert 30 <= right - left <= 40
    assert 30 <= bottom - top <= 40
    # Before the lines and any other code; the words above and below, none of them smaller.
    assert [code.text.startswith("BCD") for code in others] == [True]
    assert bottom < pages.box_of("Arbequina")[1]
    above, below = pages.box_of("QR tributario:"), pages.box_of("VERI*FACTU")
    assert 2 <= top - above[3] <= 7
    assert 2 <= below[1] - bottom <= 7
    others_size = pages.size_of("Villacarrillo")
    assert pages.size_of("QR tributario:") >= others_size
    assert pages.size_of("VERI*FACTU") >= others_size


async def test_two_millimetres_around_the_fiscal_qr_are_white(print_it, samples):
    pages = await print_it(samples.invoice())

    left, top, right, bottom = (round(edge * MM) for edge in corners(pages.codes()[0]))
    margin, slack = round(2 * MM), 3
    picture = pages.pictures[0]
    outer = (left - margin, top - margin, right + margin, bottom + margin)
    strips = (
        (outer[0], outer[1], outer[2], top - slack),
        (outer[0], bottom + slack, outer[2], outer[3]),
        (outer[0], outer[1], left - slack, outer[3]),
        (right + slack, outer[1], outer[2], outer[3]),
    )
    for strip in strips:
        assert picture.crop(strip).getextrema() == (255, 255)


async def test_the_fiscal_qr_stands_on_the_first_page_only(print_it, samples):
    pages = await print_it(samples.SAMPLES["long_invoice"][1]())

    assert len(pages.pictures) > 1
    assert pages.codes(0)[0].text.startswith(CHECK)
    for number in range(1, len(pages.pictures)):
        assert [code.text for code in pages.codes(number) if code.text.startswith("http")] == []


@pytest.mark.parametrize("locale", ["en", "ar"])
async def test_the_words_of_the_law_are_spanish_in_every_language(print_it, samples, locale):
    pages = await print_it(samples.invoice(), locale)

    assert pages.box_of("QR tributario:")
    assert pages.codes()[0].ec_level == "M"


async def test_a_system_that_does_not_send_its_invoices_bears_no_verifactu(print_it, samples):
    url = VECTOR.replace("ValidarQR?", "ValidarQRNoVerifactu?")

    pages = await print_it(samples.invoice(extra={FISCAL_URL: url}))

    assert pages.codes()[0].text == url
    assert pages.pdf[0].get_textpage().search("QR tributario:").get_next()
    assert pages.pdf[0].get_textpage().search("VERI*FACTU").get_next() is None


async def test_the_qr_of_a_transfer_is_read_from_the_paper(print_it, samples):
    means = PaymentMeans(
        code="58",
        iban=samples.IBAN,
        bic="CAIXESBBXXX",
        account_name="Peña & Müller, S.L.",
        reference="F26-0412 / Ñ",
    )

    pages = await print_it(
        samples.invoice(payment_means=(means,), totals=Totals(gross=1, payable=1), extra={})
    )

    (code,) = pages.codes()
    assert code.ec_level == "M"
    assert code.text.split("\n") == [
        *("BCD", "002", "1", "SCT", "CAIXESBBXXX", "Peña & Müller, S.L.", samples.IBAN, "EUR0.01"),
        *("", "", "F26-0412 / Ñ"),
    ]


def test_a_credit_note_asks_for_no_transfer_though_it_names_an_account(press, samples):
    means = (PaymentMeans(code="58", iban=samples.IBAN),)
    totals = Totals(gross=5_385, payable=5_385)

    payment = press.view(
        samples.invoice(kind="credit_note", payment_means=means, totals=totals)
    ).payment

    assert payment is not None
    assert payment.qr is None


@pytest.mark.parametrize("name", ["fiscal", "payment"])
def test_the_codes_of_a_page_are_read_from_a_screen(press, samples, name):
    view = press.view(samples.invoice(notes=(Note("x"),)), purpose=Purpose.PAGE)
    svg = getattr(view, name).qr
    page = f"<style>@page {{ margin: 9mm }} svg {{ width: 34mm; height: 34mm }}</style>{svg}"

    (code,) = Pages(weasyprint.HTML(string=page).write_pdf()).codes()

    assert code.ec_level == "M"
    assert code.text.startswith(CHECK if name == "fiscal" else "BCD\n002\n1\nSCT\n")


@pytest.mark.parametrize(
    "url",
    [
        VECTOR,
        VECTOR.replace("www2.agenciatributaria.gob.es", "prewww2.aeat.es"),
        VECTOR.replace("ValidarQR?", "ValidarQRNoVerifactu?"),
        VECTOR.replace("241.4", "-999999999999.99"),
        VECTOR.replace("12345678%26G33", quote("~" * 60)),
    ],
)
def test_addresses_of_the_invoice_check_are_drawn(url):
    assert fiscal_problem(url) is None
    assert fiscal_qr(url, "QR", is_paper=True)
    assert is_verifiable(url) == ("NoVerifactu" not in url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "does not lead to"),
        (CHECK, "must have nif, numserie, fecha, importe once each"),
        (f"{CHECK}?nif", "is no address with values"),
        ("https://[x", "is no address with values"),
        (VECTOR + "\n", "ASCII characters"),
        (VECTOR.replace("12345678", "ñ"), "ASCII characters"),
        (VECTOR + "&x=" + "1" * 500, "ASCII characters"),
        (VECTOR.replace("https", "http"), "does not lead to"),
        (VECTOR.replace("www2.", "www3."), "does not lead to"),
        (VECTOR.replace(".gob.es", ".gob.es.evil.example"), "does not lead to"),
        (VECTOR.replace("//www2", "//evil@www2"), "does not lead to"),
        (VECTOR.replace(".es/", ".es:8443/"), "does not lead to"),
        (VECTOR.replace("ValidarQR", "../ValidarQR"), "does not lead to"),
        (VECTOR + "#x", "does not lead to"),
        (VECTOR + "&formato=json", "must have nif, numserie, fecha, importe once each"),
        (VECTOR + "&nif=89890001K", "must have nif, numserie, fecha, importe once each"),
        (VECTOR.replace("importe", "total"), "must have nif, numserie, fecha, importe once each"),
        (VECTOR.replace("89890001K", "ES89890001K"), "has a nif of another form"),
        (VECTOR.replace("12345678%26G33", "1" * 61), "has a numserie of another form"),
        (VECTOR.replace("12345678%26G33", "%C3%B1"), "has a numserie of another form"),
        (VECTOR.replace("01-01-2024", "2024-01-01"), "has a fecha of another form"),
        (VECTOR.replace("01-01-2024", "30-02-2024"), "has a fecha that is no day"),
        (VECTOR.replace("241.4", "241,40"), "has a importe of another form"),
        (VECTOR.replace("241.4", "1234567890123"), "has a importe of another form"),
        (VECTOR.replace("241.4", "1.234"), "has a importe of another form"),
        ("javascript:alert(1)?a=b", "does not lead to"),
    ],
)
def test_no_other_address_is_drawn_or_published(samples, url, reason):
    body = samples.invoice(extra={FISCAL_URL: url})
    publication = Publication(body=body, contact=ContactRef(id="x"))
    kinds = {"invoice": samples.kind("invoice")}

    assert reason in fiscal_problem(url)
    assert fiscal_qr(url, "QR", is_paper=True) is None
    with pytest.raises(DocumentRefusedError, match=f"^extra.{FISCAL_URL}: ") as caught:
        prepare(publication, kinds)
    assert caught.value.field == f"extra.{FISCAL_URL}"
