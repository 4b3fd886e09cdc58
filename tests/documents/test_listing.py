"""Lists: what is in them, in which order, page by page, the same on both databases."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import chain

import pytest
from portalkit_sales.kinds import CREDIT_NOTE, INVOICE, QUOTE
from sqlalchemy import event

from portalkit.context import SessionKind
from portalkit.documents.belongings import (
    get_attachment,
    list_attachments,
    list_history,
    list_linked,
)
from portalkit.documents.counts import aging_sums, read_counts
from portalkit.documents.cursors import Cursor, read_cursor, write_cursor
from portalkit.documents.filters import branches_of, count_branches
from portalkit.documents.keys import fold
from portalkit.documents.listing import SORTS, Listing, sort_types
from portalkit.documents.models import DocumentRow
from portalkit.documents.queries import (
    count_documents,
    find_neighbours,
    get_document,
    list_documents,
)
from portalkit.documents.search import parse_search
from portalkit.documents.visibility import UNRESTRICTED, Restrictions
from portalkit.errors import InputRefusedError, NotFoundError
from portalkit.hooks.types import Filter
from portalkit.model import (
    AttachmentRole,
    FileInput,
    PaymentInput,
    ReferenceStated,
    Relation,
)
from portalkit.testing.factories import NOW, make_body, make_line, make_publication

KINDS = ("invoice", "credit_note")
TODAY = date(2026, 11, 24)


def invoices(**changes):
    return Listing(name="invoice", kinds=KINDS, **changes)


def bodies():
    """Documents that tie with each other in every order, in several scripts."""
    words = ("Aceite", "aceite", "Ánfora 2", "anfora 10", "", "Zumo", "ñora", "Ωmega", "日本")
    for index in range(40):
        kind = "credit_note" if index % 7 == 3 else "invoice"
        yield make_body(
            kind,
            f"{'F' if index % 3 else 'f'}-{index % 13}/{index}",
            issued_on=date(2026, 10, 1) + timedelta(days=index % 5),
            due_on=None if index % 6 == 0 else TODAY + timedelta(days=index % 4 - 2),
            description=words[index % len(words)],
            lines=(make_line(net_price=Decimal(index % 4 + 1)),),
        )


def paid(body):
    return (
        PaymentInput(
            external_id=body.number, amount=body.totals.payable or 0, paid_on=date(2026, 11, 1)
        ),
    )


@pytest.fixture
def stock(mill):
    """Many documents of Sol, some paid, one a draft; and the same of others."""
    documents = list(bodies())
    mill.publish(
        *(
            make_publication(
                mill.sol,
                body,
                payments=paid(body) if body.kind == "invoice" and index % 4 == 1 else (),
            )
            for index, body in enumerate(documents)
        ),
        make_publication(mill.sol, make_body(number="DRAFT"), status="draft"),
        make_publication(mill.luna, make_body(number="LUNA")),
        make_publication(mill.sol, make_body("quote", "Q-1", valid_until=TODAY)),
    )
    return documents


async def walk(session, context, listing, size, *, start=None):
    """Return the numbers of all pages, from the first to the last."""
    numbers, cursor = [], start
    while True:
        page = await list_documents(session, context, listing, size=size, cursor=cursor)
        numbers.append([header.number for header in page.headers])
        if not page.has_more:
            return numbers, page
        cursor = Cursor("a", "x", page.keys[-1])


def expected(mill, sort, *, is_descending):
    row = DocumentRow.__table__.c
    keys = [row[name] for name in SORTS[sort]]
    shown = mill.rows(
        row.number.table.select()
        .with_only_columns(row.number, *keys)
        .where(row.contact_id == mill.sol, row.listing == "invoice")
    )
    shown.sort(
        key=lambda values: tuple(
            value.encode() if isinstance(value, str) else value for value in values[1:]
        ),
        reverse=is_descending,
    )
    return [values[0] for values in shown]


@pytest.mark.parametrize("is_descending", [True, False])
@pytest.mark.parametrize("sort", SORTS)
async def test_the_pages_of_a_list_are_the_whole_list_in_order(
    mill, stock, reading, sort, is_descending
):
    listing = invoices(sort=sort, is_descending=is_descending)
    context = mill.context()
    whole = expected(mill, sort, is_descending=is_descending)

    for size in (1, 7, 40):
        pages, last = await walk(reading, context, listing, size)
        assert list(chain.from_iterable(pages)) == whole
        back, cursor = [pages[-1]], Cursor("b", "x", last.keys[0])
        for _ in pages[1:]:
            page = await list_documents(reading, context, listing, size=size, cursor=cursor)
            back.insert(0, [header.number for header in page.headers])
            cursor = Cursor("b", "x", page.keys[0])
        assert back == pages
    jump = await list_documents(reading, context, listing, size=7, offset=14)
    assert [header.number for header in jump.headers] == whole[14:21]


def test_both_databases_order_alike(mill, stock):
    numbers = expected(mill, "description", is_descending=False)

    folded = mill.rows(
        DocumentRow.__table__.select()
        .with_only_columns(DocumentRow.description_key)
        .where(DocumentRow.contact_id == mill.sol, DocumentRow.listing == "invoice")
        .order_by(DocumentRow.description_key, DocumentRow.id)
    )

    keys = [key for (key,) in folded]
    assert keys == sorted(keys, key=str.encode)
    assert len(numbers) == 40


def shown_statuses(wanted, kinds=(INVOICE, CREDIT_NOTE)):
    return branches_of(Filter(name="", label="", statuses=frozenset(wanted)), kinds)


@pytest.mark.parametrize("sort", ["issued_on", "total", "number"])
@pytest.mark.parametrize(
    ("wanted", "test"),
    [
        ({"overdue"}, lambda row: row.status == "pending" and row.due_on and row.due_on < TODAY),
        (
            {"pending"},
            lambda row: row.status == "pending" and not (row.due_on and row.due_on < TODAY),
        ),
        ({"pending", "partial", "overdue"}, lambda row: row.status in {"pending", "partial"}),
        ({"paid"}, lambda row: row.status == "paid"),
        ({"open"}, lambda row: row.status == "open"),
        ({"cancelled"}, lambda row: False),
    ],
)
async def test_a_filter_shows_derived_statuses_and_counts_them(  # noqa: PLR0917  # by name
    mill, stock, reading, wanted, test, sort
):
    branches = shown_statuses(wanted)
    context = mill.context()
    whole = mill.rows(
        DocumentRow.__table__.select().where(
            DocumentRow.contact_id == mill.sol, DocumentRow.listing == "invoice"
        )
    )
    names = list(DocumentRow.__table__.c.keys())
    rows = [type("Row", (), dict(zip(names, values, strict=True))) for values in whole]
    numbers = {row.number for row in rows if test(row)}

    for count in (None, 1_000_000):
        listing = invoices(branches=branches, sort=sort)
        page = await list_documents(reading, context, listing, size=100, count=count)
        assert {header.number for header in page.headers} == numbers
    pages, _ = await walk(reading, context, invoices(branches=branches, sort=sort), 3)
    counts = await read_counts(reading, context, UNRESTRICTED, mill.kinds)
    assert list(chain.from_iterable(pages)) == [header.number for header in page.headers]
    shown = count_branches([each for each in counts if each.kind in KINDS], branches)
    assert sum(each.count for each in shown) == len(numbers)


async def test_a_filter_of_kinds_shows_those_kinds(mill, stock, reading):
    branches = branches_of(INVOICE.filters[3], (INVOICE, CREDIT_NOTE))

    page = await list_documents(reading, mill.context(), invoices(branches=branches), size=100)

    assert {header.kind for header in page.headers} == {"credit_note"}
    assert len(page.headers) == 6


async def test_days_narrow_a_list_and_its_count(mill, stock, reading):
    listing = invoices(first=date(2026, 10, 2), last=date(2026, 10, 3))

    count = await count_documents(reading, mill.context(), listing)
    page = await list_documents(reading, mill.context(), listing, size=100)

    assert count == len(page.headers) == 16
    assert {header.issued_on.day for header in page.headers} == {2, 3}


def holds(body, typed):
    """Say what a person would: the words occur, or the number begins so if they are short."""
    terms = fold(typed).split(" ")
    if max(map(len, terms)) < 3:
        return fold(body.number).startswith(fold(typed))
    text = fold(f"{body.number} {body.description} {body.lines[0].item.name}")
    return all(term in text for term in terms)


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("anf", True),
        ("ÁNFORA", True),
        ("olive oil", True),
        ("ora 2", True),
        ("oil zumo", True),
        ("日本 oil", True),
        ("f-1", True),
        ("f", True),
        ("F-1", True),
        ("F-12/25", True),
        ("LUNA", False),
        ("draft", False),
        ("100% sure", False),
        ("_il", False),
        ('"quote" -- \\', False),
        ("xyz", False),
        ("q-", False),
        ("9", False),
    ],
)
async def test_text_search_finds_own_documents_of_the_list(mill, stock, reading, typed, is_found):
    listing = invoices(search=parse_search(typed))
    context = mill.context()
    expected = {body.number for body in stock if holds(body, typed)}

    count = await count_documents(reading, context, listing)

    assert bool(expected) == is_found
    assert count == len(expected)
    for known in (count, 1_000_000):
        page = await list_documents(reading, context, listing, size=100, count=known)
        assert {header.number for header in page.headers} == expected


async def test_search_sees_new_texts_and_forgets_old_ones(mill, reading):
    mill.publish_one(make_publication(mill.sol, make_body(description="Old words")))
    mill.publish_one(make_publication(mill.sol, make_body(description="New words")))

    context = mill.context()

    for typed, found in (("old", 0), ("new", 1)):
        listing = invoices(search=parse_search(typed))
        assert await count_documents(reading, context, listing) == found


async def test_nobody_sees_more_than_their_own_issued_documents(mill, stock, reading):
    everything = mill.rows(
        DocumentRow.__table__.select().with_only_columns(
            DocumentRow.id, DocumentRow.contact_id, DocumentRow.status
        )
    )
    shared = next(key for key, contact, status in everything if contact == mill.sol)
    readers = {
        "own": (mill.context(), lambda key, contact: contact == mill.sol),
        "luna": (mill.context(mill.luna), lambda key, contact: contact == mill.luna),
        "stranger": (mill.context(mill.stranger, business_id=mill.other), lambda *_: False),
        "forged": (mill.context(mill.sol, business_id=mill.other), lambda *_: False),
        "link": (
            mill.context(kind=SessionKind.SHARE, person_id=None, document_id=shared),
            lambda key, contact: key == shared,
        ),
    }

    for context, may_see in readers.values():
        for key, contact, status in everything:
            if may_see(key, contact) and status != "draft":
                assert (await get_document(reading, context, key)).document.id == key
            else:
                with pytest.raises(NotFoundError):
                    await get_document(reading, context, key)
        page = await list_documents(reading, context, invoices(), size=100)
        assert all(may_see(header.id, header.contact_id) for header in page.headers)


KNOWN = "01a20c2d-8424-7dc9-a7ef-57c10e688ae6"


@pytest.mark.parametrize("document_id", ["", "x", "..", KNOWN.upper(), f"{KNOWN} "])
async def test_an_id_has_one_spelling(mill, reading, document_id):
    with pytest.raises(NotFoundError):
        await get_document(reading, mill.context(), document_id)


async def test_what_plugins_restrict_is_nowhere_to_be_seen(mill, stock, reading):
    row = DocumentRow.__table__.c
    restrictions = Restrictions(
        hidden=frozenset({"quote"}), conditions={"invoice": (row.total > 300,)}
    )
    context = mill.context()
    whole = mill.rows(
        DocumentRow.__table__.select()
        .with_only_columns(row.number, row.id, row.total, row.kind)
        .where(row.contact_id == mill.sol, row.listing == "invoice")
    )
    allowed = {number for number, _, total, kind in whole if kind != "invoice" or total > 300}

    page = await list_documents(reading, context, invoices(), restrictions=restrictions, size=100)
    count = await count_documents(
        reading, context, invoices(first=date(2026, 1, 1)), restrictions=restrictions
    )
    counts = await read_counts(reading, context, restrictions, mill.kinds)

    assert {header.number for header in page.headers} == allowed
    assert count == sum(each.count for each in counts) == len(allowed)
    for number, document_id, _, _ in whole:
        if number not in allowed:
            with pytest.raises(NotFoundError):
                await get_document(reading, context, document_id, restrictions=restrictions)


async def test_live_counts_are_the_kept_ones(mill, stock, reading):
    context = mill.context()
    always = DocumentRow.__table__.c.total != 1
    kept = await read_counts(reading, context, UNRESTRICTED, mill.kinds)
    reading.info.clear()

    live = await read_counts(
        reading, context, Restrictions(conditions={"invoice": (always,)}), mill.kinds
    )

    assert sorted(kept, key=repr) == sorted(live, key=repr)
    (aging,) = aging_sums(kept, mill.kinds, main=context.currency)
    assert aging.overdue > 0
    assert aging.soon > 0
    assert aging.later > 0


async def test_an_expired_quote_is_told_from_a_pending_one(mill, reading):
    mill.publish(
        *(
            make_publication(
                mill.sol, make_body("quote", f"Q-{days}", valid_until=TODAY + timedelta(days=days))
            )
            for days in (-1, 0, 1)
        )
    )
    listing = Listing(name="quote", kinds=("quote",))
    found = {}
    for name in ("pending", "expired"):
        branches = branches_of(Filter(name="", label="", statuses=frozenset({name})), (QUOTE,))
        page = await list_documents(
            reading,
            mill.context(),
            Listing(name="quote", kinds=("quote",), branches=branches),
        )
        found[name] = {header.number for header in page.headers}

    assert found == {"pending": {"Q-0", "Q-1"}, "expired": {"Q--1"}}
    assert await count_documents(reading, mill.context(), listing) == 3


async def test_today_is_the_business_day(mill, reading):
    mill.publish_one(make_publication(mill.sol, make_body(due_on=TODAY)))
    branches = shown_statuses({"overdue"})
    late_evening = NOW.replace(hour=22, minute=59)
    past_midnight = NOW.replace(hour=23, minute=1)

    counts = []
    for now in (late_evening, past_midnight):
        page = await list_documents(reading, mill.context(now=now), invoices(branches=branches))
        counts.append(len(page.headers))

    assert counts == [0, 1]


async def test_neighbours_are_those_of_the_list(mill, stock, reading):
    context = mill.context()
    for changes in (
        {},
        {"sort": "total", "is_descending": False},
        {"branches": shown_statuses({"pending"})},
    ):
        listing = invoices(**changes)
        page = await list_documents(reading, context, listing, size=100)
        ids = [header.id for header in page.headers]
        for position in (0, 5, len(ids) - 1):
            found = await get_document(reading, context, ids[position])
            before, after = await find_neighbours(reading, context, listing, found.keys)
            assert (before.id if before else None) == (ids[position - 1] if position else None)
            assert (after.id if after else None) == (
                ids[position + 1] if position + 1 < len(ids) else None
            )


async def test_a_document_comes_with_files_history_and_links(mill, reading):
    order = make_publication(
        mill.sol,
        make_body(
            "sales_order",
            "O-1",
            references=(ReferenceStated(relation=Relation.ORDER_OF_QUOTE, number="Q-1"),),
        ),
        files=(
            FileInput(
                role=AttachmentRole.SUPPORTING,
                filename="plan.pdf",
                media_type="application/pdf",
                content=b"%PDF",
            ),
        ),
    )
    draft, stored = mill.publish(
        make_publication(mill.sol, make_body("quote", "Q-1"), status="draft"), order
    )
    context = mill.context()
    document = (await get_document(reading, context, stored.id)).document

    (file,) = await list_attachments(reading, document.header)
    (linked,) = await list_linked(reading, context, document.id)
    (entry,) = await list_history(reading, document.header, ["document.published"])

    assert (file.filename, file.size) == ("plan.pdf", 4)
    assert await get_attachment(reading, document.header, file.id) == file
    assert (linked.number, linked.id, linked.is_outgoing) == ("Q-1", None, True)
    assert entry.data["version"] == 1
    with pytest.raises(NotFoundError):
        await get_attachment(reading, document.header, draft.id)


@pytest.mark.parametrize("text", ["", "x", "%%%", "a" * 3_000, "WyJhIiwiZGF0ZSIsW11d", "é"])
def test_a_forged_cursor_is_refused(text):
    with pytest.raises(InputRefusedError):
        read_cursor(text, sort="-date", types=sort_types("issued_on"))


def test_a_cursor_belongs_to_one_order():
    written = write_cursor(Cursor("a", "-date", (date(2026, 1, 2), "f-1", "id")))

    assert read_cursor(written, sort="-date", types=(date, str, str)).keys[0] == date(2026, 1, 2)
    with pytest.raises(InputRefusedError):
        read_cursor(written, sort="date", types=(date, str, str))


async def test_each_question_is_one_statement_whatever_the_size(mill, stock, reading, engine):
    context = mill.context()
    statements = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda *call: statements.append(call[2])
    )
    await reading.connection()

    def taken():
        number = len([each for each in statements if not each.startswith("BEGIN")])
        statements.clear()
        return number

    for listing in (
        invoices(),
        invoices(branches=shown_statuses({"overdue", "paid"})),
        invoices(search=parse_search("oil")),
    ):
        taken()
        await list_documents(reading, context, listing, size=100)
        assert taken() == 1
        await count_documents(reading, context, listing)
        assert taken() == 1
    await read_counts(reading, context, UNRESTRICTED, mill.kinds)
    await read_counts(reading, context, UNRESTRICTED, mill.kinds)
    assert taken() == 1
