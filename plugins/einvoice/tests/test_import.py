"""Real documents through the whole import into both databases, and back out of them."""

import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, RowMapping, func, select

from portalkit.access.models import Contact
from portalkit.context import PortalContext, SessionKind
from portalkit.db import create_engine_for, session_makers
from portalkit.documents.belongings import list_linked
from portalkit.documents.canonical import read_body
from portalkit.documents.models import AttachmentRow, DocumentRow, DocumentVersion, ReferenceRow
from portalkit.exchange import ImportOutcome, import_files
from portalkit.model import new_id
from portalkit.storage import storage_key
from portalkit.testing.factories import NOW


@pytest.fixture
def portal_plugins() -> tuple[str, ...]:
    return ("sales", "purchases", "einvoice")


@pytest.fixture
def import_alone(make_desk, engine, data_folder) -> Callable[[str], tuple[RowMapping, list[bytes]]]:
    """Import a real file for a business of its own; return its row and its stored sources."""

    def import_alone(name: str) -> tuple[RowMapping, list[bytes]]:
        desk = make_desk(new_id())
        (result,) = import_files(desk, [data_folder / name])
        assert result.line.error is None, result.line
        statement = select(DocumentRow.__table__).where(DocumentRow.business_id == desk.business_id)
        sources = select(AttachmentRow.sha256).where(
            AttachmentRow.business_id == desk.business_id, AttachmentRow.role == "source"
        )
        with engine.connect() as connection:
            row = connection.execute(statement).mappings().one()
            keys = [storage_key(desk.business_id, each) for (each,) in connection.execute(sources)]
        return row, [desk.storage.get_sync(key) for key in keys]

    return import_alone


def test_every_real_document_comes_back_from_the_database_as_it_is_stated(
    import_alone, real_files, real_pdfs, stated_fields, capsys
):
    documents, fields, differences = 0, 0, []

    for row, content in chain(real_files, real_pdfs):
        stored, sources = import_alone(row["path"])
        documents += 1
        body = read_body(stored["body"])
        pairs = stated_fields(row, body) | {"source": (True, content in sources)}
        if row["gross"]:
            gross = body.totals.gross
            pairs["total"] = (-gross if body.kind == "credit_note" else gross, stored["total"])
        fields += len(pairs)
        differences += [(row["path"], *pair) for pair in pairs.items() if pair[1][0] != pair[1][1]]

    with capsys.disabled():
        sys.stdout.write(
            f"\ndocuments {documents} / fields {fields} / differences {len(differences)}\n"
        )
    assert differences == []


def test_a_trade_is_linked_from_quote_to_credit_note(make_desk, engine, data_folder):
    desk = make_desk("trade")

    results = list(import_files(desk, [data_folder / "ubl-oasis-chain"]))

    arrived = [each for each in results if each.outcome is ImportOutcome.ARRIVED]
    assert len(arrived) == 6
    assert len({each.contact_id for each in arrived}) == 1
    links = (
        select(DocumentRow.kind, ReferenceRow.relation)
        .join(ReferenceRow, ReferenceRow.source_id == DocumentRow.id)
        .where(ReferenceRow.target_id.is_not(None))
    )
    with engine.connect() as connection:
        assert {tuple(row) for row in connection.execute(links)} == {
            ("sales_order", "confirmation_of_order"),
            ("delivery_note", "delivery_of_order"),
            ("invoice", "invoice_of_order"),
            ("credit_note", "credits"),
        }


async def test_a_trade_shows_as_one_chain_from_each_of_its_documents(
    make_desk, portal_config, data_folder
):
    desk = make_desk("trade")
    # The quote is mentioned by nobody; the order names none.
    names = ("Order", "OrderResponseSimple", "DespatchAdvice", "Invoice", "CreditNote")
    paths = [data_folder / "ubl-oasis-chain" / f"UBL-{name}-2.0-Example.xml" for name in names]
    arrived = {each.line.kind: each for each in reversed(list(import_files(desk, paths)))}
    documents = {each.document_id: kind for kind, each in arrived.items()}
    engine = create_engine_for(portal_config.database_url)
    maker, _ = session_makers(engine)

    async with maker() as session:
        for document_id, kind in documents.items():
            context = PortalContext(
                business_id=desk.business_id,
                contact_id=arrived[kind].contact_id,
                person_id=new_id(),
                kind=SessionKind.PERSON,
                name="Ana",
                contact_name="IYT",
                role="owner",
                locale="es",
                zone="Europe/Madrid",
                currency="EUR",
                now=NOW,
                permissions=frozenset({"sales.view", "purchases.view"}),
                active_plugins=frozenset({"sales", "purchases"}),
            )
            linked = await list_linked(session, context, document_id)

            assert {each.kind for each in linked if each.id} == set(documents.values()) - {kind}

    await engine.dispose()


def test_importing_all_real_documents_again_changes_nothing(make_desk, engine, data_folder):
    desk = make_desk("again")
    folders = [data_folder / name for name in ("xrechnung", "ubl-oioubl", "ubl-italy")]
    list(import_files(desk, folders))
    before = count_all(engine)

    again = list(import_files(desk, folders))

    kinds = {each.outcome for each in again if each.line.number is not None}
    assert kinds == {ImportOutcome.UNCHANGED}
    assert count_all(engine) == before


def count_all(engine: Engine) -> dict[str, int]:
    tables = (Contact, DocumentRow, DocumentVersion, AttachmentRow, ReferenceRow)
    with engine.connect() as connection:
        return {
            table.__tablename__: connection.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
            for table in tables
        }


HOSTILE = {
    "bomb.xml": b"PK\x03\x04" + bytes(1_000),
    "cut.xml": b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>",
    "empty.xml": b"",
    "laughs.xml": b"<!DOCTYPE Invoice [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>"
    b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>&b;</Invoice>",
    "nul.xml": b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>\0",
    "other.xml": b"<Invoice xmlns='urn:example'/>",
    "statement.xml": b"<s:Statement"
    b" xmlns:s='urn:oasis:names:specification:ubl:schema:xsd:Statement-2'/>",
    "text.xml": b"Dear Sir or Madam",
}


def test_hostile_files_are_one_line_each_and_the_good_one_arrives(
    make_desk, engine, make_invoice, tmp_path
):
    for name, content in HOSTILE.items():
        (tmp_path / name).write_bytes(content)
    with (tmp_path / "large.xml").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    (tmp_path / "zz.xml").write_text(make_invoice(), "utf-8")

    results = list(import_files(make_desk("mill"), [f"{tmp_path}/*.xml"]))

    errors = {Path(each.line.path).name: each.line.error for each in results}
    assert errors == {
        "bomb.xml": "it is a ZIP archive (unpack it first), which is not imported",
        "cut.xml": errors["cut.xml"],
        "empty.xml": "it is empty",
        "large.xml": "it is larger than 32 MiB",
        "laughs.xml": "it has a document type declaration (DTD), which is not accepted",
        "nul.xml": errors["nul.xml"],
        "other.xml": "it is XML with the root Invoice, which is not imported",
        "statement.xml": errors["statement.xml"],
        "text.xml": "it is no XML, which is not imported",
        "zz.xml": None,
    }
    assert errors["cut.xml"].startswith("it is not well-formed XML: Premature end of data")
    assert errors["nul.xml"].startswith("it is not well-formed XML: ")
    assert errors["statement.xml"].startswith("UBL Statement is not imported: only Invoice, ")
    assert count_all(engine)["portalkit_document"] == 1


def damaged(content: bytes, cuts: list[tuple[float, int, int]]) -> bytes:
    for place, size, byte in cuts:
        at = int(place * len(content))
        match size % 4:
            case 0:
                content = content[:at]
            case 1:
                content = content[:at] + bytes([byte]) + content[at + 1 :]
            case 2:
                content = content[:at] + content[at + size :]
            case _:
                content = content[: at + size] + content[at:]
    return content


@pytest.fixture
def real(real_files, real_pdfs, tmp_path) -> tuple[Path, list[bytes]]:
    """A path to write to, and what all real files hold."""
    return tmp_path / "damaged.xml", [content for _, content in chain(real_files, real_pdfs)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    which=st.integers(0, 1000),
    cuts=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 200), st.integers(0, 255)),
        max_size=3,
    ),
)
def test_a_damaged_file_is_stored_wholly_or_not_at_all(make_desk, engine, real, which, cuts):
    path, contents = real
    path.write_bytes(damaged(contents[which % len(contents)], cuts))
    before = count_all(engine)

    (result,) = import_files(make_desk(new_id()), [path])

    after = count_all(engine)
    if result.outcome is ImportOutcome.REFUSED:
        assert result.line.error
        assert "failed" not in result.line.error
        assert after == before
    else:
        assert result.outcome is ImportOutcome.ARRIVED
        assert after["portalkit_document"] == before["portalkit_document"] + 1
        assert after["portalkit_contact"] == before["portalkit_contact"] + 1
        with engine.connect() as connection:
            row = connection.execute(
                select(DocumentRow.body).where(DocumentRow.id == result.document_id)
            ).one()
        assert read_body(row.body).number == result.line.number
