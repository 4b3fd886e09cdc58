"""Files into the portal: whose they are, what arrives, what is refused, and nothing in between."""

import msgspec
import pytest
from sqlalchemy import func, select

from portalkit.access.models import Contact, ContactIdentifier, Membership, Person
from portalkit.audit import Event
from portalkit.documents.models import AttachmentRow, DocumentRow, DocumentVersion
from portalkit.errors import NotFoundError
from portalkit.exchange import ImportOutcome, import_files
from portalkit.model import Identifier
from portalkit.storage import content_key

TABLES = (Contact, ContactIdentifier, DocumentRow, DocumentVersion, AttachmentRow, Event)


def counts(engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.__tablename__: connection.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
            for table in TABLES
        }


def contact_of(engine, result) -> tuple:
    columns = (Contact.id, Contact.name, Contact.email, Contact.tax_id)
    with engine.connect() as connection:
        return tuple(
            connection.execute(select(*columns).where(Contact.id == result.contact_id)).one()
        )


def outcomes(results) -> list[str]:
    return [result.outcome.value for result in results]


def change(desk, **changes):
    return msgspec.structs.replace(desk, **changes)


def test_a_document_arrives_with_its_file_and_figures(desk, engine, write, made):
    path = write("1.json", made.trade())

    (result,) = import_files(desk, [path])

    assert result.outcome is ImportOutcome.ARRIVED
    assert msgspec.to_builtins(result.line) == {
        "path": str(path),
        "ok": True,
        "kind": "invoice",
        "number": "F-1",
        "date": "2026-11-10",
        "currency": "EUR",
        "lines": 1,
        "net": None,
        "tax": None,
        "gross": "22.00",
        "payable": None,
        "error": None,
    }
    with engine.connect() as connection:
        row = connection.execute(select(AttachmentRow.role, AttachmentRow.sha256)).one()
    assert row.role == "source"
    assert desk.storage.get_sync(f"{desk.business_id}/{row.sha256}") == path.read_bytes()


def test_importing_again_changes_nothing(desk, engine, write, made):
    path = write("1.json", made.trade())
    list(import_files(desk, [path]))
    before = counts(engine)

    again = list(import_files(desk, [path, path]))

    assert outcomes(again) == ["unchanged", "unchanged"]
    assert counts(engine) == before


def test_the_same_figures_in_another_file_are_a_further_source_also_when_it_comes_again(
    desk, engine, write, made
):
    write("1.json", made.trade())
    write("2.json", made.trade(title="The same, said otherwise"))

    first = outcomes(import_files(desk, [write("1.json", made.trade()).parent]))
    again = outcomes(import_files(desk, [write("1.json", made.trade()).parent]))

    assert first == ["arrived", "source_added"]
    assert again == ["unchanged", "unchanged"]
    assert counts(engine)["portalkit_attachment"] == 2


def test_other_figures_are_refused_and_leave_the_document_alone(desk, engine, write, made):
    list(import_files(desk, [write("1.json", made.trade())]))
    before = counts(engine)

    (result,) = import_files(desk, [write("2.json", made.trade(currency="USD"))])

    assert result.line.ok is False
    assert result.line.number == "F-1"
    assert "already stored with other figures" in result.line.error
    assert counts(engine) == before


def test_one_bad_file_stops_no_other(desk, write, made, caplog):
    write("1.json", made.trade("F-1"))
    write("2.json", b"[nonsense")
    write("3.json", b"BROKEN")
    write("4.json", b"%PDF-1.7")
    write("5.json", b"[]")
    write("6.json", made.trade("F-\x01"))
    write("7.json", made.trade("F-7", kind="riddle"))
    path = write("8.json", made.trade("F-8"))

    results = list(import_files(desk, [path.parent, path.parent / "9.json"]))

    assert outcomes(results) == ["arrived", *["refused"] * 6, "arrived", "refused"]
    errors = [result.line.error for result in results if result.line.error]
    assert all(error.isprintable() for error in errors)
    assert errors[1:3] == [
        "the importer json failed (ZeroDivisionError)",
        "it is a PDF, which is not imported",
    ]
    assert errors[3] == "there is no document in it"
    assert errors[-1] == "there is no such file"
    assert "ZeroDivisionError" in caplog.text


def test_a_refused_document_leaves_no_contact_behind(desk, engine, write, made):
    stranger = made.buyer("Nobody", "ESB00000099")
    path = write("1.json", made.trade("F-1", buyer=stranger, kind="riddle"))
    other = write("2.json", made.trade("F-\x01", buyer=stranger))

    assert outcomes(import_files(desk, [path, other])) == ["refused", "refused"]
    assert counts(engine)["portalkit_contact"] == 0
    assert counts(engine)["portalkit_contact_identifier"] == 0
    assert counts(engine)["portalkit_event"] == 0


def test_a_contact_is_made_once_and_nobody_may_sign_in_for_it(desk, engine, write, made):
    buyer = made.buyer("Tienda Sol", "ES-B00 000 002", contact=made.contact("Sol@Sol.example"))
    files = [write(f"{n}.json", made.trade(f"F-{n}", buyer=buyer)) for n in range(3)]

    results = list(import_files(desk, files))

    assert outcomes(results) == ["arrived"] * 3
    assert len({result.contact_id for result in results}) == 1
    _, *contact = contact_of(engine, results[0])
    assert contact == ["Tienda Sol", "sol@sol.example", "ES-B00 000 002"]
    with engine.connect() as connection:
        assert connection.execute(select(Membership)).all() == []
        assert connection.execute(select(Person)).all() == []
        names = connection.execute(select(Event.name, Event.actor_kind)).all()
    assert ("contact.imported", "system") in names


@pytest.mark.parametrize(
    "changes",
    [
        {"tax_ids": (Identifier("es b00000002", "vat"),)},
        {"tax_ids": (Identifier("ESB00000002"),)},
        {"ids": (Identifier("84 1234 5000009", "0088"),)},
        {"ids": (Identifier("K-77"),)},
        {"ids": (Identifier("k77", "customer_number"),)},
        {"registration": Identifier("HRB 1", "0204")},
        {"endpoint": Identifier("9920:b2", "9920")},
    ],
)
def test_a_contact_is_found_by_scheme_and_number(desk, write, made, add_contact, changes):
    contact_id = add_contact(
        "Known",
        Identifier("ESB00000002", "VAT"),
        Identifier("8412345000009", "0088"),
        Identifier("K77", "customer_number"),
        Identifier("HRB1", "0204"),
        Identifier("9920B2", "9920"),
    )
    buyer = msgspec.structs.replace(made.buyer("Another name"), **changes)

    (result,) = import_files(desk, [write("1.json", made.trade(buyer=buyer))])

    assert result.contact_id == contact_id


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tax_ids": (Identifier("ESB00000003", "VAT"),)},
        {"ids": (Identifier("ESB00000002", "0088"),)},
        {"registration": Identifier("ESB00000002")},
        {"endpoint": Identifier("sol@sol.example", "EM")},
    ],
)
def test_a_name_an_address_or_another_scheme_find_nobody(desk, write, made, add_contact, changes):
    contact_id = add_contact(
        "Tienda Sol", Identifier("ESB00000002", "VAT"), email="sol@sol.example"
    )
    buyer = made.buyer("Tienda Sol", contact=made.contact("sol@sol.example"))
    buyer = msgspec.structs.replace(buyer, **changes)

    (result,) = import_files(desk, [write("1.json", made.trade(buyer=buyer))])

    assert result.contact_id not in {None, contact_id}


def test_contacts_of_another_business_are_never_found(desk, engine, write, made, add_contact):
    other = made.business(engine, "other")
    stranger = add_contact(
        "Theirs",
        Identifier("ESB00000002", "VAT"),
        business_id=other,
        email="sol@sol.example",
        external_id="K-1",
    )

    (result,) = import_files(change(desk, match_email=True), [write("1.json", made.trade())])

    assert result.contact_id != stranger
    with pytest.raises(NotFoundError):
        list(import_files(change(desk, contact="K-1"), []))
    with pytest.raises(NotFoundError):
        list(import_files(change(desk, contact=stranger), []))


def test_an_e_mail_address_finds_a_contact_only_when_asked_to(desk, write, made, add_contact):
    contact_id = add_contact(email="sol@sol.example")
    buyer = made.buyer("Sol", "ESB00000055", contact=made.contact(" SOL@sol.example"))
    path = write("1.json", made.trade(buyer=buyer))

    (result,) = import_files(change(desk, match_email=True), [path])

    assert result.contact_id == contact_id


def test_an_e_mail_address_of_several_contacts_is_refused(desk, write, made, add_contact):
    add_contact("One", email="sol@sol.example")
    add_contact("Two", email="sol@sol.example")
    buyer = made.buyer("Sol", contact=made.contact("sol@sol.example"))

    (result,) = import_files(
        change(desk, match_email=True), [write("1.json", made.trade(buyer=buyer))]
    )

    assert result.line.error == (
        "the e-mail address of 'Sol' belong to several contacts: say which (--contact)"
    )


def test_identifiers_of_several_contacts_are_refused(desk, write, made, add_contact):
    add_contact("One", Identifier("ESB00000002", "VAT"))
    add_contact("Two", Identifier("8412345000009", "0088"))
    buyer = made.buyer("Both", "ESB00000002", ids=(Identifier("8412345000009", "0088"),))

    (result,) = import_files(desk, [write("1.json", made.trade(buyer=buyer))])

    assert result.line.error == (
        "the identifiers of 'Both' belong to several contacts: say which (--contact)"
    )


@pytest.mark.parametrize("by", ["id", "external_id"])
def test_a_named_contact_gets_everything(desk, write, made, add_contact, by):
    contact_id = add_contact("Named", external_id="C-9")
    named = contact_id if by == "id" else "C-9"
    files = [
        write("1.json", made.trade("F-1")),
        write("2.json", made.trade("F-2", buyer=made.buyer("X", "ESB00000099"))),
    ]

    results = list(import_files(change(desk, contact=named), files))

    assert [result.contact_id for result in results] == [contact_id, contact_id]


def test_the_contact_is_the_seller_where_the_business_is_the_buyer(desk, engine, write, made):
    document = made.trade(
        seller=made.seller("Supplier", "ESB00000044"), buyer=made.buyer("Mill", "B00000001")
    )

    (result,) = import_files(desk, [write("1.json", document)])

    assert contact_of(engine, result)[1] == "Supplier"


def test_the_contact_is_the_buyer_where_nobody_bears_the_number_of_the_business(
    desk, engine, write, made
):
    document = made.trade(seller=made.seller("Somebody", "ESB00000044"))

    (result,) = import_files(desk, [write("1.json", document)])

    assert contact_of(engine, result)[1] == "Tienda Sol"


def test_a_document_without_a_buyer_is_refused(desk, write, made):
    document = made.trade()
    body = msgspec.structs.replace(document.body, parties=document.body.parties[:1])
    document = msgspec.structs.replace(document, body=body)

    (result,) = import_files(desk, [write("1.json", document)])

    assert result.line.error == "it names no buyer: say whose it is (--contact)"
    assert result.line.number == "F-1"


def test_a_party_without_identifiers_is_no_contact_twice_for_one_document(
    desk, engine, write, made
):
    buyer = made.buyer("Nameless")
    files = [
        write("1.json", made.trade("F-1", buyer=buyer)),
        write("2.json", made.trade("F-1", buyer=buyer), blanks=1),
        write("3.json", made.trade("F-3", buyer=buyer)),
    ]

    first = outcomes(import_files(desk, files))
    again = outcomes(import_files(desk, files))

    assert first == ["arrived", "source_added", "arrived"]
    assert again == ["unchanged"] * 3
    assert counts(engine)["portalkit_contact"] == 2


def test_a_document_that_is_here_stays_with_its_contact(desk, write, made, add_contact):
    contact_id = add_contact("Named")
    path = write("1.json", made.trade())
    list(import_files(change(desk, contact=contact_id), [path]))

    (again,) = import_files(desk, [path])

    assert (again.outcome, again.contact_id) == (ImportOutcome.UNCHANGED, contact_id)


def test_a_document_of_one_contact_is_not_given_to_another(desk, write, made, add_contact):
    path = write("1.json", made.trade())
    list(import_files(desk, [path]))

    (result,) = import_files(change(desk, contact=add_contact("Other")), [path])

    assert result.line.error == "document 'F-1' is already here for another contact"


def test_a_dry_run_says_the_same_and_stores_nothing(desk, engine, write, made, tmp_path):
    files = [
        write("1.json", made.trade("F-1")),
        write("2.json", made.trade("F-1", currency="USD")),
        write("3.json", b"%PDF-"),
    ]
    before = counts(engine)

    results = list(import_files(change(desk, is_dry_run=True), files))

    assert outcomes(results) == ["arrived", "refused", "refused"]
    assert results[0].document_id is None
    assert results[0].events == ()
    assert counts(engine) == before
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_several_documents_of_a_file_are_told_one_by_one(desk, engine, write, made):
    path = write("1.json", made.trade("F-1"), made.trade("F-2", kind="riddle"), made.trade("F-3"))

    results = list(import_files(desk, [path]))

    assert [(each.line.number, each.outcome.value) for each in results] == [
        ("F-1", "arrived"),
        ("F-2", "refused"),
        ("F-3", "arrived"),
    ]
    assert counts(engine)["portalkit_attachment"] == 2


def test_many_files_come_in_batches_in_their_order(desk, write, made):
    for number in range(120):
        path = write(f"{number:03d}.json", made.trade(f"F-{number}"))

    results = import_files(desk, [path.parent])

    first = next(results)
    assert first.line.number == "F-0"
    with desk.engine.connect() as connection:
        stored = connection.execute(select(func.count()).select_from(DocumentRow)).scalar_one()
    assert stored == 50
    assert [each.line.number for each in results] == [f"F-{n}" for n in range(1, 120)]


def test_a_batch_that_cannot_be_written_is_tried_one_by_one(desk, engine, write, made, tmp_path):
    good = write("1.json", made.trade("F-1"))
    bad = write("2.json", made.trade("F-2"))
    # Where the second file's bytes would go there is a folder, so that they cannot be written.
    key = content_key(desk.business_id, bad.read_bytes())
    (tmp_path / "files" / key).mkdir(parents=True)

    results = list(import_files(desk, [good, bad]))

    assert outcomes(results) == ["arrived", "refused"]
    assert results[1].line.error.startswith("it cannot be stored: ")
    assert counts(engine)["portalkit_document"] == 1
    assert counts(engine)["portalkit_contact"] == 1


def test_events_are_told_after_the_commit(desk, write, made):
    (result,) = import_files(desk, [write("1.json", made.trade())])

    (event,) = result.events
    assert (event.document_id, event.contact_id) == (result.document_id, result.contact_id)


def test_a_business_that_does_not_exist_is_said_before_anything_is_read(desk):
    with pytest.raises(NotFoundError, match="no business"):
        next(import_files(change(desk, business_id="nobody"), ["missing"]))
