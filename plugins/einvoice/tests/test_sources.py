"""One document in several syntaxes: the second file is kept as a further source of the first."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import select

from portalkit.documents.models import AttachmentRow, DocumentRow
from portalkit.exchange import ImportOutcome, import_files

PAIRS = (
    ("xrechnung/01.01a-INVOICE_ubl.xml", "xrechnung/01.01a-INVOICE_uncefact.xml"),
    ("xrechnung/01.03a-INVOICE_ubl.xml", "xrechnung/01.03a-INVOICE_uncefact.xml"),
    *(
        (f"zugferd/xml/{name}.ubl.xml", f"zugferd/xml/{name}.cii.xml", f"zugferd/pdf/{name}.pdf")
        for name in (
            "EN16931_Einfach",
            "EN16931_Gutschrift",
            "EN16931_Innergemeinschaftliche_Lieferungen",
            "EN16931_Rabatte",
            "EN16931_Rechnungskorrektur",
        )
    ),
)


@pytest.fixture
def portal_plugins() -> tuple[str, ...]:
    return ("sales", "purchases", "einvoice")


@pytest.fixture
def sources_of(engine) -> Callable[[str], list[str]]:
    """Return the names of the sources of the one document of a business."""

    def sources_of(business_id: str) -> list[str]:
        statement = (
            select(AttachmentRow.filename)
            .join(DocumentRow, DocumentRow.id == AttachmentRow.document_id)
            .where(DocumentRow.business_id == business_id, AttachmentRow.role == "source")
            .order_by(AttachmentRow.id)
        )
        with engine.connect() as connection:
            return list(connection.execute(statement).scalars())

    return sources_of


@pytest.fixture
def write_pair(make_invoice, make_cii, tmp_path) -> Callable[..., str]:
    """Write one invoice in UBL and in CII; return the pattern of both files."""

    def write(**values: str) -> str:
        (tmp_path / "1.xml").write_text(make_invoice(**values), "utf-8")
        (tmp_path / "2.xml").write_text(make_cii(**values), "utf-8")
        return f"{tmp_path}/*.xml"

    return write


@pytest.mark.parametrize("names", PAIRS, ids=lambda names: Path(names[0]).stem)
def test_the_same_invoice_in_another_syntax_is_a_further_source(
    make_desk, sources_of, data_folder, names
):
    for order in permutations(names):
        desk = make_desk(f"{'-'.join(map(str, map(names.index, order)))}")

        outcomes = [each.outcome for each in import_files(desk, [data_folder / n for n in order])]

        assert outcomes[0] is ImportOutcome.ARRIVED
        assert set(outcomes[1:]) <= {ImportOutcome.SOURCE_ADDED, ImportOutcome.UNCHANGED}
        sources = sources_of(desk.business_id)
        assert {Path(name).name for name in names} - set(sources) <= {
            # It is in the PDF byte by byte.
            Path(name).name
            for name in names
            if name.endswith(".cii.xml")
        }


FIGURES = [("EUR", "121.00"), ("JPY", "121000"), ("OMR", "1.295")]


@pytest.mark.parametrize("figures", FIGURES, ids=lambda figures: figures[0])
def test_our_own_pair_is_one_document_with_two_sources(make_desk, sources_of, write_pair, figures):
    currency, payable = figures
    files = write_pair(currency=currency, payable=payable)
    desk = make_desk("mill")

    results = list(import_files(desk, [files]))
    again = list(import_files(desk, [files]))

    assert [each.outcome for each in results] == [
        ImportOutcome.ARRIVED,
        ImportOutcome.SOURCE_ADDED,
    ]
    assert results[0].document_id == results[1].document_id
    assert sources_of(desk.business_id) == ["1.xml", "2.xml"]
    assert {each.outcome for each in again} == {ImportOutcome.UNCHANGED}


def test_other_figures_in_another_syntax_are_refused(
    make_desk, sources_of, make_invoice, make_cii, tmp_path
):
    (tmp_path / "1.xml").write_text(make_invoice(payable="121.00"), "utf-8")
    (tmp_path / "2.xml").write_text(make_cii(payable="121.01"), "utf-8")
    desk = make_desk("mill")

    outcomes = [each.outcome for each in import_files(desk, [f"{tmp_path}/*.xml"])]

    assert outcomes == [ImportOutcome.ARRIVED, ImportOutcome.REFUSED]
    assert sources_of(desk.business_id) == ["1.xml"]
