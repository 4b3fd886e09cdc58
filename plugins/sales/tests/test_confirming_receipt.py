"""A contact confirms that a delivery has arrived: once, with a note, and everybody can read it."""

import asyncio
from html import unescape

import pytest
from sqlalchemy import select

from portalkit.audit import Event
from portalkit.documents.models import DocumentCount, DocumentRow
from portalkit.testing.factories import make_body, make_publication

NOTE = "Falta <una> caja de la línea 2"


@pytest.fixture
async def path(mill):
    """Where a delivery note lies that was shipped."""
    body = make_body("delivery_note", "A-1", due_on=None)
    ids = await mill.publish(make_publication(mill.contacts["ana"], body, status="shipped"))
    return f"/sales/delivery-notes/{ids['A-1']}"


async def confirm(client, path, note=""):
    return await client.submit(f"{path}/actions/confirm-receipt", {"note": note}, page=path)


async def transitions(app):
    async with app.portal.reading() as session:
        found = await session.scalars(
            select(Event.data).where(Event.name == "document.transitioned").order_by(Event.id)
        )
        return [(data["source"], data["target"], data.get("note")) for data in found]


async def test_who_receives_confirms_with_a_note_that_the_history_keeps(app, mill, path):
    ana, alba = await mill.visitor("ana"), await mill.visitor("alba")

    page = await ana.get(path)
    answer = await confirm(ana, path, NOTE)
    after = await ana.get(path)
    others = await alba.get(path)

    assert "Confirmar recepción" in page.text
    assert answer.status_code == 303
    assert answer.headers["location"] == path
    assert "Gracias" in after.text
    assert "Confirmar recepción" not in after.text
    assert "Ahora: Entregado, por ti" in after.text
    assert "Ahora: Entregado, por Ana" in others.text
    for history in (after, others):
        assert f"<q>{NOTE}</q>" not in history.text
        assert f"<q>{NOTE}</q>" in unescape(history.text)
    assert await transitions(app) == [("shipped", "delivered", NOTE)]
    async with app.portal.reading() as session:
        counted = await session.scalars(select(DocumentCount.status))
        assert set(counted) == {"delivered"}


async def test_staff_read_the_note_too(mill, path):
    ana, carmen = await mill.visitor("ana"), await mill.visitor("carmen")
    await confirm(ana, path, "All there")

    page = await carmen.get(f"/backoffice/documents/{path.rpartition('/')[2]}")

    assert "<q>All there</q>" in page.text
    assert "por Ana" in page.text


async def test_the_second_tab_reads_what_happened(app, mill, path):
    ana = await mill.visitor("ana")
    await confirm(ana, path, "first")

    late = await confirm(ana, path, "second")

    assert late.status_code == 409
    assert "ya está «Entregado»" in late.text
    assert "<q>first</q>" in late.text
    assert "second" not in late.text
    assert await transitions(app) == [("shipped", "delivered", "first")]


async def test_of_many_at_once_exactly_one_wins(app, mill, path):
    tabs = [await mill.visitor("ana") for _ in range(4)]

    answers = await asyncio.gather(
        *(confirm(tab, path, f"tab {number}") for number, tab in enumerate(tabs))
    )

    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    ((source, target, note),) = await transitions(app)
    assert (source, target) == ("shipped", "delivered")
    for answer in answers:
        if answer.status_code == 409:
            assert f"<q>{note}</q>" in answer.text


async def test_a_reader_may_not_confirm_and_a_stranger_finds_nothing(app, mill, path):
    alba, ben = await mill.visitor("alba"), await mill.visitor("ben")

    page = await alba.get(path)
    answers = [
        await alba.submit(f"{path}/actions/confirm-receipt", {"note": ""}, page="/home"),
        await ben.submit(f"{path}/actions/confirm-receipt", {"note": ""}, page="/home"),
    ]

    assert "Confirmar recepción" not in page.text
    assert [answer.status_code for answer in answers] == [404, 404]
    assert await transitions(app) == []


@pytest.mark.parametrize("status", ["pending", "delivered"])
async def test_only_what_was_shipped_can_be_confirmed(app, mill, status):
    ana = await mill.visitor("ana")
    body = make_body("delivery_note", "A-2", due_on=None)
    ids = await mill.publish(make_publication(mill.contacts["ana"], body, status=status))
    path = f"/sales/delivery-notes/{ids['A-2']}"

    page = await ana.get(path)
    answer = await ana.submit(f"{path}/actions/confirm-receipt", {"note": ""}, page="/home")

    assert "actions/confirm-receipt" not in page.text
    assert answer.status_code == 409
    async with app.portal.reading() as session:
        assert await session.scalar(select(DocumentRow.status)) == status


async def test_a_note_that_is_too_long_comes_back_as_it_was_typed(app, mill, path):
    ana = await mill.visitor("ana")
    note = "palabra " * 100

    answer = await confirm(ana, path, note)

    assert answer.status_code == 422
    assert note.strip() in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert await transitions(app) == []


async def test_an_unknown_field_is_refused(app, mill, path):
    ana = await mill.visitor("ana")

    answer = await ana.submit(
        f"{path}/actions/confirm-receipt", {"note": "", "status": "paid"}, page=path
    )

    assert answer.status_code == 422
    assert await transitions(app) == []
