"""PDFs with the document as XML inside: read in a process of its own, or refused in one line."""

import gc
import io
import sys
import zlib
from contextlib import suppress

import pikepdf
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, Pdf, Stream, String
from portalkit_einvoice.cii import CiiImporter
from portalkit_einvoice.pdf import PdfImporter
from portalkit_einvoice.ubl import UblImporter

from portalkit.errors import ImportRefusedError
from portalkit.model import AttachmentRole

FACTUR_X = "factur-x.xml"
_MIB = 1024 * 1024


@pytest.fixture(scope="module")
def pdf_importer():
    return PdfImporter(32, (CiiImporter(32), UblImporter(32)))


@pytest.fixture
def read_pdf(pdf_importer):
    def read_one(content: bytes):
        (document,) = pdf_importer.read(content, "document.pdf")
        return document

    return read_one


@pytest.fixture
def refusal(pdf_importer):
    def refuse(content: bytes) -> str:
        with pytest.raises(ImportRefusedError) as caught:
            pdf_importer.read(content, "document.pdf")
        reason = str(caught.value)
        assert reason.isprintable()
        assert 0 < len(reason) < 300
        return reason

    return refuse


def pdf_of(pdf: Pdf, **options) -> bytes:
    pdf.add_blank_page()
    written = io.BytesIO()
    pdf.save(written, **options)
    return written.getvalue()


def pdf_with(*files: tuple[str, bytes | str], **options) -> bytes:
    """Return a PDF with files in its name tree."""
    pdf = Pdf.new()
    for number, (name, content) in enumerate(files):
        raw = content.encode() if isinstance(content, str) else content
        specification = AttachedFileSpec(pdf, raw, filename=name, mime_type="text/xml")
        # By another key than its name: several may have the same.
        pdf.attachments[f"{number:04d}"] = specification
    return pdf_of(pdf, **options)


def specification(pdf: Pdf, name: str, content: bytes, **stream) -> pikepdf.Object:
    file = pdf.make_indirect(Stream(pdf, content, Dictionary(Type=Name.EmbeddedFile, **stream)))
    return pdf.make_indirect(
        Dictionary(Type=Name.Filespec, F=String(name), UF=String(name), EF=Dictionary(F=file))
    )


def test_pdf_and_xml_of_every_real_document_say_the_same(data_folder, read_any):
    for path in sorted((data_folder / "zugferd" / "pdf").glob("EN16931_*.pdf")):
        beside = data_folder / "zugferd" / "xml" / f"{path.stem}.cii.xml"

        inside = read_any(path.read_bytes(), path.name)

        expected = read_any(beside.read_bytes(), beside.name)
        assert inside.body.totals == expected.body.totals
        assert inside.body.taxes == expected.body.taxes
        assert inside.body.number == expected.body.number
        assert inside.stated == expected.stated
        assert [line.net_amount for line in inside.body.lines] == [
            line.net_amount for line in expected.body.lines
        ]
        (xml,) = inside.files
        assert (xml.role, xml.filename) == (AttachmentRole.SOURCE, FACTUR_X)


def test_files_beside_the_xml_become_attachments(data_folder, read_any):
    path = data_folder / "zugferd" / "pdf" / "invoice_EN16931.pdf"

    document = read_any(path.read_bytes(), path.name)

    xml, note = document.files
    assert document.body.number == "F20260023"
    assert (document.body.totals.gross, document.body.totals.payable) == (10_490, 10_490)
    assert (xml.role, xml.filename) == (AttachmentRole.SOURCE, FACTUR_X)
    assert (note.role, note.filename) == (AttachmentRole.SUPPORTING, "Bon_de_livraison.pdf")
    assert note.media_type == "application/pdf"
    assert note.content.startswith(b"%PDF-")


def test_an_order_in_a_pdf_is_an_order(data_folder, read_any):
    path = data_folder / "order-x" / "reader-order-x-comfort.pdf"

    document = read_any(path.read_bytes(), path.name)

    assert (document.body.kind, document.body.number) == ("purchase_order", "PO123456789")
    assert document.body.totals.gross == 36_000
    assert [file.filename for file in document.files] == ["order-x.xml"]


@pytest.mark.parametrize(
    "name",
    [
        "factur-x.xml",
        "Factur-X.xml",
        "ZUGFeRD-invoice.xml",
        "zugferd-invoice.xml",
        "xrechnung.xml",
        "order-x.xml",
        "C:\\invoices\\factur-x.xml",
    ],
)
def test_every_name_of_the_standards_is_found(read_pdf, make_cii, name):
    assert read_pdf(pdf_with((name, make_cii()))).body.number == "F-1"


def test_ubl_inside_a_pdf_is_read_too(read_pdf, make_invoice):
    assert read_pdf(pdf_with(("xrechnung.xml", make_invoice()))).body.number == "F-1"


def test_a_file_that_is_only_associated_is_found(read_pdf, make_cii):
    pdf = Pdf.new()
    pdf.Root.AF = Array([specification(pdf, FACTUR_X, make_cii().encode())])

    assert read_pdf(pdf_of(pdf)).body.number == "F-1"


def test_a_file_that_is_named_and_associated_arrives_once(read_pdf, make_cii):
    pdf = Pdf.new()
    xml = specification(pdf, FACTUR_X, make_cii().encode())
    pdf.Root.AF = Array([xml])
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String(FACTUR_X), xml])))

    assert len(read_pdf(pdf_of(pdf)).files) == 1


def test_branches_of_the_name_tree_are_walked_once_even_in_a_circle(read_pdf, make_cii):
    pdf = Pdf.new()
    xml = specification(pdf, FACTUR_X, make_cii().encode())
    leaf = pdf.make_indirect(Dictionary(Names=Array([String(FACTUR_X), xml])))
    root = pdf.make_indirect(Dictionary(Kids=Array([leaf])))
    leaf.Kids = Array([root, leaf])
    pdf.Root.Names = Dictionary(EmbeddedFiles=root)

    assert len(read_pdf(pdf_of(pdf)).files) == 1


def test_a_pdf_without_files_is_refused(refusal):
    assert refusal(pdf_of(Pdf.new())) == "it is a PDF without XML inside"


def test_xml_by_another_name_is_refused_with_the_names(refusal, make_cii):
    content = pdf_with(*((f"{name}\u202e.xml", make_cii()) for name in "abcde"))

    assert refusal(content) == (
        "it is a PDF with a.xml, b.xml, c.xml and 2 more inside, but not "
        "factur-x.xml, zugferd-invoice.xml, xrechnung.xml or order-x.xml"
    )


def test_several_documents_inside_are_refused(refusal, make_cii):
    content = pdf_with((FACTUR_X, make_cii()), ("xrechnung.xml", make_cii(number="F-2")))

    assert refusal(content) == "it is a PDF with several documents as XML inside"


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        (b"", "it is empty"),
        (b"<Other/>", "it is XML with the root Other, which is not imported"),
        (b"%PDF-1.7", "it is a PDF, which is not imported"),
    ],
)
def test_what_is_wrong_with_the_xml_is_said_with_its_name(refusal, inside, reason):
    assert refusal(pdf_with((FACTUR_X, inside))) == f"{FACTUR_X} inside it: {reason}"


def test_a_dtd_inside_is_refused(refusal, make_cii):
    text = make_cii().replace("?>", '?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', 1)

    assert "it has a document type declaration (DTD)" in refusal(pdf_with((FACTUR_X, text)))


def test_an_encrypted_pdf_is_refused(refusal, make_cii):
    lock = pikepdf.Encryption(owner="a", user="b", R=6)

    content = pdf_with((FACTUR_X, make_cii()), encryption=lock)

    assert refusal(content) == "it is an encrypted PDF"


@pytest.mark.parametrize("content", [b"%PDF-", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\n" + bytes(5_000)])
def test_what_only_begins_like_a_pdf_is_refused(refusal, content):
    assert refusal(content) == "it is a damaged PDF, or none"


def test_a_truncated_pdf_is_read_or_refused_wherever_it_ends(pdf_importer, make_cii):
    content = pdf_with((FACTUR_X, make_cii()))

    for end in range(0, len(content), 97):
        with suppress(ImportRefusedError):
            (document,) = pdf_importer.read(content[:end], "cut.pdf")
            assert document.body.number == "F-1"


def test_too_many_files_are_refused(refusal, make_cii):
    content = pdf_with(*((f"{number}.xml", f"<a n='{number}'/>") for number in range(101)))

    assert refusal(content) == "it is a PDF with more than 100 files inside"


def packed(size: int, times: int) -> bytes:
    packing = zlib.compressobj()
    content = b"".join(packing.compress(bytes(_MIB)) for _ in range(size // _MIB)) + packing.flush()
    for _ in range(times - 1):
        content = zlib.compress(content)
    return content


@pytest.mark.parametrize("times", [1, 2])
def test_a_file_that_unpacks_to_too_much_is_refused(refusal, times):
    pdf = Pdf.new()
    filters = Array([Name.FlateDecode] * times)
    bomb = specification(pdf, FACTUR_X, packed(40 * _MIB, times), Filter=filters)
    pdf.Root.AF = Array([bomb])

    assert refusal(pdf_of(pdf)) == "it is a PDF that unpacks to more than 32 MiB"


def test_many_files_that_together_unpack_to_too_much_are_refused(refusal):
    pdf = Pdf.new()
    part = packed(20 * _MIB, 1)
    pdf.Root.AF = Array(
        [specification(pdf, f"{n}.xml", part, Filter=Name.FlateDecode) for n in range(3)]
    )

    assert refusal(pdf_of(pdf)) == "it is a PDF that unpacks to more than 32 MiB"


@pytest.mark.skipif(sys.platform != "linux", reason="only there a process's memory is limited")
def test_a_pdf_that_takes_too_much_memory_is_refused_and_the_next_one_is_read(make_cii):
    importer = PdfImporter(2_000, (CiiImporter(32),), seconds=60)
    pdf = Pdf.new()
    gigabyte = packed(1024 * _MIB, 1)
    pdf.Root.AF = Array([specification(pdf, FACTUR_X, gigabyte, Filter=Name.FlateDecode)])

    with pytest.raises(ImportRefusedError, match="needs more memory than allowed"):
        importer.read(pdf_of(pdf), "greedy.pdf")

    (document,) = importer.read(pdf_with((FACTUR_X, make_cii())), "good.pdf")
    assert document.body.number == "F-1"


def test_a_pdf_that_takes_too_long_is_refused_and_the_next_one_is_read(make_cii):
    importer = PdfImporter(32, (CiiImporter(32),), seconds=3)
    endless = b"%PDF-1.7\n" + b"1 0 obj\n<<>>\nendobj\n" * 1_600_000

    with pytest.raises(ImportRefusedError, match="cannot be opened within the limits"):
        importer.read(endless, "endless.pdf")

    (document,) = importer.read(pdf_with((FACTUR_X, make_cii())), "good.pdf")
    assert document.body.number == "F-1"


def children() -> set[int]:
    """Return the numbers of the processes that this one has started and that still run."""
    return {child.pid for child in psutil.Process().children()}


def test_one_process_opens_all_pdfs_and_ends_with_the_importer(make_cii):
    before = children()
    importer = PdfImporter(32, (CiiImporter(32),))
    idle = children()

    for _ in range(3):
        importer.read(pdf_with((FACTUR_X, make_cii())), "good.pdf")
    busy = children()
    del importer
    gc.collect()

    assert idle == before
    assert len(busy - before) == 1
    assert children() == before


def test_a_pdf_after_the_end_of_the_process_gets_a_new_one(make_cii):
    importer = PdfImporter(32, (CiiImporter(32),))
    before = children()
    importer.read(pdf_with((FACTUR_X, make_cii())), "good.pdf")
    (only,) = children() - before
    process = psutil.Process(only)
    process.kill()
    process.wait()

    (document,) = importer.read(pdf_with((FACTUR_X, make_cii())), "good.pdf")

    assert document.body.number == "F-1"


def test_a_pdf_above_the_limit_is_refused_without_being_opened():
    importer = PdfImporter(1, ())

    with pytest.raises(ImportRefusedError, match=r"^it is larger than 1 MiB$"):
        importer.read(b"%PDF-1.7" + bytes(1024 * 1024), "large.pdf")


def refusal_or_none(importer: PdfImporter, content: bytes) -> str:
    """Return why a file is refused, or nothing; an importer that fails says so there too."""
    try:
        (document,) = importer.read(content, "damaged.pdf")
    except ImportRefusedError as error:
        return str(error)
    return "" if document.body.number else "failed"


def damaged(content: bytes, kind: str, place: float, size: int, byte: int) -> bytes:
    at = int(place * len(content))
    match kind:
        case "cut":
            return content[:at]
        case "flip":
            return content[:at] + bytes([byte]) + content[at + 1 :]
        case "remove":
            return content[:at] + content[at + size :]
        case _:
            return content[: at + size] + content[at:]


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    which=st.integers(0, 100),
    damages=st.lists(
        st.tuples(
            st.sampled_from(["cut", "flip", "remove", "repeat"]),
            st.floats(0, 1, exclude_max=True),
            st.integers(1, 400),
            st.integers(0, 255),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_a_damaged_real_pdf_is_read_or_refused_and_nothing_else(
    data_folder, pdf_importer, which, damages
):
    paths = sorted(data_folder.rglob("*.pdf"))
    content = paths[which % len(paths)].read_bytes()
    for damage in damages:
        content = damaged(content, *damage)

    assert "failed" not in refusal_or_none(pdf_importer, content)
