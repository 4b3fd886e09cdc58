"""Facturae through the whole import into both databases, alone and beside other syntaxes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from portalkit_einvoice.cii import CiiImporter
from portalkit_einvoice.facturae.writing import write
from portalkit_einvoice.ubl import UblImporter
from sqlalchemy import RowMapping, select

from portalkit.documents.canonical import read_body
from portalkit.documents.models import AttachmentRow, DocumentRow
from portalkit.errors import ExportRefusedError
from portalkit.exchange import ImportOutcome, import_files, read_documents
from portalkit.storage import storage_key

from .facturae_files import facturae_xml, invoice_xml, only


@pytest.fixture
def portal_plugins() -> tuple[str, ...]:
    return ("sales", "purchases", "einvoice")


@pytest.fixture
def documents_of(engine) -> Callable[[str], list[RowMapping]]:
    def documents_of(business_id: str) -> list[RowMapping]:
        statement = (
            select(DocumentRow.__table__)
            .where(DocumentRow.business_id == business_id)
            .order_by(DocumentRow.number)
        )
        with engine.connect() as connection:
            return list(connection.execute(statement).mappings())

    return documents_of


def test_every_real_facturae_arrives_with_its_total_its_due_amount_and_its_file(
    make_desk, documents_of, engine, data_folder
):
    for position, path in enumerate(sorted((data_folder / "facturae").rglob("*.xml"))):
        desk = make_desk(f"f{position}")

        result = only(import_files(desk, [path]))

        assert result.outcome is ImportOutcome.ARRIVED, result.line
        row = only(documents_of(desk.business_id))
        totals = read_body(row["body"]).totals
        assert (row["total"], row["payable"]) == (totals.gross, totals.payable)
        assert row["kind"] == ("credit_note" if totals.gross < 0 else "invoice")
        sources = select(AttachmentRow.sha256).where(
            AttachmentRow.business_id == desk.business_id, AttachmentRow.role == "source"
        )
        with engine.connect() as connection:
            source = connection.execute(sources).scalar_one()
        stored = desk.storage.get_sync(storage_key(desk.business_id, source))
        assert stored == path.read_bytes()


def test_a_batch_arrives_as_one_document_for_each_invoice(
    make_desk, documents_of, tmp_path, engine
):
    batch = facturae_xml(*(invoice_xml(number=f"F-{number}") for number in range(1, 4)))
    (tmp_path / "batch.xml").write_text(batch, "utf-8")
    desk = make_desk("mill")

    results = list(import_files(desk, [tmp_path / "batch.xml"]))
    again = list(import_files(desk, [tmp_path / "batch.xml"]))

    assert [each.outcome for each in results] == [ImportOutcome.ARRIVED] * 3
    assert [each.outcome for each in again] == [ImportOutcome.UNCHANGED] * 3
    rows = documents_of(desk.business_id)
    assert [row["number"] for row in rows] == ["F-1", "F-2", "F-3"]
    assert len({row["contact_id"] for row in rows}) == 1


def test_a_batch_with_one_broken_invoice_is_refused_as_a_whole(make_desk, documents_of, tmp_path):
    batch = facturae_xml(invoice_xml(number="F-1"), invoice_xml(number="F-2", total="12,1"))
    (tmp_path / "batch.xml").write_text(batch, "utf-8")
    desk = make_desk("mill")

    result = only(import_files(desk, [tmp_path / "batch.xml"]))

    assert result.line.error == "its InvoiceTotal '12,1' is no number"
    assert documents_of(desk.business_id) == []


def exportable(data_folder: Path) -> list[tuple[Path, bytes]]:
    """Return the real invoices of other syntaxes that Facturae can express, and how it does."""
    found = []
    for path in sorted((data_folder / "gobl-ubl").rglob("*.xml")):
        importers = (UblImporter(32), CiiImporter(32))
        document = only(read_documents(path.read_bytes(), path.name, importers))
        if document.body.kind == "proforma":
            continue
        try:
            found.append((path, write(document.body)))
        except ExportRefusedError:
            continue
    return found


def test_a_facturae_of_a_document_that_is_here_is_a_further_source_of_it(
    make_desk, documents_of, data_folder, tmp_path
):
    pairs = exportable(data_folder)

    for position, (path, content) in enumerate(pairs):
        (tmp_path / "facturae.xml").write_bytes(content)
        for order in ((path, tmp_path / "facturae.xml"), (tmp_path / "facturae.xml", path)):
            desk = make_desk(f"{'u' if order[0] is path else 'f'}{position}")

            outcomes = [each.outcome for each in import_files(desk, order)]

            assert outcomes == [ImportOutcome.ARRIVED, ImportOutcome.SOURCE_ADDED], path
            assert len(documents_of(desk.business_id)) == 1
    assert len(pairs) >= 5


def test_a_spanish_customer_is_one_contact_with_and_without_the_country(
    make_desk, documents_of, make_invoice, tmp_path
):
    buyer = "<cac:PartyTaxScheme><cbc:CompanyID>ESB87012365</cbc:CompanyID><cac:TaxScheme>"
    ubl = make_invoice(number="U-1").replace(
        "</cac:PartyName></cac:Party></cac:AccountingCustomerParty>",
        f"</cac:PartyName>{buyer}<cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
        "</cac:Party></cac:AccountingCustomerParty>",
    )
    (tmp_path / "1.xml").write_text(ubl, "utf-8")
    (tmp_path / "2.xml").write_text(facturae_xml(invoice_xml(number="F-1")), "utf-8")
    desk = make_desk("mill")

    results = list(import_files(desk, [f"{tmp_path}/*.xml"]))

    assert [each.outcome for each in results] == [ImportOutcome.ARRIVED] * 2
    assert len({row["contact_id"] for row in documents_of(desk.business_id)}) == 1
