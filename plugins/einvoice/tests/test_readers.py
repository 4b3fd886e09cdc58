"""Roots of UBL that other plugins read."""

import pytest
from portalkit_einvoice.ubl import UblImporter

from portalkit.errors import ImportRefusedError
from portalkit.hooks.types import ImportedRecords


class Reader:
    def __init__(self, root="Statement"):
        self.root = root

    def read(self, root):
        self.seen = root
        return ImportedRecords(kind="statement", number=root.text("ID"), count=1, store=None)


def test_a_reader_gets_its_root_and_no_other(make_invoice):
    reader = Reader()
    importer = UblImporter(32, [reader])

    (records,) = importer.read(make_invoice(root="Statement").encode(), "statement.xml")
    (document,) = importer.read(make_invoice().encode(), "invoice.xml")

    assert (records.kind, records.number) == ("statement", "F-1")
    assert document.body.kind == "invoice"
    with pytest.raises(ImportRefusedError, match="Catalogue is not imported"):
        importer.read(make_invoice(root="Catalogue").encode(), "catalogue.xml")


def test_what_a_reader_takes_is_gone_from_the_rest(make_invoice):
    reader = Reader()
    UblImporter(32, [reader]).read(make_invoice(root="Statement").encode(), "statement.xml")

    rest = reader.seen.rest()

    assert "ID" not in rest
    assert rest["IssueDate"] == "2026-03-01"
    assert rest["LegalMonetaryTotal/PayableAmount@currencyID"] == "EUR"


@pytest.mark.parametrize("readers", [[Reader("Invoice")], [Reader(), Reader()]])
def test_a_root_has_one_reader(readers):
    with pytest.raises(ValueError, match="already has a reader"):
        UblImporter(32, readers)
