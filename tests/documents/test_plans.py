"""Every question of a list is answered by an index: a scan would grow with all documents."""

import re
from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest
from portalkit_sales.kinds import CREDIT_NOTE, INVOICE
from sqlalchemy import event

from portalkit.documents.cursors import Cursor
from portalkit.documents.filters import branches_of
from portalkit.documents.listing import SORTS, Listing
from portalkit.documents.queries import count_documents, list_documents
from portalkit.documents.search import parse_search
from portalkit.testing.factories import make_body, make_line, make_publication

FILTERS = {each.name: branches_of(each, (INVOICE, CREDIT_NOTE)) for each in INVOICE.filters}
INDEX_OF = {
    "issued_on": "ix_portalkit_document_date",
    "kind": "ix_portalkit_document_kind",
    "number": "ix_portalkit_document_number",
    "description": "ix_portalkit_document_description",
    "status": "ix_portalkit_document_status",
    "total": "ix_portalkit_document_total",
}


@pytest.fixture
async def plan_of(mill, engine, reading):
    """Publish some hundred documents, and explain the last statement that ran."""
    mill.publish(
        *(
            make_publication(
                mill.sol,
                make_body(
                    number=f"F-{number}",
                    issued_on=date(2000 + number % 26, 1 + number % 12, 1 + number % 28),
                    description=f"Pedido {number * 7919 % 1000}",
                    lines=(make_line(net_price=Decimal(number % 90 + 1)),),
                ),
            )
            for number in range(600)
        )
    )
    ran = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: ran.append(call[2:4]))
    if engine.dialect.name == "postgresql":
        # What an earlier test has left of its rows in the indexes would count in the costs.
        with mill.engine.connect() as plain:
            plain.execution_options(isolation_level="AUTOCOMMIT")
            plain.exec_driver_sql("VACUUM (FULL, ANALYZE) portalkit_document")
    connection = await reading.connection()
    if connection.dialect.name == "postgresql":
        # What a planner does with six hundred rows says little about a million.
        await connection.exec_driver_sql("SET enable_seqscan = off")
        await connection.exec_driver_sql("SET enable_bitmapscan = off")

    async def plan_of():
        statement, parameters = ran[-1]
        prefix = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
        rows = await connection.exec_driver_sql(prefix + statement, parameters)
        return "\n".join(str(row[-1]) for row in rows)

    yield plan_of
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql("RESET ALL")


def is_sorting(plan):
    return "TEMP B-TREE FOR ORDER BY" in plan or "Sort" in plan


def is_scanning(plan):
    return re.search(r"(SCAN|Seq Scan on) portalkit_document( |$)", plan, re.MULTILINE) is not None


async def test_an_order_is_an_index(mill, reading, plan_of):
    context = mill.context()
    for sort, index in INDEX_OF.items():
        listing = Listing(name="invoice", kinds=("invoice",), sort=sort)
        page = await list_documents(reading, context, listing, size=25)
        first = await plan_of()
        cursor = Cursor("a", "x", page.keys[-1])
        await list_documents(reading, context, listing, size=25, cursor=cursor)
        second = await plan_of()

        for plan in (first, second):
            assert index in plan, (sort, plan)
            assert not is_sorting(plan), (sort, plan)
    assert set(INDEX_OF) == set(SORTS)


@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_has_an_index_in_the_order_of_days(mill, reading, plan_of, name):
    listing = Listing(name="invoice", kinds=("invoice", "credit_note"), branches=FILTERS[name])

    await list_documents(reading, mill.context(), listing, size=25)

    plan = await plan_of()
    index = "document_kind" if name == "credit-notes" else "document_filter"
    assert f"ix_portalkit_{index}" in plan, plan
    assert not is_scanning(plan), plan


async def test_days_are_a_stretch_of_an_index(mill, reading, plan_of):
    context = mill.context()
    listing = Listing(
        name="invoice", kinds=("invoice",), first=date(2010, 1, 1), last=date(2010, 12, 31)
    )

    await list_documents(reading, context, listing, size=25)
    rows = await plan_of()
    await count_documents(reading, context, listing)
    counting = await plan_of()

    for plan in (rows, counting):
        assert "ix_portalkit_document_date" in plan, plan
        assert not is_sorting(plan), plan
    assert "COVERING INDEX" in counting or "Index Only Scan" in counting, counting


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_word_is_found_by_the_index_of_texts(mill, reading, plan_of):
    listing = Listing(name="invoice", kinds=("invoice",), search=parse_search("pedido 77"))

    await list_documents(reading, mill.context(), listing, size=25, count=3)
    found = await plan_of()
    await list_documents(reading, mill.context(), listing, size=25, count=1_001)
    walked = await plan_of()

    assert "portalkit_document_search VIRTUAL TABLE INDEX" in found, found
    assert not is_scanning(found), found
    assert "ix_portalkit_document_date" in walked, walked
    assert not is_sorting(walked), walked


def test_what_is_here_already_is_found_by_its_identity_and_not_among_all_of_its_day(mill):
    day = [make_publication(mill.sol, make_body(number=f"F-{number}")) for number in range(2_000)]
    plans = []

    def explain(connection, cursor, statement, parameters, *rest):
        if "type_code" in statement and statement.startswith("SELECT"):
            is_sqlite = connection.dialect.name == "sqlite"
            prefix = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
            # As it is planned now: in the middle of filling the table, without statistics.
            with closing(connection.connection.cursor()) as beside:
                beside.execute(prefix + statement, parameters)
                plans.append("\n".join(str(row[-1]) for row in beside.fetchall()))

    event.listen(mill.engine, "after_cursor_execute", explain)
    mill.publish(*day)
    event.remove(mill.engine, "after_cursor_execute", explain)

    # While the table is empty any index will do.
    assert len(plans) > 2
    for plan in plans[1:]:
        assert "ix_portalkit_document_business" not in plan, plan
        assert not is_scanning(plan), plan
