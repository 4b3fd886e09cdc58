"""Publishing: once or many times, in any order, by hosts that make mistakes."""

from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import async_sessionmaker

from portalkit.access.models import Contact
from portalkit.audit import Actor, Event, record_on
from portalkit.documents import PublishOutcome, publish_in
from portalkit.documents.models import AttachmentRow, DocumentRow, DocumentVersion, Payment
from portalkit.documents.sessions import EVENTS
from portalkit.documents.stored import TRANSITIONED
from portalkit.errors import ConflictError, DocumentConflictError, DocumentRefusedError
from portalkit.hooks.events import DocumentPublished, DocumentTransitioned
from portalkit.model import AttachmentRole, ContactRef, FileInput, Identifier, PaymentInput
from portalkit.storage import storage_key
from portalkit.testing.factories import NOW, make_body, make_line, make_publication

LATER = NOW + timedelta(hours=1)


def source(content=b"<Invoice/>", filename="invoice.xml"):
    return FileInput(
        role=AttachmentRole.SOURCE,
        filename=filename,
        media_type="application/xml",
        content=content,
    )


def payment(external_id="P-1", amount=2200, paid_on=date(2026, 11, 20)):
    return PaymentInput(external_id=external_id, amount=amount, paid_on=paid_on)


def dearer(number="F-1", **changes):
    return make_body(number=number, lines=(make_line(net_price=Decimal("11.00")),), **changes)


def answer(mill, document_id, status="accepted"):
    """Let a contact answer a document, as the portal writes it down."""
    with mill.writing() as connection:
        connection.execute(
            update(DocumentRow).where(DocumentRow.id == document_id).values(status=status)
        )
        return record_on(
            connection,
            business_id=mill.id,
            name=TRANSITIONED,
            actor=Actor(kind="person", name="Ana"),
            at=NOW,
            document_id=document_id,
            data={"source": "pending", "target": status, "transition": "accept"},
        )


def test_a_document_is_stored_with_all_that_lists_need(mill):
    result = mill.publish_one(
        make_publication(mill.sol, make_body(number="F-2026-9"), external_id="x-1")
    )

    row = mill.row(result.id)
    assert result.outcome is PublishOutcome.CREATED
    assert (row.kind, row.listing, row.status) == ("invoice", "invoice", "pending")
    assert (row.total, row.payable, row.amount_due) == (2200, 2200, 2200)
    assert (row.line_count, row.version, row.due_on) == (1, 1, date(2026, 12, 10))
    assert row.number_key == "f-000000002026-000000000009"


def test_publishing_the_same_again_writes_nothing(mill):
    publication = make_publication(
        mill.sol, external_id="x-1", files=(source(),), payments=(payment(),)
    )
    first = mill.publish_one(publication)
    before = mill.sizes(), mill.row(first.id)

    with mill.counting() as statements:
        second = mill.publish_one(publication, now=LATER)

    assert second.outcome is PublishOutcome.UNCHANGED
    assert second.id == first.id
    assert (mill.sizes(), mill.row(first.id)) == before
    assert all(statement.startswith("SELECT") for statement in statements), statements


def test_other_figures_are_a_conflict_unless_replaced(mill):
    first = mill.publish_one(make_publication(mill.sol))

    refused = mill.publish_one(make_publication(mill.sol, dearer()))
    replaced = mill.publish_one(make_publication(mill.sol, dearer(), replace=True), now=LATER)

    assert refused.outcome is PublishOutcome.CONFLICT
    assert isinstance(refused.error, DocumentConflictError)
    assert refused.error.document_id == first.id
    assert (replaced.outcome, replaced.version) == (PublishOutcome.UPDATED, 2)
    assert mill.row(first.id).total == 2420
    kept = mill.rows(select(DocumentVersion.version, DocumentVersion.body))
    assert [version for version, _ in kept] == [1]
    assert '"net_price":"10.00"' in kept[0][1]


def test_the_same_figures_in_another_syntax_are_a_further_source(mill):
    first = mill.publish_one(make_publication(mill.sol, files=(source(),)))
    body = make_body(notes=(), profile_id="urn:other", description="Same, by another program")

    again = mill.publish_one(make_publication(mill.sol, body, files=(source(b"<CII/>", "b.xml"),)))

    assert again.outcome is PublishOutcome.SOURCE_ADDED
    assert mill.row(first.id).version == 1
    assert mill.row(first.id).description == "Document F-1"
    assert len(mill.rows(select(AttachmentRow.id))) == 2


def test_other_words_with_the_same_figures_make_a_version(mill):
    first = mill.publish_one(make_publication(mill.sol))

    again = mill.publish_one(make_publication(mill.sol, make_body(description="Oil and soap")))

    assert (again.outcome, again.version) == (PublishOutcome.UPDATED, 2)
    assert mill.row(first.id).description_key == "oil and soap"


def test_a_hosts_key_means_one_document(mill):
    mill.publish_one(make_publication(mill.sol, external_id="x-1"))

    renamed = mill.publish_one(make_publication(mill.sol, external_id="x-2"))
    taken = mill.publish_one(make_publication(mill.sol, make_body(number="F-2"), external_id="x-1"))

    assert renamed.outcome is PublishOutcome.CONFLICT
    assert taken.outcome is PublishOutcome.CONFLICT


def test_a_document_takes_a_hosts_key_that_it_did_not_have(mill):
    first = mill.publish_one(make_publication(mill.sol))

    again = mill.publish_one(make_publication(mill.sol, external_id="x-1"))

    assert (again.id, again.outcome, again.version) == (first.id, PublishOutcome.UPDATED, 1)
    assert mill.row(first.id).external_id == "x-1"


def test_one_bad_document_of_a_batch_stops_no_other(mill):
    good, bad = make_body(number="F-1"), make_body(number="F-2", currency="euro")
    stranger = make_publication(mill.stranger, make_body(number="F-3"))

    results = mill.publish(
        make_publication(mill.sol, good),
        make_publication(mill.sol, bad),
        stranger,
        make_publication(mill.sol, make_body(number="F-4")),
    )

    assert [result.outcome.value for result in results] == [
        "created",
        "refused",
        "refused",
        "created",
    ]
    assert isinstance(results[1].error, DocumentRefusedError)
    assert results[1].error.field == "currency"
    assert results[2].error.field == "contact"
    assert len(mill.rows(select(DocumentRow.id))) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_id": ""}, "external_id"),
        ({"external_id": "a\nb"}, "external_id"),
        ({"status": "overdue"}, "status"),
        ({"status": "flying"}, "status"),
        ({"payments": (payment(amount=0),)}, "payments.0.amount"),
        ({"payments": (payment(external_id=""),)}, "payments.0.external_id"),
        ({"payments": (payment(paid_on=date(3000, 1, 1)),)}, "payments.0.paid_on"),
        ({"files": (source(filename="../x"),)}, "files.0.filename"),
        ({"body": make_body("unheard_of")}, "kind"),
        ({"body": make_body("quote"), "payments": (payment(),)}, "payments"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_stored_is_refused_with_its_place(mill, changes, field):
    result = mill.publish_one(make_publication(mill.sol, **changes))

    assert result.outcome is PublishOutcome.REFUSED
    assert result.error.field == field
    assert mill.sizes()["portalkit_document"] == 0


def test_the_same_document_twice_in_one_call_is_stored_once(mill):
    publication = make_publication(mill.sol)

    first, second = mill.publish(publication, publication)

    assert (first.outcome, second.outcome) == (PublishOutcome.CREATED, PublishOutcome.UNCHANGED)
    assert second.id == first.id


def test_a_contact_is_found_by_key_and_by_identifier(mill):
    by_key = ContactRef(external_id="C-2")
    by_number = ContactRef(identifiers=(Identifier("ES-B12345674", "VAT"),))

    results = mill.publish(
        msgspec.structs.replace(make_publication("", make_body(number="1")), contact=by_key),
        msgspec.structs.replace(make_publication("", make_body(number="2")), contact=by_number),
    )

    assert [mill.row(result.id).contact_id for result in results] == [mill.luna, mill.sol]


def test_a_contact_that_is_not_meant_clearly_is_refused(mill):
    with mill.writing() as connection:
        connection.execute(update(Contact).values(email="oficina@example.com"))
    by_email = ContactRef(email="Oficina@example.com")
    nobody = ContactRef()
    forged = ContactRef(id=mill.stranger, external_id="C-1")

    results = mill.publish(
        *(
            msgspec.structs.replace(
                make_publication("", make_body(number=str(number))), contact=ref
            )
            for number, ref in enumerate((by_email, nobody, forged))
        )
    )

    assert [str(result.error) for result in results] == [
        "contact: several contacts are meant",
        "contact: no contact of the business is meant",
        "contact: no contact of the business is meant",
    ]


def test_a_status_is_kept_if_the_host_does_not_know_the_answer(mill):
    quote = make_publication(mill.sol, make_body("quote"))
    document = mill.publish_one(quote)
    event_id = answer(mill, document.id)
    late = msgspec.structs.replace(quote, status="rejected")

    kept = mill.publish_one(late)
    known = mill.publish_one(msgspec.structs.replace(late, known_event=event_id))

    assert kept.outcome is PublishOutcome.STATUS_KEPT
    assert kept.message == "status kept: accepted by contact"
    assert known.outcome is PublishOutcome.UPDATED
    assert mill.row(document.id).status == "rejected"


def test_a_new_body_of_an_answered_quote_must_be_reopened(mill):
    document = mill.publish_one(make_publication(mill.sol, make_body("quote")))
    answer(mill, document.id)
    new = make_publication(mill.sol, dearer(kind="quote"), replace=True)

    refused = mill.publish_one(new)
    reopened = mill.publish_one(msgspec.structs.replace(new, reopen=True))

    assert isinstance(refused.error, ConflictError)
    assert (reopened.outcome, reopened.version) == (PublishOutcome.UPDATED, 2)
    assert mill.row(document.id).status == "pending"


def test_a_draft_changes_freely_and_stands_in_no_listing(mill):
    draft = mill.publish_one(make_publication(mill.sol, status="draft"))
    listed_as_draft = mill.row(draft.id).listing

    changed = mill.publish_one(make_publication(mill.sol, dearer()))
    issued = mill.publish_one(make_publication(mill.sol, dearer(), status="pending"))

    assert listed_as_draft == "draft"
    assert changed.outcome is PublishOutcome.UPDATED
    assert issued.outcome is PublishOutcome.UPDATED
    assert (mill.row(draft.id).listing, mill.row(draft.id).status) == ("invoice", "pending")


def test_a_document_does_not_move_to_another_contact_by_accident(mill):
    first = mill.publish_one(make_publication(mill.sol))

    refused = mill.publish_one(make_publication(mill.luna))
    moved = mill.publish_one(make_publication(mill.luna, replace=True))

    assert refused.outcome is PublishOutcome.CONFLICT
    assert moved.outcome is PublishOutcome.UPDATED
    assert mill.row(first.id).contact_id == mill.luna


def test_files_lie_in_the_store_once_each(mill):
    files = (source(), source(filename="copy.xml"), source(b"<Other/>", "other.xml"))

    result = mill.publish_one(make_publication(mill.sol, files=files))

    stored = mill.rows(select(AttachmentRow.filename, AttachmentRow.sha256))
    assert [name for name, _ in stored] == ["invoice.xml", "other.xml"]
    assert {mill.storage.get_sync(storage_key(mill.id, sha)) for _, sha in stored} == {
        b"<Invoice/>",
        b"<Other/>",
    }
    assert result.outcome is PublishOutcome.CREATED


def test_a_payment_of_another_contact_is_refused(mill):
    mill.publish_one(make_publication(mill.sol, payments=(payment(),)))

    result = mill.publish_one(
        make_publication(mill.luna, make_body(number="F-2"), payments=(payment(),))
    )

    assert result.outcome is PublishOutcome.REFUSED
    assert result.error.field == "payments.0.external_id"
    assert len(mill.rows(select(Payment.id))) == 1


def test_history_says_what_was_published_and_paid(mill):
    result = mill.publish_one(make_publication(mill.sol, payments=(payment(amount=200),)))
    mill.publish_one(make_publication(mill.sol, payments=(payment("P-2", 2000),)))

    names = mill.rows(select(Event.name, Event.data).order_by(Event.id))

    assert [name for name, _ in names].count("payment.received") == 2
    assert names[0][0] == "document.published"
    assert names[-1] == (TRANSITIONED, {"source": "partial", "target": "paid"})
    assert mill.row(result.id).status == "paid"


def test_work_does_not_grow_with_the_documents_of_a_batch(mill):
    def batch(first, count):
        return [
            make_publication(
                mill.sol,
                make_body(number=f"F-{number}"),
                external_id=f"x-{number}",
                payments=(payment(f"P-{number}"),),
            )
            for number in range(first, first + count)
        ]

    mill.publish(*batch(0, 2))
    with mill.counting() as few:
        mill.publish(*batch(100, 30))
    with mill.counting() as many:
        mill.publish(*batch(1_000, 400))

    assert len(many) == len(few)
    assert len(many) <= 20


@pytest.mark.parametrize("is_kept", [True, False])
async def test_events_wait_for_the_commit_of_a_hosts_session(mill, engine, is_kept):
    async with async_sessionmaker(engine, expire_on_commit=False)() as session:
        await publish_in(
            session,
            mill.id,
            [make_publication(mill.sol, make_body(number=f"F-{n}")) for n in range(25)],
            kinds=mill.kinds,
            storage=mill.storage,
            now=NOW,
        )
        await (session.commit() if is_kept else session.rollback())

        waiting = session.info.get(EVENTS, [])

    assert len(waiting) == (25 if is_kept else 0)
    assert all(isinstance(event, DocumentPublished) for event in waiting)
    assert mill.sizes()["portalkit_document"] == (25 if is_kept else 0)


def test_results_carry_what_happened(mill):
    publication = make_publication(mill.sol, make_body("delivery_note"))
    mill.publish_one(publication)

    (event,) = mill.publish_one(msgspec.structs.replace(publication, status="shipped")).events

    assert isinstance(event, DocumentTransitioned)
    assert (event.source, event.target) == ("pending", "shipped")
