"""Factur-X out: the document's own PDF, by the rules of PDF/A-3, with its figures inside."""

import io

import facturx
import msgspec
import pikepdf
import pytest
from portalkit_einvoice.cii.writing import write
from portalkit_einvoice.facturx import FacturXExporter

from portalkit.app import create_app
from portalkit.documents import export_document, publish_in
from portalkit.errors import ExportRefusedError
from portalkit.model import ContactRef, PartyRole, Publication
from portalkit.testing.client import open_portal
from portalkit.testing.factories import NOW, make_business, make_contact

from .checking import pdf_complaints, rule_complaints, schema_complaints
from .samples import full_invoice, invoice, line, party, stored

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def portal_plugins():
    return ("home", "profile", "backoffice", "sales", "einvoice")


@pytest.fixture
async def portal(portal_config):
    app = create_app(portal_config, clock=lambda: NOW)
    async with open_portal(app):
        yield app.portal


@pytest.fixture
async def business(portal):
    async with portal.writing() as session, session.begin():
        return await make_business(session, legal_name="Almazara SL", tax_id="B12345674")


@pytest.fixture
def publish(portal, business):
    async def publish_body(body) -> str:
        async with portal.writing() as session, session.begin():
            contact = await make_contact(session, business)
            (result,) = await publish_in(
                session,
                business,
                (Publication(body=body, contact=ContactRef(id=contact)),),
                kinds=portal.kinds,
                storage=portal.storage,
                now=NOW,
            )
        return str(result.id)

    return publish_body


@pytest.fixture
def export(portal, business, publish):
    async def export_body(body, locale="es") -> bytes:
        document_id = await publish(body)
        file = await export_document(portal, business, document_id, "factur-x", locale=locale)
        return file.content

    return export_body


def credit_note():
    return invoice(kind="credit_note", type_code="381", number="R-1", due_on=None)


def long_invoice():
    return invoice(lines=tuple(line(str(number)) for number in range(1, 90)))


@pytest.mark.parametrize("make", [full_invoice, credit_note, long_invoice])
async def test_a_factur_x_is_pdf_a_3_with_tags_and_the_figures_inside(export, make):
    body = make()

    content = await export(body)

    assert pdf_complaints(content) == []
    name, xml = facturx.get_facturx_xml_from_pdf(content, check_xsd=True)
    assert name == "factur-x.xml"
    assert xml == write(body)
    assert schema_complaints("cii", xml) == []
    assert rule_complaints("cii", xml) == []


async def test_the_metadata_says_what_is_inside(export):
    content = await export(invoice())

    with pikepdf.open(io.BytesIO(content)) as pdf:
        metadata = pdf.open_metadata()
        fx = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
        assert metadata[f"{fx}DocumentType"] == "INVOICE"
        assert metadata[f"{fx}DocumentFileName"] == "factur-x.xml"
        assert metadata[f"{fx}Version"] == "1.0"
        assert metadata[f"{fx}ConformanceLevel"] == "EN 16931"
        assert b"<fx:ConformanceLevel>" in pdf.Root.Metadata.read_bytes()
        (file,) = pdf.Root.AF
        assert file.AFRelationship == "/Alternative"
        assert str(file.EF.F.Subtype) == "/text/xml"
        assert str(file.EF.F.Params.ModDate) == "D:20260301000000Z"


async def test_the_same_document_is_printed_once_in_each_language(portal, business, publish):
    document_id = await publish(invoice())

    first = await export_document(portal, business, document_id, "factur-x", locale="es")
    again = await export_document(portal, business, document_id, "factur-x", locale="es")
    english = await export_document(portal, business, document_id, "factur-x", locale="en")

    assert first.content == again.content
    assert first.sha256 != english.sha256
    assert first.filename == "factura-F-1-factur-x.pdf"
    assert english.filename == "invoice-F-1-factur-x.pdf"
    for file, language in ((first, "es"), (english, "en")):
        with pikepdf.open(io.BytesIO(file.content)) as pdf:
            assert str(pdf.Root.Lang) == language


async def test_what_cannot_be_expressed_is_not_printed(export):
    body = msgspec.structs.replace(
        invoice(), parties=(party(PartyRole.SELLER, "Almazara SL", "B12345674"),)
    )

    with pytest.raises(ExportRefusedError, match="The buyer is missing"):
        await export(body)

    obstacles = FacturXExporter().obstacles(stored(body))
    assert [str(text) for text in obstacles] == ["The buyer is missing."]


def broken(content: bytes, damage) -> list[str]:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        damage(pdf)
        pdf.save(out)
    return pdf_complaints(out.getvalue())


async def test_the_check_of_pdfs_finds_what_is_broken(export):
    content = await export(invoice())

    for damage, complaint in (
        (lambda pdf: pdf.Root.AF.append(pdf.Root.AF[0]), "/AF does not list each file once"),
        (lambda pdf: pdf.Root.__delitem__("/OutputIntents"), "it has no output intent"),
        (lambda pdf: pdf.Root.__delitem__("/Lang"), "it has no language"),
        (lambda pdf: pdf.Root.__delitem__("/StructTreeRoot"), "it is not tagged"),
        (lambda pdf: pdf.Root.AF[0].EF.F.__delitem__("/Params"), "has no type or no date"),
        (lambda pdf: pdf.Root.AF[0].__delitem__("/AFRelationship"), "is not described"),
    ):
        assert complaint in " ".join(broken(content, damage))
